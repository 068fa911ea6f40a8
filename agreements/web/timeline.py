"""The timeline on an agreement's page: its own dates and the recorded events in one list, oldest first.

Steps after the chosen day are marked, and steps on an unknown date come last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import EventKind
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
_BEFORE_SIGNATURE = frozenset(
    {EventKind.DISCUSSED, EventKind.NEGOTIATION_ROUND, EventKind.INITIALLED}
)


def timeline(agreement: Agreement, events: Iterable[Event], day: date) -> list[Step]:
    """Return the agreement's own dates and these events, oldest first, unknown dates last; no query."""
    own = {fact: getattr(agreement, fact) for fact in _OWN_DATES if getattr(agreement, fact)}
    steps = []
    for event in events:
        told = [f for f in own if event.kind == _OWN_DATES[f].event and event.date == own[f]]
        fact = told[0] if told else None
        steps.append(Step(event.get_kind_display(), event.date, day, fact, event))
    told_by_event = {step.fact for step in steps}
    steps += [
        Step(_OWN_DATES[fact].label, when, day, fact)
        for fact, when in own.items()
        if fact not in told_by_event
    ]
    return sorted(steps, key=_order)


def _order(step: Step) -> tuple[date, date, int]:
    rank = _OWN_DATES[step.fact].rank if step.fact else 3
    if step.fact is None and step.event and step.event.kind in _BEFORE_SIGNATURE:
        rank = 0
    if step.when is None:
        return OPEN_END, OPEN_END, rank
    return step.when.earliest, step.when.latest, rank
