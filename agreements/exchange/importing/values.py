"""Reads a cell as a value of the register: a partial date, a code, a number.

Each function raises a `ValueError` whose text tells the file's owner what to do.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.partial_dates import PartialDate, PartialDateError, read
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.profiles import CODES, DATES, NUMBERS, Cell

SEPARATOR = "; "


def value_of(name: str, text: str, formats: Sequence[str] = ()) -> Any:
    """Return the value that the text states for a field: a date, a code, a number or the text; None or "" for no
    value.

    `formats` are the file's date formats for `strptime`; without any, dates are read as staff type them.
    """
    if name in DATES:
        return day_of(text, tuple(formats)) if text else None
    if name in NUMBERS:
        return _number(text) if text else None
    return code_of(CODES[name], text) if name in CODES else text


def text_of(cells: dict[str, Any], cell: Cell) -> str:
    """Return the text that a profile's entry reads from a row, empty if there is none."""
    found = next((text for text in (plain(cells.get(name)) for name in cell.columns) if text), "")
    for old, new in cell.replace.items():
        found = found.replace(old, new)
    meant = _meant(found, cell)
    if cell.separators and meant:
        meant = SEPARATOR.join(parted(meant, cell.separators))
    return f"{cell.before}{meant}" if meant else cell.always or cell.otherwise


def plain(value: Any) -> str:
    """Return a cell's text without the blanks around it; JSON's null and empty cells are empty."""
    return "" if value is None else str(value).strip()


def parted(text: str, separators: Sequence[str]) -> list[str]:
    """Split a text at any of the separators into its parts, each once and in order."""
    for separator in separators[1:]:
        text = text.replace(separator, separators[0])
    parts = text.split(separators[0]) if separators else [text]
    return list(dict.fromkeys(filter(None, (part.strip() for part in parts))))


@lru_cache(maxsize=16_384)
def day_of(text: str, formats: tuple[str, ...] = ()) -> PartialDate:
    """Return the date in one of the file's formats, or read as staff type it where there are none."""
    if not formats:
        return read(text)
    for form in formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return _as_far_as_known(moment, form)
    raise PartialDateError(
        _(
            "“%(text)s” is not a date in the format %(formats)s. Correct it in the file, or leave it "
            "out."
        )
        % {"text": quoted(text), "formats": _(" or ").join(formats)}
    )


def code_of(choices: Any, text: str) -> str:
    """Return the code that a text names, by itself or by its label."""
    wanted = text.casefold()
    for choice in choices:
        if wanted in (choice.value, str(choice.label).casefold()):
            return str(choice.value)
    raise ValueError(
        _("“%(text)s” is not one of: %(known)s.")
        % {"text": quoted(text), "known": ", ".join(choices.values)}
    )


def _meant(text: str, cell: Cell) -> str:
    """Return the value that the profile gives this text, or the text if it gives none."""
    if not (cell.values or cell.beginning):
        return text
    wanted = text.casefold()
    if wanted in cell.values:
        return cell.values[wanted]
    for beginning, value in cell.beginning.items():
        if wanted.startswith(beginning):
            return value
    return cell.otherwise or text


def _as_far_as_known(moment: datetime, form: str) -> PartialDate:
    has_day = any(part in form for part in ("%d", "%j", "%x", "%c"))
    has_month = has_day or any(part in form for part in ("%m", "%b", "%B"))
    return PartialDate.of(
        moment.year, moment.month if has_month else None, moment.day if has_day else None
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(_("“%(text)s” is not a whole number.") % {"text": quoted(text)})
    return int(text)
