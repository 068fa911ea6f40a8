"""Reads cells of a file: as text, as parts of a text, or as values of the register."""

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from agreements.domain.facts import ENTERED, FORMER
from agreements.domain.value_types import PART_DATE, WHOLE

_PLACEHOLDERS = frozenset((
    "", "-", "–", "—", "--", "---", "?", "??", "…", "n/a", "n.a", "#n/a", "n/d", "nil", "none", "null", "tbc", "tbd",
    "not available", "not applicable", "not known", "not specified", "unknown", "ongoing",
    "to be confirmed", "to be determined", "н/д", "нет", "нет данных", "неизвестно", "не указано",
    "yoxdur", "məlum deyil", "göstərilməyib",
    "31.12.9999", "31/12/9999", "12/31/9999", "9999-12-31",
))  # fmt: skip
# A day with a time, as programs write it: the day counts.
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
# The number of a day in a spreadsheet, and of its time after the point: 1954 to 2064.
_SERIAL = re.compile(r"([2-5]\d{4})(?:\.\d+)?")
_SERIAL_ZERO = date(1899, 12, 30)


def day_of_a_program(text: str) -> str:
    """Return the day that a program wrote in a form of its own, as YYYY-MM-DD; empty for any other text."""
    if found := _MOMENT.fullmatch(text):
        return found[1]
    if found := _COMPACT.fullmatch(text):
        return "-".join(found.groups())
    if found := _SERIAL.fullmatch(text):
        return (_SERIAL_ZERO + timedelta(days=int(found[1]))).isoformat()
    return ""


def is_day_number(text: str) -> bool:
    """Return whether the text is read as the number by which a spreadsheet stores a day."""
    return bool(_SERIAL.fullmatch(text))


def today_called(name: str) -> str:
    """Return the name of a field, which files and profiles of earlier releases may call otherwise."""
    return FORMER[name][0] if name in FORMER else name


def is_placeholder(text: str) -> bool:
    """Return whether people write this text where they have nothing to say."""
    return text.casefold().strip(" .") in _PLACEHOLDERS


def value_of(name: str, text: str, formats: Sequence[str] = ()) -> Any:
    """Return the value that the text states for a field: a date, a code, a number or the text; None or "" for no
    value.

    `formats` are the file's date formats for `strptime`; without any, dates are read as staff type them. Raises a
    `ValueError` whose text says what to do.
    """
    if text and name in FORMER:
        text = FORMER[name][1].format(WHOLE.read(text))
    name = today_called(name)
    value = ENTERED[name]
    if value.type is PART_DATE:
        plain_day = day_of_a_program(text)
        text, formats = plain_day or text, () if plain_day else formats
    return value.type.read(text, formats) if text or value.is_filled else value.type.nothing


def plain(value: object) -> str:
    """Return a cell's text without the blanks around it; null is empty, and the lists and objects of JSON are its text."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value).strip()


def parted(text: str, separators: Sequence[str], *, cuts_brackets: bool = True) -> list[str]:
    """Split a text at any of the separators into its parts, each once and in order."""
    parts, start = [], 0
    for found in _cuts(tuple(separators), cuts_brackets).finditer(text) if separators else ():
        if found["cut"] is not None:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return list(dict.fromkeys(filter(None, (part.strip() for part in parts))))


@cache
def _cuts(separators: tuple[str, ...], cuts_brackets: bool) -> re.Pattern[str]:
    longest_first = sorted(separators, key=len, reverse=True)
    cut = f"(?P<cut>{'|'.join(map(re.escape, longest_first))})"
    return re.compile(cut if cuts_brackets else rf"\([^()]*\)|{cut}")


def day_or_none(value: object) -> date | None:
    """Return the day that a file gives as YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(plain(value))
    except ValueError:
        return None
