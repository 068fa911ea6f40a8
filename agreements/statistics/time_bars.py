"""Time bars: agreements as lines from start to end on a common scale of years, laid out for drawing.

The pages of parties and areas draw them. No line is more exact than its dates: each part is either certain or only
possible, a line fades where its start or end is unknown, and the words next to it say the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from statistics import median_low

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements.domain.choices import PeriodKind, Stage, Status, TermKind
from agreements.domain.lifecycle import first_ending, periods_of
from agreements.domain.partial_dates import OPEN_END, OPEN_START, PartialDate, in_words
from agreements.models import Agreement

MOST_LINES = 15
# before the median start, and after the day
MOST_YEARS = 60
MOST_YEARS_AHEAD = 20
MOST_TICKS = 6
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)

# In per cent of the width: the scale, where lines beyond it end, and the smallest visible width.
SCALE_FROM, SCALE_TO = 5.0, 93.0
BEFORE, AFTER = 2.0, 98.0
THINNEST = 0.8

CERTAIN, POSSIBLE, RISING, FADING = "certain", "possible", "rising", "fading"

Spell = tuple[str, date, date]


@dataclass(frozen=True)
class Tick:
    label: str
    x: str


@dataclass(frozen=True)
class Piece:
    """A part of a line, in per cent of the width: certain, possible, rising from the unknown or fading into it."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True)
class TimeBar:
    """One agreement: its status, its line (no pieces if no date is known), and what the line shows in words.

    An arrow on one side means that the agreement continues beyond the scale.
    """

    agreement: Agreement
    status: Status
    words: list[str]
    pieces: list[Piece]
    arrow_left: bool = False
    arrow_right: bool = False


@dataclass(frozen=True)
class Scale:
    """Whole years, from `first` to the day after the last year."""

    first: date
    last: date

    @classmethod
    def around(cls, lives: "list[_Life]", day: date) -> "Scale":
        """Return a scale that includes `day`, where each life starts and, as a rule, where it ends.

        It begins at most 60 years before the median start, and ends at most 20 years after `day`: one treaty of 1850, or
        an end in 2998, must not squeeze all the others into a corner.
        """
        known = [known for life in lives for known in life.days] + [day]
        middle = median_low([life.days[0] for life in lives if life.days] or [day])
        last = max(day.year, min(max(known).year, day.year + MOST_YEARS_AHEAD))
        first = max(min(known).year, min(middle, day).year - MOST_YEARS)
        return cls(date(first, 1, 1), date(last + 1, 1, 1))

    def position(self, day: date) -> float:
        if day < self.first:
            return BEFORE
        if day > self.last:
            return AFTER
        share = (day - self.first).days / (self.last - self.first).days
        return SCALE_FROM + share * (SCALE_TO - SCALE_FROM)

    @property
    def ticks(self) -> list[Tick]:
        years = range(self.first.year, self.last.year + 1)
        step = next(step for step in STEPS if len(years) // step < MOST_TICKS)
        return [
            Tick(str(year), _per_cent(self.position(date(year, 1, 1))))
            for year in years
            if year % step == 0
        ]


@dataclass(frozen=True)
class TimeBars:
    """The lines of some agreements on a common scale, as seen on `day`."""

    lines: list[TimeBar]
    scale: Scale
    day: date

    @classmethod
    def drawn(
        cls, agreements: Iterable[Agreement], day: date, today: date | None = None
    ) -> "TimeBars":
        """Lay out these agreements, whose periods are fetched, in the order given; no query.

        `today` is the register's calendar day if not given.
        """
        lives = [_Life.of(agreement, day) for agreement in agreements]
        scale = Scale.around(lives, day)
        return cls([_line(life, scale, day, today) for life in lives], scale, day)

    @property
    def has_dates(self) -> bool:
        return any(line.pieces for line in self.lines)

    @property
    def day_x(self) -> str:
        """The position of the day."""
        return _per_cent(self.scale.position(self.day))

    @property
    def day_anchor(self) -> str:
        """The SVG text-anchor that keeps the day's label inside the picture."""
        x = self.scale.position(self.day)
        return "start" if x < 20 else "end" if x > 80 else "middle"


@dataclass(frozen=True)
class _Life:
    """An agreement's start and end, as far as known. If it goes on without a known end, it lasts at least until `known_to`.

    It `lasts` if it is meant to have no end, or to renew itself.
    """

    agreement: Agreement
    start: PartialDate | None
    end: PartialDate | None
    known_to: date | None
    lasts: bool

    @classmethod
    def of(cls, agreement: Agreement, day: date) -> "_Life":
        starts = [start for start in (agreement.signed, agreement.in_force) if start]
        _status, end = _ending(agreement) or (None, None)
        goes_on = bool(starts) and end is None and agreement.stage == Stage.CONCLUDED
        lasts = goes_on and agreement.term_kind in (TermKind.INDEFINITE, TermKind.AUTOMATIC_RENEWAL)
        is_known_to_last = lasts or (goes_on and agreement.standing(day).status == Status.IN_FORCE)
        known_to = day if is_known_to_last else None
        return cls(agreement, min(starts, default=None), end, known_to, lasts)

    @property
    def days(self) -> list[date]:
        """The days that a scale must include: those of the start first, then those of the end."""
        dates = [known for known in (self.start, self.end) if known]
        days = [day for known in dates for day in (known.earliest, known.latest)]
        return [day for day in days if day not in (OPEN_START, OPEN_END)]

    @property
    def start_days(self) -> tuple[date, date]:
        """The first and last possible day of the start; an unknown start may be any day before the end."""
        if self.start:
            return self.start.earliest, self.start.latest
        return OPEN_START, self.end.earliest if self.end else OPEN_START

    @property
    def end_days(self) -> tuple[date, date]:
        """The first and last possible day of the end; an unknown end may be any day after the start."""
        if self.end:
            return self.end.earliest, self.end.latest
        return self.known_to or self.start_days[1], OPEN_END

    @property
    def spells(self) -> Iterator[Spell]:
        """The parts of the life with their first and last days; parts may be empty. Nothing if no date is known."""
        if not (self.start or self.end):
            return
        (a, b), (c, d) = self.start_days, self.end_days
        if d < a:  # the dates contradict each other
            yield POSSIBLE, d, a
        elif c < b:
            yield self._uncertain(a, d)
        else:
            yield self._uncertain(a, b)
            yield CERTAIN, b, c
            yield self._uncertain(c, d)

    def _uncertain(self, since: date, until: date) -> Spell:
        no_start = since == OPEN_START
        no_end = until == OPEN_END and not self.lasts
        kind = POSSIBLE if no_start == no_end else RISING if no_start else FADING
        return kind, since, until


def _ending(agreement: Agreement) -> tuple[Status, PartialDate] | None:
    """Return what ends it first, with the date as recorded; None if no end is known."""
    status, latest = first_ending(agreement) or (None, OPEN_END)
    match status:
        case Status.TERMINATED if agreement.terminated:
            return status, agreement.terminated
        case Status.EXPIRED if agreement.expires:
            return status, agreement.expires
        case Status.SUPERSEDED:
            return status, PartialDate.from_date(latest)
    return None


def _line(life: _Life, scale: Scale, day: date, today: date | None) -> TimeBar:
    drawn = [(kind, scale.position(a), scale.position(b)) for kind, a, b in life.spells]
    # If all parts are empty or beyond the scale, draw one of them anyway: the certain part, which is second.
    seen = [piece for piece in drawn if piece[1] < piece[2]] or drawn[1:2] or drawn[:1]
    since, until = life.start_days[0], life.end_days[1]
    return TimeBar(
        life.agreement,
        life.agreement.standing(day, today).status,
        [
            *_start_in_words(life.agreement),
            *_periods_in_words(life.agreement),
            *_end_in_words(life.agreement),
        ],
        [Piece(kind, _per_cent(a), _per_cent(max(b - a, THINNEST))) for kind, a, b in seen],
        arrow_left=bool(drawn) and (OPEN_START < since < scale.first or until < scale.first),
        arrow_right=bool(drawn)
        and (life.lasts or scale.last < until < OPEN_END or since > scale.last),
    )


def _per_cent(share: float) -> str:
    return f"{share:.2f}%"


def _start_in_words(agreement: Agreement) -> Iterator[str]:
    if agreement.signed:
        yield _("signed %(date)s") % {"date": in_words(agreement.signed)}
    elif agreement.stage != Stage.CONCLUDED:
        yield _("not signed")
    elif not agreement.in_force:
        yield _("date of signature unknown")
    if agreement.in_force and agreement.in_force != agreement.signed:
        yield _("in force from %(date)s") % {"date": in_words(agreement.in_force)}


# In words beside the line, which does not show when an agreement was suspended or not yet in force.
_PERIODS = {
    PeriodKind.SUSPENSION: (
        _lazy("suspended from %(first)s"),
        _lazy("suspended from %(first)s to %(last)s"),
    ),
    PeriodKind.PROVISIONAL_APPLICATION: (
        _lazy("provisionally applied from %(first)s"),
        _lazy("provisionally applied from %(first)s to %(last)s"),
    ),
}


def _periods_in_words(agreement: Agreement) -> Iterator[str]:
    for period in periods_of(agreement, *_PERIODS):
        if period.first:
            pattern = str(_PERIODS[PeriodKind(period.kind)][bool(period.last)])
            last = in_words(period.last) if period.last else ""
            yield pattern % {"first": in_words(period.first), "last": last}


def _end_in_words(agreement: Agreement) -> Iterator[str]:
    if ending := _ending(agreement):
        status, end = ending
        sentence = {
            Status.TERMINATED: _("terminated %(date)s"),
            Status.SUPERSEDED: _("superseded %(date)s"),
            Status.EXPIRED: _("term ends %(date)s"),
        }[status]
        yield sentence % {"date": in_words(end)}
    elif agreement.stage != Stage.CONCLUDED:
        return
    elif agreement.term_kind == TermKind.AUTOMATIC_RENEWAL:
        yield _("renews automatically")
    elif agreement.term_kind == TermKind.INDEFINITE:
        yield _("no set end")
    else:
        yield _("end unknown")
