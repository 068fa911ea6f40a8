"""Reads the dates of a file, each column as one: what one cell shows holds for all of them.

Where digits leave open whether the day or the month comes first, or which century is meant, and the profile does not say
it, dates are read with the day first and the import asks. The cells are counted as they are read, so no column is kept.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from agreements.domain.partial_dates import PartialDate, PartialDateError, in_words
from agreements.domain.partial_dates.values import Point, quoted
from agreements.domain.partial_dates.vocabulary import WORDS, Meaning, folded
from agreements.domain.value_types import PART_DATE
from agreements.exchange.importing.profile_rules import MONTH_FIRST, Cell, DateRules
from agreements.exchange.importing.remarks import FEW, Question, Remarks
from agreements.exchange.importing.term_words import is_without_end
from agreements.exchange.importing.values import (
    day_of_a_program,
    is_day_number,
    is_placeholder,
    value_of,
)

# the last year that two digits mean where the profile does not say it
LAST_OF_TWO_DIGITS = 2049
_IN_DIGITS = re.compile(
    r"(?<!\d)(?P<one>\d{1,2})(?P<sign>\.\s?|/|-)(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})(?!\d)"
)
_WITH_A_NAME = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})[-\s./]{0,2}(?P<month>[^\W\d_]{3,12})[-\s./,'’]{1,2}(?P<year>\d{2})(?!\d)"
)
# what may stand between the two dates of a period
_BETWEEN = re.compile(r"\s*[–—/]\s*|\s*-\s*|\s+(?:to|until|till|through|до|по)\s+", re.IGNORECASE)
_FROM = re.compile(r"^(?:from|since|between|с|со|от)\s+", re.IGNORECASE)
_MOST_CUTS = 8
# what stands for an end that is not known yet
_UNTIL_NOW = frozenset({
    "present", "the present", "now", "today", "to date", "date", "current", "indi", "indiyədək", "hazırda",
    "настоящее время", "н.в", "нв", "сегодня",
})  # fmt: skip


class DateRead(NamedTuple):
    """What a cell of dates says: a date; the end, if it holds a period, or that there is none; and a place behind it."""

    date: PartialDate | None
    end: PartialDate | None = None
    is_without_end: bool = False
    place: str = ""


@dataclass
class _Cells:
    """The cells of a column that have something in common: how many, the first of them, and what it means."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    example: str = ""
    meant: str = ""

    def note(self, text: str, meant: str, row: int) -> None:
        self.count += 1
        self.example, self.meant = (self.example, self.meant) if self.example else (text, meant)
        if len(self.rows) < FEW and row not in self.rows:
            self.rows.append(row)


@dataclass
class _Column:
    """What the cells of a column show; `entry` is the first entry of the profile that reads it."""

    entry: str
    day_first: _Cells = field(default_factory=_Cells)
    month_first: _Cells = field(default_factory=_Cells)
    either: _Cells = field(default_factory=_Cells)
    two_digits: _Cells = field(default_factory=_Cells)
    day_numbers: _Cells = field(default_factory=_Cells)


class DateColumns:
    """The columns of dates of a file, by their headings, as far as they have been read."""

    def __init__(self, rules: DateRules, periods: Iterable[str] = ()) -> None:
        """`periods` are the columns whose cells may hold periods: any other entry takes only their beginning."""
        self.rules = rules
        self.periods = frozenset(periods)
        self._columns: dict[str, _Column] = {}

    def read(self, text: str, cell: Cell, *, entry: str, column: str, row: int) -> DateRead:
        """Return what a cell says. Raises `ValueError`, whose text says what to do.

        `entry` is the place of `cell` in the profile, and `column` the heading; empty if the text comes from no column.
        """
        style = _Style.of(cell, self.rules)
        if column:
            seen = self._columns.setdefault(column, _Column(entry))
            # an entry that reads the same column counts nothing twice
            if seen.entry == entry:
                _note(seen, text, style, row)
        try:
            if cell.until or column in self.periods:
                return style.period(text)
            return DateRead(style.date(text))
        except ValueError:
            date, comma, place = text.partition(",")
            if not (comma and _is_place(place)):
                raise
            with suppress(ValueError):
                return DateRead(style.date(date.strip()), place=place.strip())
            raise

    def questions(self) -> list[Question]:
        """Return what the import asks about the columns read so far."""
        return [asked for name, seen in self._columns.items() for asked in _asked(name, seen)]

    def conclusions(self) -> Remarks:
        """Return how the columns read so far were understood, where that is no matter of course."""
        remarks = Remarks()
        for name, seen in self._columns.items():
            said = {
                "column": name,
                "text": seen.day_numbers.example,
                "date": seen.day_numbers.meant,
            }
            if seen.day_numbers.count:
                remark = _(
                    "column “%(column)s”: numbers of five digits were read as a spreadsheet's day numbers: "
                    "“%(text)s” was read as %(date)s"
                )
                remarks.add(remark % said, seen.day_numbers.count, seen.day_numbers.rows)
            if seen.either.count and not (seen.day_first.count or seen.month_first.count):
                remark = _(
                    "column “%(column)s”: no cell shows whether the day or the month comes first; “%(text)s” was read "
                    "as %(date)s"
                )
                said |= {"text": seen.either.example, "date": seen.either.meant}
                remarks.add(remark % said, seen.either.count, seen.either.rows)
        return remarks


@dataclass(frozen=True)
class _Style:
    """How an entry of the profile writes dates."""

    formats: tuple[str, ...]
    order: str
    last_of_two_digits: int

    @classmethod
    def of(cls, cell: Cell, rules: DateRules) -> "_Style":
        # formats for one entry go before what holds for the file, and an order of its own before formats of the file
        formats = cell.formats or (() if cell.order else rules.formats)
        return cls(
            formats, cell.order or rules.order, cell.two_digit_years or rules.two_digit_years
        )

    def year(self, two_digits: int) -> int:
        last = self.last_of_two_digits or LAST_OF_TWO_DIGITS
        return last - (last - two_digits) % 100

    def date(self, text: str) -> PartialDate:
        """Return the date that a text states. Raises `ValueError`."""
        if day_of_a_program(text):
            return value_of("signed", text)
        if self.formats:
            return self._in_a_format(text)
        return PART_DATE.read(self._arranged(text))

    def period(self, text: str) -> DateRead:
        """Return the two dates of a period, or the one date that a text states. Raises `ValueError`."""
        refusal, whole = None, None
        try:
            whole = self.date(text)
        except ValueError as error:
            refusal = error
        if whole and not whole.is_interval:
            return DateRead(whole)
        for found in list(_BETWEEN.finditer(text))[:_MOST_CUTS]:
            if cut := self._cut(text[: found.start()], text[found.end() :]):
                return cut
        if whole:
            return DateRead(_simple(whole.start), _simple(whole.end))
        raise refusal or ValueError(text)

    def _cut(self, first: str, second: str) -> DateRead | None:
        """Return the period between two texts, if the first is a date and the second one too, or says there is none."""
        with suppress(ValueError):
            start = self.date(_FROM.sub("", first.strip()))
            if start.is_interval:
                return None
            if is_without_end(second):
                return DateRead(start, is_without_end=True)
            if is_placeholder(second) or second.strip(" .").casefold() in _UNTIL_NOW:
                return DateRead(start)
            end = self.date(second.strip())
            if not end.is_interval and start.earliest <= end.latest:
                return DateRead(start, end)
        return None

    def _in_a_format(self, text: str) -> PartialDate:
        for form in self.formats:
            with suppress(PartialDateError):
                value = PART_DATE.read(text, (form,))
                return self._of_century(text, form, value) if "%y" in form else value
        return PART_DATE.read(text, self.formats)

    def _of_century(self, text: str, form: str, value: PartialDate) -> PartialDate:
        year = self.year(datetime.strptime(text, form).year % 100)  # noqa: DTZ007 - a day has no zone
        point = value.start
        return PartialDate.of(year, point.month, point.day) if point else value

    def _arranged(self, text: str) -> str:
        """Return the text with the dates in digits that need it written as YYYY-MM-DD."""
        return _WITH_A_NAME.sub(self._with_a_name, _IN_DIGITS.sub(self._in_digits, text))

    def _in_digits(self, found: re.Match[str]) -> str:
        day, month, year = int(found["one"]), int(found["two"]), found["year"]
        if self.order == MONTH_FIRST:
            day, month = month, day
        if month > 12 and (self.order == MONTH_FIRST or len(year) == 2):
            sentence = _(
                "There is no month %(month)d in “%(text)s”. Correct the date, or the order of day and month in the profile."
            )
            raise ValueError(sentence % {"month": month, "text": found[0]})
        if len(year) == 4 and self.order != MONTH_FIRST:
            return found[0]
        full = self.year(int(year)) if len(year) == 2 else int(year)
        return f"{full}-{month:02}-{day:02}"

    def _with_a_name(self, found: re.Match[str]) -> str:
        month = _month(found["month"])
        if not month or _month(_word_after(found)):
            return found[0]
        return f"{self.year(int(found['year']))}-{month:02}-{int(found['day']):02}"


def _note(seen: _Column, text: str, style: _Style, row: int) -> None:
    """Count what a cell shows about its column."""
    if is_day_number(text):
        seen.day_numbers.note(text, _in_words(style, text), row)
    if style.formats:
        if not style.last_of_two_digits and _needs_a_century(text, style):
            seen.two_digits.note(text, _in_words(style, text), row)
        return
    for found in _IN_DIGITS.finditer(text):
        if not style.order:
            _note_order(seen, found, style, row)
    if not style.last_of_two_digits and (short := _two_digits_in(text)):
        seen.two_digits.note(short[0], str(style.year(int(short["year"]))), row)


def _note_order(seen: _Column, found: re.Match[str], style: _Style, row: int) -> None:
    """Count a date in digits as one that can have only the day first, only the month, or either."""
    one, two = int(found["one"]), int(found["two"])
    if one == two or min(one, two) > 12:
        return
    if two > 12:
        seen.month_first.note(found[0], "", row)
    elif one > 12:
        seen.day_first.note(found[0], "", row)
    elif found["sign"] in "/-":
        # with full stops, the day is always first
        seen.either.note(found[0], _in_words(style, found[0]), row)


def _two_digits_in(text: str) -> re.Match[str] | None:
    """Return the first date in the text whose year has two digits."""
    in_digits = (each for each in _IN_DIGITS.finditer(text) if len(each["year"]) == 2)
    named = (
        each
        for each in _WITH_A_NAME.finditer(text)
        if _month(each["month"]) and not _month(_word_after(each))
    )
    return next(in_digits, None) or next(named, None)


def _needs_a_century(text: str, style: _Style) -> bool:
    """Whether the first format that this text has is one with a year of two digits."""
    if day_of_a_program(text):
        return False
    for form in style.formats:
        with suppress(PartialDateError):
            PART_DATE.read(text, (form,))
            return "%y" in form
    return False


def _asked(name: str, seen: _Column) -> Iterator[Question]:
    said = {"column": name, "entry": seen.entry}
    if seen.month_first.count:
        text = _(
            "Column “%(column)s”: “%(text)s” can only have the month first, but dates are read with the day first."
        )
        if seen.day_first.count:
            text = _(
                "Column “%(column)s”: “%(text)s” can only have the month first, and “%(other)s” only the day. Once you "
                "say which comes first, the other cells are refused."
            )
        remedy = _(
            'Say which comes first in the profile: order = "month-first" or order = "day-first", in “%(entry)s” or in '
            "[dates]."
        )
        said |= {"text": seen.month_first.example, "other": seen.day_first.example}
        cells = seen.month_first
        yield Question("order", name, text % said, remedy % said, cells.count, cells.rows)
    if seen.two_digits.count:
        text = _(
            "Column “%(column)s”: “%(text)s” has a year of two digits, which was read as %(meant)s."
        )
        remedy = _(
            "Say in the profile which is the last year that two digits mean, such as two_digit_years = %(last)d, in "
            "“%(entry)s” or in [dates]."
        )
        cells = seen.two_digits
        said |= {"text": cells.example, "meant": cells.meant}
        remedy %= {**said, "last": LAST_OF_TWO_DIGITS}
        yield Question("two_digit_years", name, text % said, remedy, cells.count, cells.rows)


def _in_words(style: _Style, text: str) -> str:
    try:
        return in_words(style.date(text))
    except ValueError:
        return quoted(text)


def _simple(point: Point | None) -> PartialDate | None:
    return PartialDate(point, point) if point else None


def _month(word: str) -> int:
    meaning, number = WORDS.get(folded(word), (None, 0))
    return number if meaning is Meaning.MONTH else 0


def _word_after(found: re.Match[str]) -> str:
    after = re.match(r"[\s.,-]*([^\W\d_]+)", found.string[found.end() :])
    return after[1] if after else ""


def _is_place(text: str) -> bool:
    """Whether a text behind a date looks like a place: it has letters, no digits, and says something."""
    has_letters = any(map(str.isalpha, text)) and not any(map(str.isdigit, text))
    return has_letters and not is_placeholder(text) and not _month(text.strip())
