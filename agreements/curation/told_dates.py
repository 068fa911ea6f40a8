"""Dates that the timeline tells: events without a party that say what a field or a period of the agreement should say.

An event “Entered into force” without a party is the entry into force of the agreement itself. If the field is empty,
one click fills it; if it says otherwise, the quality checks report that the two disagree. So it is with the first and
last day of a suspension. A renewal without a period that carries the agreement on is reported only: its end is not told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import EventKind, PeriodKind, TermKind
from agreements.domain.declarations import Text
from agreements.domain.lifecycle import PROLONGING
from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement, Event, Period
from agreements.models.work_querysets import DATED_BY_EVENTS, DATING_PERIODS

SUSPENSION = "suspension"
RESUMPTION = "resumption"
RENEWAL = "renewal"
_LABELS: dict[str, Text] = {
    SUSPENSION: PeriodKind.SUSPENSION.label,
    RESUMPTION: _("Last day of the suspension"),
    RENEWAL: PeriodKind.RENEWAL.label,
}


@dataclass(frozen=True)
class Told:
    """What events of one kind say about a field: `missing` fills it, `contrary` are the dates that disagree with it.

    For a suspension, the field is the first or the last day of a period. `stated` is what it says now. `events` are
    the dates of the events that the facts do not say.
    """

    name: str
    kind: EventKind
    stated: PartialDate | None
    missing: PartialDate | None = None
    contrary: tuple[PartialDate, ...] = ()
    events: tuple[PartialDate, ...] = ()

    @property
    def label(self) -> Text:
        if self.name in _LABELS:
            return _LABELS[self.name]
        label: Text = Agreement._meta.get_field(self.name).verbose_name  # type: ignore[union-attr]
        return label


def told_dates(agreement: Agreement) -> list[Told]:
    """Return what the timeline says about the agreement's own dates, where these lack it or say otherwise.

    Two queries at most. Dates disagree if no day is possible for both.
    """
    events = list(agreement.events.filter(party=None, kind__in=[*DATED_BY_EVENTS, *DATING_PERIODS]))
    periods = agreement.periods.all() if any(e.kind in DATING_PERIODS for e in events) else ()
    return told_by(agreement, events, periods)


def told_by(agreement: Agreement, events: Iterable[Event], periods: Iterable[Period]) -> list[Told]:
    """Return the same as these events and periods have it; no query."""
    periods = list(periods)
    by_kind: dict[str, list[PartialDate]] = {}
    for event in events:
        if event.date and event.party_id is None:
            by_kind.setdefault(event.kind, []).append(event.date)
    found = [
        _compared(name, kind, getattr(agreement, name), by_kind[kind])
        for kind, name in DATED_BY_EVENTS.items()
        if kind in by_kind
    ]
    suspensions = [row for row in periods if row.kind == PeriodKind.SUSPENSION and row.first]
    found += _suspensions(suspensions, by_kind.get(EventKind.SUSPENDED, []))
    found += _resumptions(suspensions, by_kind.get(EventKind.RESUMED, []))
    found += _renewals(agreement, periods, by_kind.get(EventKind.RENEWED, []))
    return [told for told in found if told.missing or told.contrary]


def _compared(
    name: str, kind: EventKind, stated: PartialDate | None, dates: list[PartialDate]
) -> Told:
    """Compare the field with the events; several dates that exclude each other fill nothing."""
    if stated:
        contrary = tuple(_apart(stated, dates))
        return Told(name, kind, stated, contrary=contrary, events=contrary)
    exact = min(dates, key=lambda day: (day.latest - day.earliest, day.earliest))
    contrary, events = tuple(_apart(exact, dates)), tuple(dates)
    if contrary:
        return Told(name, kind, None, contrary=(exact, *contrary), events=events)
    return Told(name, kind, None, missing=exact, events=events)


def _suspensions(suspensions: list[Period], dates: list[PartialDate]) -> Iterator[Told]:
    """Compare the first days of suspensions; one that begins while another lasts contradicts that one's first day."""
    firsts = [row.first for row in suspensions if row.first]
    untold = [day for day in dates if all(_is_apart(day, first) for first in firsts)]
    for day in untold:
        during = next((row for row in suspensions if _lasts_on(row, day)), None)
        if during:
            yield Told(
                SUSPENSION, EventKind.SUSPENDED, during.first, contrary=(day,), events=(day,)
            )
    missing = [day for day in untold if not any(_lasts_on(row, day) for row in suspensions)]
    if missing:
        first = min(missing)
        yield Told(SUSPENSION, EventKind.SUSPENDED, None, missing=first, events=tuple(missing))


def _resumptions(suspensions: list[Period], dates: list[PartialDate]) -> Iterator[Told]:
    """Compare the last days of suspensions: the day before the resumption, or that day itself."""
    for day in sorted(dates):
        if any(row.last and _follows(day, row.last) for row in suspensions):
            continue
        lasting = [row for row in suspensions if _lasts_on(row, day)]
        if any(row.last is None for row in lasting):
            last = _last_day_before(day)
            yield Told(RESUMPTION, EventKind.RESUMED, None, missing=last, events=(day,))
            return
        before = [row for row in suspensions if row.first and row.first <= day]
        latest = max(before, key=lambda row: row.first or day, default=None)
        stated = latest.last if latest else None
        yield Told(RESUMPTION, EventKind.RESUMED, stated, contrary=(day,), events=(day,))


def _renewals(
    agreement: Agreement, periods: Iterable[Period], dates: list[PartialDate]
) -> Iterator[Told]:
    """Yield renewals of an agreement with an end, after which no renewal or extension carries it on."""
    if agreement.term_kind == TermKind.AUTOMATIC_RENEWAL or agreement.expires is None:
        return
    prolonging = [row for row in periods if row.kind in PROLONGING]
    untold = tuple(
        day
        for day in dates
        if all(row.last and row.last.latest < day.earliest for row in prolonging)
    )
    if untold:
        yield Told(RENEWAL, EventKind.RENEWED, None, contrary=untold, events=untold)


def _last_day_before(resumed: PartialDate) -> PartialDate:
    """Return the last day of what ended with a resumption: the day before, or the same month or year."""
    return resumed.plus_days(-1) if resumed.precision == "day" else resumed


def _follows(resumed: PartialDate, last: PartialDate) -> bool:
    """Whether the last day may be that of the resumption, or the day before."""
    is_before = last.latest.toordinal() < resumed.earliest.toordinal() - 1
    return not is_before and last.earliest <= resumed.latest


def _lasts_on(period: Period, day: PartialDate) -> bool:
    """Whether the day comes after the first day of the period, and not surely after its last."""
    return (
        period.first is not None
        and period.first.latest < day.earliest
        and (period.last is None or day.earliest <= period.last.latest)
    )


def _apart(one: PartialDate, others: Iterable[PartialDate]) -> Iterable[PartialDate]:
    """Yield those of the other dates with which this one has no possible day in common."""
    return (day for day in others if _is_apart(one, day))


def _is_apart(one: PartialDate, other: PartialDate) -> bool:
    return other.latest < one.earliest or one.latest < other.earliest


def fill(agreement: Agreement, name: str) -> Told | None:
    """Write what the timeline tells about this field, which lacks it; return it, None if it no longer does.

    Call it within `recorded`, with the agreement locked.
    """
    told = next((t for t in told_dates(agreement) if t.name == name and t.missing), None)
    if told is None:
        return None
    if told.name == SUSPENSION:
        Period.objects.create(agreement=agreement, kind=PeriodKind.SUSPENSION, first=told.missing)
    elif told.name == RESUMPTION:
        _end_suspension(agreement, told)
    else:
        setattr(agreement, told.name, told.missing)
        agreement.save()
    return told


def _end_suspension(agreement: Agreement, told: Told) -> None:
    """Give the suspension that the resumption ended its last day: the latest that began before it and has none."""
    lasting = agreement.periods.filter(kind=PeriodKind.SUSPENSION, last="")
    latest = [row for row in lasting if any(_lasts_on(row, day) for day in told.events)][-1]
    latest.last = told.missing
    latest.save()
