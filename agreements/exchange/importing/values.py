"""Reads cells of a file: as text, as parts of a text, or as values of the register."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from agreements.domain.facts import ENTERED, FORMER
from agreements.domain.value_types import WHOLE


def today_called(name: str) -> str:
    """Return the name of a field, which files and profiles of earlier releases may call otherwise."""
    return FORMER[name][0] if name in FORMER else name


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
    return value.type.read(text, formats) if text or value.is_filled else value.type.nothing


def plain(value: object) -> str:
    """Return a cell's text without the blanks around it; JSON's null and empty cells are empty."""
    return "" if value is None else str(value).strip()


def parted(text: str, separators: Sequence[str]) -> list[str]:
    """Split a text at any of the separators into its parts, each once and in order."""
    for separator in separators[1:]:
        text = text.replace(separator, separators[0])
    parts = text.split(separators[0]) if separators else [text]
    return list(dict.fromkeys(filter(None, (part.strip() for part in parts))))


def day_or_none(value: object) -> date | None:
    """Return the day that a file gives as YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(plain(value))
    except ValueError:
        return None
