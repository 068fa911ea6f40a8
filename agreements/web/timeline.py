"""The timeline of an agreement: its own dates and the recorded events as one list, in the order they happened.

The agreement's page shows it. Steps after the chosen day are marked, and steps on an unknown date come last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from agreements.domain.choices import EventKind
from agreements.domain.partial_dates import OPEN_END, PartialDate
from agreements.models import Agreement, Event


@dataclass(frozen=True)
class Step:
    """One entry of the timeline: an event, one of the agreement's own dates, or both.

    For one of the agreement's own dates, `fact` names the fact whose evidence supports it.
    """

    label: str
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


# Two steps on the same date are listed in the order they come in the life of an agreement.
_BEFORE_SIGNATURE = frozenset(
    {EventKind.DISCUSSED, EventKind.NEGOTIATION_ROUND, EventKind.INITIALLED}
)
_ENDS = frozenset({"expires", "terminated"})

# An event of this kind on the same date says the same as the agreement's own date.
_SAME_AS = {"in_force": EventKind.ENTERED_INTO_FORCE, "terminated": EventKind.TERMINATED}


def timeline(agreement: Agreement, events: Iterable[Event], day: date) -> list[Step]:
    """Return the agreement's own dates and these events, oldest first, unknown dates last; no query."""
    events = list(events)
    own = dict(_own_dates(agreement))
    told_by_event = {
        event.pk: fact
        for event in events
        for fact, kind in _SAME_AS.items()
        if event.kind == kind and fact in own and own[fact] == event.date
    }
    steps = [
        Step(event.get_kind_display(), event.date, day, told_by_event.get(event.pk), event)
        for event in events
    ]
    steps += [
        Step(_label(fact), own[fact], day, fact)
        for fact in own
        if fact not in told_by_event.values()
    ]
    return sorted(steps, key=_order)


def _own_dates(agreement: Agreement) -> Iterable[tuple[str, PartialDate]]:
    dates = {
        "signed": agreement.signed,
        "in_force": agreement.in_force,
        "expires": agreement.expires,
        "terminated": agreement.terminated,
    }
    return ((fact, value) for fact, value in dates.items() if value is not None)


def _label(fact: str) -> str:
    return {
        "signed": _("Signed"),
        "in_force": _("Entered into force"),
        "expires": _("End of term"),
        "terminated": _("Terminated"),
    }[fact]


def _order(step: Step) -> tuple[date, date, int]:
    if step.when is None:
        return OPEN_END, OPEN_END, _rank(step)
    return step.when.earliest, step.when.latest, _rank(step)


def _rank(step: Step) -> int:
    if step.fact in _ENDS:
        return 4
    if step.fact == "signed":
        return 1
    if step.event is not None and step.event.kind in _BEFORE_SIGNATURE:
        return 0
    return 2 if step.fact == "in_force" else 3
