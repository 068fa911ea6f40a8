"""Which cells of a file an import stores with its lines, so that staff can correct them and download refused rows.

The server never opens an uploaded file, so what it shows of one is stored when the file is read. How much is bounded,
with room set aside for refused rows.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from agreements.exchange.importing.corrected import Corrections, as_filed
from agreements.exchange.importing.readers import Row

# of one cell, as much as a cell of a spreadsheet can hold
LONGEST_KEPT = 32_767
# of one row, and of one agreement
MOST_CELLS = 200
MOST_ROWS = 20
# of one import, with headings: for its refused rows, and for all others
MOST_CHARACTERS = {True: 8_000_000, False: 4_000_000}
# what a cell costs besides its text
_OVERHEAD = 8
# why a cell cannot be corrected here
CUT, VALUE = "cut", "value"


class KeptCell(NamedTuple):
    """A cell as the file has it; `state` is `CUT` if it is longer than what is kept, `VALUE` if it is no text."""

    heading: str
    text: str
    state: str = ""


class KeptRow(NamedTuple):
    """A row as the file has it; `further` is the number of its cells that are not kept."""

    number: int
    cells: list[KeptCell]
    further: int = 0

    def texts(self, corrections: Corrections) -> dict[str, str]:
        """Return the texts by their headings, with those that staff gave."""
        given = corrections.get(str(self.number), {})
        return {cell.heading: given.get(cell.heading, cell.text) for cell in self.cells}


@dataclass
class Room:
    """The room that is left for the cells of one import."""

    refused: int = MOST_CHARACTERS[True]
    others: int = MOST_CHARACTERS[False]

    def kept(self, rows: Iterable[Row], *, is_refused: bool) -> list[Any]:
        """Return the rows as a line stores them, or nothing if there is no room for all of them."""
        made = [_kept(row) for row in list(rows)[:MOST_ROWS]]
        cells = [cell for row in made for cell in row.cells]
        cost = sum(len(cell.heading) + len(cell.text) + _OVERHEAD for cell in cells)
        left = (self.refused if is_refused else self.others) - cost
        if left < 0:
            return []
        if is_refused:
            self.refused = left
        else:
            self.others = left
        return [[row.number, [list(cell) for cell in row.cells], row.further] for row in made]


def _kept(row: Row) -> KeptRow:
    cells = list(as_filed(row).cells.items())
    return KeptRow(
        row.number, [_cell(*each) for each in cells[:MOST_CELLS]], max(0, len(cells) - MOST_CELLS)
    )


def _cell(heading: str, value: Any) -> KeptCell:
    is_text = value is None or isinstance(value, str)
    text = (value or "") if is_text else json.dumps(value, ensure_ascii=False)
    text = text.replace("\x00", "\ufffd")
    state = CUT if len(text) > LONGEST_KEPT else "" if is_text else VALUE
    return KeptCell(heading, text[:LONGEST_KEPT], state)


def rows_of(stored: Iterable[Any]) -> list[KeptRow]:
    """Return the rows that a line has stored."""
    return [
        KeptRow(number, [KeptCell(*cell) for cell in cells], further)
        for number, cells, further in stored
    ]
