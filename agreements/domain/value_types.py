"""The kinds of values that facts consist of, and everything the register does with a value of each kind.

A type parses what people type or files contain, formats the value for a cell of a file and for JSON, puts it in words,
and decides whether two values are the same. `facts` gives every declared value its type; history, imports and exports
use it. Values are plain: a text, a code, a number, a `Decimal`, a date, a timestamp, a `PartialDate`, a
`Duration`, or None.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from agreements.domain.durations import (
    Duration,
    DurationField,
    duration_in_words,
    read_duration,
)
from agreements.domain.partial_dates import (
    PartialDate,
    PartialDateError,
    PartialDateField,
    in_words,
    read,
)
from agreements.domain.partial_dates.values import quoted

_V = TypeVar("_V")
# The ISO 8601 durations that files contain; files that are read may also have weeks, or years and months.
LENGTH_PATTERN = "P[0-9]+[YMD]"
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,3}(?:[ ,\u00a0\u202f][0-9]{3})+(?:\.[0-9]+)?")


class Holds(Enum):
    """What the cells of a column contain."""

    CODES = "codes"
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"


class ValueType(Generic[_V]):
    """Text, and the behaviour that all types share: a missing value is None or an empty text."""

    holds = Holds.TEXT
    nothing: str | None = ""

    def read(self, text: str, formats: Sequence[str] = ()) -> Any:
        """Return the value of a non-empty text. Raises `ValueError`, whose text tells the user the remedy.

        `formats` are the `strptime` formats in which a file writes dates.
        """
        return text

    def restored(self, kept: Any) -> _V | None:
        """Return the value that `json` turned into this."""
        return kept

    def json(self, value: _V | None) -> str | int | None:
        """Return the value as JSON contains it, and as versions and imports store it."""
        return None if value is None else str(value)

    def cell(self, value: _V | None) -> str:
        """Return the content of a CSV cell."""
        kept = self.json(value)
        return "" if kept is None else str(kept)

    def words(self, value: _V | None) -> str:
        """Return the value as people read it; empty if there is none."""
        return self.cell(value)


class Text(ValueType[str]):
    """Free text of one or more lines."""


class Name(ValueType[str]):
    """A text that the register itself generates: a reference or a URL. It never looks like a formula to a spreadsheet."""

    holds = Holds.CODES


class Codes(ValueType[str]):
    """One code from a fixed set, given with its labels; `unknown` is the code that means an unknown value."""

    holds = Holds.CODES

    def __init__(self, choices: Iterable[tuple[object, object]], unknown: str = "") -> None:
        self.choices = list(choices)
        self.unknown = unknown

    @property
    def values(self) -> list[str]:
        return [str(code) for code, _label in self.choices]

    def read(self, text: str, formats: Sequence[str] = ()) -> str:
        """Return the code given by this text, which is a code or a label."""
        wanted = text.casefold()
        for code, label in self.choices:
            if wanted in (str(code).casefold(), str(label).casefold()):
                return str(code)
        raise ValueError(
            _("“%(text)s” is not one of: %(known)s.")
            % {"text": quoted(text), "known": ", ".join(self.values)}
        )

    def words(self, value: str | None) -> str:
        return str(dict(self.choices).get(value, value or ""))


class Whole(ValueType[int]):
    """A non-negative integer."""

    holds = Holds.NUMBER
    nothing = None

    def read(self, text: str, formats: Sequence[str] = ()) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(_("“%(text)s” is not a whole number.") % {"text": quoted(text)})
        return int(text)

    def json(self, value: int | None) -> int | None:
        return value


class Flag(ValueType[bool]):
    """Yes or no."""

    holds = Holds.CODES
    nothing = None

    def read(self, text: str, formats: Sequence[str] = ()) -> bool:
        """Read true or false, in English as JSON and spreadsheets write them."""
        known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if text.casefold() not in known:
            raise ValueError(_("“%(text)s” is neither true nor false.") % {"text": quoted(text)})
        return known[text.casefold()]

    def json(self, value: bool | None) -> bool | None:
        return value

    def words(self, value: bool | None) -> str:
        return "" if value is None else _("yes") if value else _("no")


class Amount(ValueType[Decimal]):
    """A non-negative exact decimal with a fixed number of decimal places: 1000 is read as 1000.00."""

    holds = Holds.NUMBER
    nothing = None

    def __init__(self, places: int = 2) -> None:
        self.places = places

    def read(self, text: str, formats: Sequence[str] = ()) -> Decimal:
        """Read digits with a decimal point; commas or spaces may separate thousands."""
        plain = re.sub("[ ,\u00a0\u202f]", "", text) if _PLAIN_AMOUNT.fullmatch(text) else text
        try:
            amount = Decimal(plain)
            if not plain.isascii() or not amount.is_finite() or amount < 0:
                raise ValueError
            return self._exact(amount)
        except (InvalidOperation, ValueError) as error:
            raise ValueError(
                _(
                    "“%(text)s” is not an amount. Write digits with a point before the decimals, such as 1250000.50."
                )
                % {"text": quoted(text)}
            ) from error

    def restored(self, kept: Any) -> Decimal | None:
        return None if kept in (None, "") else Decimal(str(kept))

    def json(self, value: Decimal | None) -> str | None:
        """Return a text with all decimal places, because JSON's numbers are not exact."""
        amount = self.restored(value)
        return None if amount is None else str(self._exact(amount))

    def words(self, value: Decimal | None) -> str:
        amount = self.restored(value)
        if amount is None:
            return ""
        places = 0 if amount == amount.to_integral_value() else self.places
        return number_format(amount, decimal_pos=places, force_grouping=True)

    def _exact(self, amount: Decimal) -> Decimal:
        # a number with more decimals is left for the model to reject
        rounded = amount.quantize(Decimal(1).scaleb(-self.places))
        return rounded if rounded == amount else amount


class PartDate(ValueType[PartialDate]):
    """A full or partial date: a `PartialDate`, in files an EDTF text."""

    holds = Holds.DATE
    nothing = None

    def read(self, text: str, formats: Sequence[str] = ()) -> PartialDate:
        """Return the date in one of these formats, or, without any, as staff type it."""
        return _date_in(text, tuple(formats))

    def restored(self, kept: Any) -> PartialDate | None:
        return PartialDate.parse(str(kept)) if kept else None

    def words(self, value: PartialDate | None) -> str:
        return in_words(value) if value else ""


class Length(ValueType[Duration]):
    """A length of time: a `Duration`, in files an ISO 8601 text."""

    holds = Holds.CODES
    nothing = None

    def read(self, text: str, formats: Sequence[str] = ()) -> Duration:
        """Return the length as staff type it, or as ISO 8601 writes it."""
        return read_duration(text)

    def restored(self, kept: Any) -> Duration | None:
        return Duration.parse(str(kept)) if kept else None

    def words(self, value: Duration | None) -> str:
        return "" if value is None else duration_in_words(value)


class Day(ValueType[date]):
    """A calendar date."""

    holds = Holds.DATE

    def restored(self, kept: Any) -> date | None:
        return parse_date(kept) if isinstance(kept, str) else kept

    def json(self, value: date | None) -> str | None:
        return value.isoformat() if isinstance(value, date) else value or None

    def words(self, value: date | None) -> str:
        return date_format(value, "DATE_FORMAT") if value else ""


class Moment(ValueType[datetime]):
    """A timestamp, stored in UTC and read in the local time zone."""

    holds = Holds.MOMENT

    def restored(self, kept: Any) -> datetime | None:
        return parse_datetime(kept) if isinstance(kept, str) else kept

    def json(self, value: datetime | None) -> str | None:
        if isinstance(value, datetime):
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        return value or None

    def words(self, value: datetime | None) -> str:
        return date_format(timezone.localtime(value), "DATETIME_FORMAT") if value else ""


class Listed(ValueType[object]):
    """Rows of other tables: in JSON a list, in a cell a joined text."""

    def __init__(self, holds: Holds = Holds.CODES) -> None:
        self.holds = holds


TEXT, NAME, WHOLE, FLAG, PART_DATE, DURATION, DAY, MOMENT = (
    Text(), Name(), Whole(), Flag(), PartDate(), Length(), Day(), Moment()
)  # fmt: skip


def same(one: object, other: object) -> bool:
    """Whether two values as stored in JSON are the same; all forms of no value are equal."""
    nothing: tuple[object, ...] = (None, "", (), [])
    return one == other or (one in nothing and other in nothing)


@cache
def type_of(column: "models.Field") -> ValueType:
    """Return the type for a column of any model."""
    if column.flatchoices:
        return Codes(column.flatchoices)
    if isinstance(column, models.DecimalField):
        return Amount(column.decimal_places)
    return next((kind for field, kind in _TYPES if isinstance(column, field)), TEXT)


# DateTimeField stands before DateField, because it is a subclass of it.
_TYPES: tuple[tuple[type[models.Field], ValueType], ...] = (
    (PartialDateField, PART_DATE),
    (DurationField, DURATION),
    (models.DateTimeField, MOMENT),
    (models.DateField, DAY),
    (models.BooleanField, FLAG),
    (models.IntegerField, WHOLE),
)


@lru_cache(maxsize=16_384)
def _date_in(text: str, formats: tuple[str, ...]) -> PartialDate:
    if not formats:
        return read(text)
    for form in formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        has_day = any(part in form for part in ("%d", "%j", "%x", "%c"))
        has_month = has_day or any(part in form for part in ("%m", "%b", "%B"))
        return PartialDate.of(
            moment.year, moment.month if has_month else None, moment.day if has_day else None
        )
    raise PartialDateError(
        _(
            "“%(text)s” is not a date in the format %(formats)s. Correct it in the file, or leave it out."
        )
        % {"text": quoted(text), "formats": _(" or ").join(formats)}
    )
