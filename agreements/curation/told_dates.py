"""Dates that the timeline tells: events without a party that say what a field of the agreement should say.

An event “Entered into force” without a party is the entry into force of the agreement itself. If the field is empty,
one click fills it; if it says otherwise, the quality checks report that the two disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agreements.domain.choices import EventKind, PeriodKind
from agreements.domain.declarations import Text
from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement, Period
from agreements.models.work_querysets import DATED_BY_EVENTS

SUSPENSION = "suspension"


@dataclass(frozen=True)
class Told:
    """What events of one kind say about a field: `missing` fills it, `contrary` are the dates that disagree with it.

    For a suspension, the field is the first day of a period. `stated` is what it says now.
    """

    name: str
    kind: EventKind
    stated: PartialDate | None
    missing: PartialDate | None = None
    contrary: tuple[PartialDate, ...] = ()

    @property
    def label(self) -> Text:
        if self.name == SUSPENSION:
            return PeriodKind.SUSPENSION.label
        label: Text = Agreement._meta.get_field(self.name).verbose_name  # type: ignore[union-attr]
        return label


def told_dates(agreement: Agreement) -> list[Told]:
    """Return what the timeline says about the agreement's own dates, where these lack it or say otherwise.

    Two queries at most. Dates disagree if no day is possible for both.
    """
    kinds = [*DATED_BY_EVENTS, EventKind.SUSPENDED]
    rows = agreement.events.filter(party=None, kind__in=kinds).exclude(date="")
    by_kind: dict[str, list[PartialDate]] = {}
    for event in rows:
        if event.date:
            by_kind.setdefault(event.kind, []).append(event.date)
    found = [
        _compared(name, kind, getattr(agreement, name), by_kind[kind])
        for kind, name in DATED_BY_EVENTS.items()
        if kind in by_kind
    ]
    if suspensions := by_kind.get(EventKind.SUSPENDED):
        found.append(_suspensions(agreement, suspensions))
    return [told for told in found if told.missing or told.contrary]


def _compared(
    name: str, kind: EventKind, stated: PartialDate | None, dates: list[PartialDate]
) -> Told:
    """Compare the field with the events; several dates that exclude each other fill nothing."""
    if stated:
        return Told(name, kind, stated, contrary=tuple(_apart(stated, dates)))
    exact = min(dates, key=lambda day: (day.latest - day.earliest, day.earliest))
    contrary = tuple(_apart(exact, dates))
    return Told(
        name, kind, None, None if contrary else exact, (exact, *contrary) if contrary else ()
    )


def _suspensions(agreement: Agreement, dates: list[PartialDate]) -> Told:
    rows = agreement.periods.filter(kind=PeriodKind.SUSPENSION)
    known = [row.first for row in rows if row.first]
    missing = [day for day in dates if all(list(_apart(day, [each])) for each in known)]
    return Told(SUSPENSION, EventKind.SUSPENDED, None, min(missing, default=None))


def _apart(one: PartialDate, others: Iterable[PartialDate]) -> Iterable[PartialDate]:
    """Yield those of the other dates with which this one has no possible day in common."""
    return (day for day in others if day.latest < one.earliest or one.latest < day.earliest)


def fill(agreement: Agreement, name: str) -> Told | None:
    """Write what the timeline tells about this field, which lacks it; return it, None if it no longer does.

    Call it within `recorded`, with the agreement locked.
    """
    told = next((t for t in told_dates(agreement) if t.name == name and t.missing), None)
    if told is None:
        return None
    if told.name == SUSPENSION:
        Period.objects.create(agreement=agreement, kind=PeriodKind.SUSPENSION, first=told.missing)
    else:
        setattr(agreement, told.name, told.missing)
        agreement.save()
    return told
