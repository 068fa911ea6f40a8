"""Reads a cell as a value of the register: a partial date, a code, a number.

Each function raises a `ValueError` whose text tells the file's owner what to do.
"""

from collections.abc import Sequence
from typing import Any

from agreements.domain.facts import ENTERED
from agreements.domain.value_types import Codes
from agreements.exchange.importing.profiles import Cell

SEPARATOR = "; "


def value_of(name: str, text: str, formats: Sequence[str] = ()) -> Any:
    """Return the value that the text states for a field: a date, a code, a number or the text; None or "" for no
    value.

    `formats` are the file's date formats for `strptime`; without any, dates are read as staff type them.
    """
    value = ENTERED[name]
    return value.type.read(text, formats) if text or value.is_filled else value.type.nothing


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


def code_of(choices: Any, text: str) -> str:
    """Return the code that a text is, or whose label it is."""
    return Codes(choices.choices).read(text)


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
