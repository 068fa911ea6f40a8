"""A date that may be known only in part, as a value: a day, a month, a year, or an interval.

It is the subset of EDTF (ISO 8601-2:2019, levels 0 and 1) that a register of agreements needs. The
model field stores it, `reading` reads it from what people type, `words` shows it, and the rules of
the lifecycle compute with it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache, total_ordering
from typing import Literal

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

FIRST_YEAR = 1000
LAST_YEAR = 2999

# The outermost days of an interval that is open on that side.
OPEN_START = date.min
OPEN_END = date.max

_UNCERTAIN = "?"
_APPROXIMATE = "~"
_BOTH = "%"
_OPEN = ".."
_POINT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?([?~%]?)")
_LONGEST_QUOTE = 40


class PartialDateError(ValueError):
    """Not a partial date. The text tells the person who typed it why, and what to write instead."""


def quoted(text: str) -> str:
    """Return the text as a message can repeat it: printable, and at most 40 characters."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[:_LONGEST_QUOTE]}…"


def qualifier_of(*, uncertain: bool, approximate: bool) -> str:
    """Return the EDTF qualifier: `?`, `~`, `%` for both, or none."""
    if uncertain and approximate:
        return _BOTH
    return _UNCERTAIN * uncertain + _APPROXIMATE * approximate


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month if it is too short.

    `months` may be negative. `OPEN_START` and `OPEN_END` stay as they are. Raises
    `PartialDateError` outside the years 1 to 9999.
    """
    if day in (OPEN_START, OPEN_END):
        return day
    year, month = _month_later(day.year, day.month, months)
    if not MINYEAR <= year <= MAXYEAR:
        raise PartialDateError(_("The year %(year)d is outside the calendar.") % {"year": year})
    return date(year, month, min(day.day, _days_in(year, month)))


@dataclass(frozen=True, slots=True)
class Point:
    """A year, month or day with its qualifier: a simple date, or one side of an interval.

    Raises `PartialDateError` if it is not in the calendar.
    """

    year: int
    month: int | None = None
    day: int | None = None
    qualifier: str = ""

    def __post_init__(self) -> None:
        _check_year(self.year)
        if self.month is not None:
            _check_month(self.month)
            if self.day is not None:
                _check_day(self.year, self.month, self.day)

    def __str__(self) -> str:
        return self.bare + self.qualifier

    @property
    def bare(self) -> str:
        """Return the EDTF text without the qualifier: `2022`, `2022-05` or `2022-05-25`."""
        parts = [f"{self.year}", *(f"{part:02}" for part in (self.month, self.day) if part)]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or _days_in(self.year, month))

    @property
    def precision(self) -> Literal["day", "month", "year"]:
        if self.day:
            return "day"
        return "month" if self.month else "year"

    @property
    def is_uncertain(self) -> bool:
        return self.qualifier in (_UNCERTAIN, _BOTH)

    @property
    def is_approximate(self) -> bool:
        return self.qualifier in (_APPROXIMATE, _BOTH)

    def plus_months(self, months: int, *, month_of_year: int) -> "Point":
        """Return the point `months` later; a year moved by part of a year becomes a month.

        That is the month in which `month_of_year` ends up.
        """
        if self.month is None and months % 12 == 0:
            return Point(self.year + months // 12, qualifier=self.qualifier)
        year, month = _month_later(self.year, self.month or month_of_year, months)
        day = self.day and min(self.day, _days_in(year, month))
        return Point(year, month, day, self.qualifier)

    def plus_days(self, days: int, *, since: date) -> "Point":
        """Return the day `days` after `since`, its first or last possible day."""
        ordinal = since.toordinal() + days
        if not date.min.toordinal() <= ordinal <= date.max.toordinal():
            raise PartialDateError(_("The date is outside the calendar."))
        moved = date.fromordinal(ordinal)
        return Point(moved.year, moved.month, moved.day, self.qualifier)


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A simple date (a day, month or year), or an interval between two, which may be open on one side.

    Two are equal if their EDTF texts, which `str()` returns, are equal. They are ordered by the
    earliest possible day, then the latest, then the text. Create them with `parse`, `of`, `between`
    and `from_date`.

    `start` and `end` are the same point in a simple date; None is an open side.
    """

    start: Point | None
    end: Point | None
    is_interval: bool = False

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise PartialDateError(
                _("An interval cannot be open at both ends: write 2020/.. or ../2021.")
            )
        if self.latest < self.earliest:
            raise PartialDateError(
                _("The end %(end)s is before the start %(start)s: write the earlier date first.")
                % {"end": self.end, "start": self.start}
            )

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Return the value of an EDTF text: `2022-05-25`, `2023-10~`, `2018?`, `2020/2021`.

        Nothing else is accepted, not even a leading space: `reading.read` reads what people type.
        Raises `PartialDateError`.
        """
        return _parse(text)

    @classmethod
    def of(
        cls, year: int, month: int | None = None, day: int | None = None, qualifier: str = ""
    ) -> "PartialDate":
        """Return a simple date, with an EDTF qualifier or none. Raises `PartialDateError`."""
        point = Point(year, month, day, qualifier)
        return cls(point, point)

    @classmethod
    def between(cls, start: "PartialDate | None", end: "PartialDate | None") -> "PartialDate":
        """Return the interval from one simple date to another, None being the open side.

        Raises `PartialDateError` if the end is before the start, or both are open.
        """
        return cls(start.start if start else None, end.end if end else None, is_interval=True)

    @classmethod
    def from_date(cls, day: date) -> "PartialDate":
        """Return the day as an exact date. Raises `PartialDateError` before 1000 and after 2999."""
        return cls.of(day.year, day.month, day.day)

    def __str__(self) -> str:
        if self.is_interval:
            return f"{self.start or _OPEN}/{self.end or _OPEN}"
        return str(self.start)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self._order < other._order

    @property
    def _order(self) -> tuple[date, date, str]:
        return self.earliest, self.latest, str(self)

    @property
    def _points(self) -> list[Point]:
        return [point for point in (self.start, self.end) if point]

    @property
    def earliest(self) -> date:
        """Return the first possible day, `OPEN_START` if there is none."""
        return self.start.earliest if self.start else OPEN_START

    @property
    def latest(self) -> date:
        """Return the last possible day, `OPEN_END` if there is none."""
        return self.end.latest if self.end else OPEN_END

    @property
    def precision(self) -> Literal["day", "month", "year", "interval"]:
        return "interval" if self.is_interval else self._points[0].precision

    @property
    def is_exact(self) -> bool:
        """Return whether it is a single day, neither approximate nor uncertain."""
        return self.precision == "day" and not (self.is_approximate or self.is_uncertain)

    @property
    def is_approximate(self) -> bool:
        return any(point.is_approximate for point in self._points)

    @property
    def is_uncertain(self) -> bool:
        return any(point.is_uncertain for point in self._points)

    @property
    def is_open(self) -> bool:
        """Return whether it is an interval without a start or without an end."""
        return len(self._points) == 1

    def plus_months(self, months: int) -> "PartialDate":
        """Return the date `months` later (earlier if negative), as precise as this one.

        If the month is too short for the day, its last day is used (31 January + 1). A year moved
        by part of a year becomes the interval of possible months (`2018` + 6 is
        `2018-07/2019-06`). Both sides of an interval move, an open one stays open; qualifiers stay.
        Raises `PartialDateError` outside the years 1000 to 2999.
        """
        start = self.start and self.start.plus_months(months, month_of_year=1)
        end = self.end and self.end.plus_months(months, month_of_year=12)
        return PartialDate(start, end, is_interval=self.is_interval or start != end)

    def plus_days(self, days: int) -> "PartialDate":
        """Return the date `days` later (earlier if negative).

        A month or a year becomes the interval of possible days (`2022-07` + 120 is `2022-10-29/2022-11-28`). An open
        side stays open; qualifiers stay. Raises `PartialDateError` outside the years 1000 to 2999.
        """
        start = self.start and self.start.plus_days(days, since=self.start.earliest)
        end = self.end and self.end.plus_days(days, since=self.end.latest)
        return PartialDate(start, end, is_interval=self.is_interval or start != end)


# The date of every loaded row is parsed, and most dates occur more than once.
@lru_cache(maxsize=8192)
def _parse(text: str) -> PartialDate:
    start, slash, end = text.partition("/")
    if slash:
        return PartialDate(_parse_side(start), _parse_side(end), is_interval=True)
    point = _parse_point(text)
    return PartialDate(point, point)


def _parse_side(text: str) -> Point | None:
    if not text:
        raise PartialDateError(
            _("One side of the interval is missing: write .. for an open side, as in 2020/..")
        )
    return None if text == _OPEN else _parse_point(text)


def _parse_point(text: str) -> Point:
    if not text:
        raise PartialDateError(_("There is no date: write 2022-05-25, 2022-05 or 2022."))
    if not (found := _POINT.fullmatch(text)):
        raise PartialDateError(
            _("“%(text)s” is not EDTF: write 2022-05-25, 2022-05 or 2022.") % {"text": quoted(text)}
        )
    year, month, day, qualifier = found.groups()
    return Point(int(year), int(month) if month else None, int(day) if day else None, qualifier)


def early_year(year: int) -> PartialDateError:
    """Return why a year before the first is refused."""
    return PartialDateError(
        _(
            "The year %(year)s is not between %(first)d and %(last)d: check its four digits. The register holds no "
            "dates before %(first)d."
        )
        % {"year": f"{year:04}", "first": FIRST_YEAR, "last": LAST_YEAR}
    )


def _check_year(year: int) -> None:
    if year < FIRST_YEAR:
        raise early_year(year)
    if year > LAST_YEAR:
        raise PartialDateError(
            _("The year %(year)s is not between %(first)d and %(last)d: check its four digits.")
            % {"year": f"{year:04}", "first": FIRST_YEAR, "last": LAST_YEAR}
        )


def _check_month(month: int) -> None:
    if not 1 <= month <= 12:
        raise PartialDateError(
            _("There is no month %(month)d: months run from 1 to 12, as in 2023-08.")
            % {"month": month}
        )


def _check_day(year: int, month: int, day: int) -> None:
    days = _days_in(year, month)
    if not 1 <= day <= days:
        raise PartialDateError(
            _(
                "%(month)s %(year)d has %(days)d days, so there is no day %(day)d: "
                "write %(example)s if only the month is known."
            )
            % {
                "month": MONTHS[month],
                "year": year,
                "days": days,
                "day": day,
                "example": f"{year}-{month:02}",
            }
        )


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _month_later(year: int, month: int, months: int) -> tuple[int, int]:
    """Return the year and month that many months later, even outside the calendar."""
    year, month_before = divmod(year * 12 + month - 1 + months, 12)
    return year, month_before + 1
