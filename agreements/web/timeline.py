"""The timeline on an agreement's page: its own dates and the recorded events in one list, oldest first.

Steps after the chosen day are marked, and steps on an unknown date come last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.curation.told_dates import told_by
from agreements.domain.choices import EventKind, PeriodKind
from agreements.domain.declarations import Text
from agreements.domain.partial_dates import OPEN_END, PartialDate
from agreements.models import Agreement, Event


@dataclass(frozen=True)
class Step:
    """One entry of the timeline: an event, one of the agreement's own dates, or both.

    For one of the agreement's own dates, `fact` names the fact whose evidence supports it.
    """

    label: Text
    when: PartialDate | None
    day: date
    fact: str | None = None
    event: Event | None = None
    # whether the facts and periods on the same page do not say what this event says
    is_untold: bool = False

    @property
    def is_ahead(self) -> bool:
        """Whether it had certainly not happened by the chosen day."""
        return self.when is not None and self.when.earliest > self.day

    @property
    def may_be_ahead(self) -> bool:
        """Whether it may or may not have happened by the chosen day."""
        return self.when is not None and self.when.earliest <= self.day < self.when.latest


class _OwnDate(NamedTuple):
    label: Text
    rank: int
    # an event of this kind on the same date is the same step
    event: EventKind | None = None


# Steps on the same date are sorted by rank, the order in which they come in the life of an agreement.
_OWN_DATES = {
    "signed": _OwnDate(_("Signed"), 1),
    "in_force": _OwnDate(_("Entered into force"), 2, EventKind.ENTERED_INTO_FORCE),
    "expires": _OwnDate(_("End of term"), 4),
    "terminated": _OwnDate(_("Terminated"), 4, EventKind.TERMINATED),
}
_END_OF_FIRST_TERM = _("End of the first term")
# The first and the last day of a period as steps, and the kind of event that tells of its beginning.
_OF_PERIODS: dict[str, tuple[Text, Text | None, EventKind | None]] = {
    PeriodKind.RENEWAL: (pgettext_lazy("period", "Renewed"), None, EventKind.RENEWED),
    PeriodKind.EXTENSION: (pgettext_lazy("period", "Extended"), None, EventKind.RENEWED),
    PeriodKind.SUSPENSION: (
        pgettext_lazy("period", "Suspended"),
        _("End of the suspension"),
        EventKind.SUSPENDED,
    ),
    PeriodKind.PROVISIONAL_APPLICATION: (
        _("Provisionally applied"),
        _("End of provisional application"),
        None,
    ),
}
_BEFORE_SIGNATURE = frozenset(
    {EventKind.DISCUSSED, EventKind.NEGOTIATION_ROUND, EventKind.HANDED_OVER, EventKind.INITIALLED}
)


def timeline(agreement: Agreement, events: Iterable[Event], day: date) -> list[Step]:
    """Return the agreement's own dates, its periods, which are fetched, and these events, oldest first, unknown dates
    last; no query. Events that the dates and periods contradict or lack are marked.
    """
    own = list(_own_steps(agreement, day))
    steps, events = [], list(events)
    untold = {
        (told.kind, when)
        for told in told_by(agreement, events, agreement.periods.all())
        for when in told.events
    }
    for event in events:
        told = next((s for s, kind in own if kind == event.kind and s.when == event.date), None)
        own = [each for each in own if told is None or each[0] is not told]
        fact = told.fact if told else None
        is_untold = event.party_id is None and (event.kind, event.date) in untold
        steps.append(Step(event.get_kind_display(), event.date, day, fact, event, is_untold))
    steps += [step for step, _kind in own]
    return sorted(steps, key=_order)


def _own_steps(agreement: Agreement, day: date) -> Iterator[tuple[Step, EventKind | None]]:
    """Yield the steps that fields and periods tell of, each with the kind of event that tells the same."""
    for fact, told in _OWN_DATES.items():
        if when := getattr(agreement, fact):
            yield Step(told.label, when, day, fact), told.event
    if agreement.term_end and _is_prolonged(agreement.term_end, agreement.expires):
        yield Step(_END_OF_FIRST_TERM, agreement.term_end, day, "expires"), None
    for period in agreement.periods.all():
        begun, over, kind = _OF_PERIODS[period.kind]
        if period.first:
            yield Step(begun, period.first, day, "periods"), kind
        if over and period.last:
            yield Step(over, period.last, day, "periods"), None


def _is_prolonged(first: PartialDate, end: PartialDate | None) -> bool:
    """Whether the first term ends before the agreement does; an extension may have brought the end forward instead."""
    return end is None or first < end


def _order(step: Step) -> tuple[date, date, int]:
    rank = _OWN_DATES[step.fact].rank if step.fact in _OWN_DATES else 3
    if step.fact is None and step.event and step.event.kind in _BEFORE_SIGNATURE:
        rank = 0
    if step.label == _END_OF_FIRST_TERM:
        rank = 2  # before the renewal that follows it
    if step.when is None:
        return OPEN_END, OPEN_END, rank
    return step.when.earliest, step.when.latest, rank
