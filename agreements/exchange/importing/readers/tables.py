"""What every reader turns a file into: headings, and rows of cells under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.refusals import Problem
from agreements.exchange.importing.remarks import Remarks

LONGEST_CELL = 1_000_000
# The rows of the second sheet that is read are numbered from here, those of the third from twice this number.
ROWS_OF_A_SHEET = 2_000_000


@dataclass(frozen=True)
class SheetInfo:
    """A sheet of a workbook, with roughly how many rows it fills."""

    name: str
    rows: int
    hidden: bool


@dataclass(frozen=True)
class Row:
    """A row, numbered as in the file with the header as row 1: the text of each cell by its heading.

    The number also tells the sheet, if several are read: `where` says both.

    In JSON a cell may hold any JSON value. `problems` are cells that cannot be read at all, and refuse the row. `lost`
    are those of a spreadsheet without a value of their own, which are empty in `cells`. `dates` are the headings of
    cells that hold a real date, written as YYYY-MM-DD, YYYY-MM or YYYY, as precisely as the spreadsheet shows it. `links`
    are the web addresses behind cells, by their headings.
    """

    number: int
    cells: dict[str, Any]
    problems: Sequence[Problem] = ()
    lost: Sequence[Problem] = ()
    dates: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Table:
    """A file as a table. `rows()` reads it again each time.

    `headings` are empty for columns without one. `notes` say how the file was read where that is a guess; `remarks` count
    what the last reading left out. Of a workbook, `sheets` are the names of those that are read, and `all_sheets` describes
    all. `head_row` is the row in which the headings end; 0 if several are read, or there are no rows.
    """

    path: Path
    format: str
    headings: list[str]
    notes: list[str] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)
    head_row: int = 0
    sheets: list[str] = field(default_factory=list)
    all_sheets: list[SheetInfo] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty. Raises `FileRefusedError`."""
        raise NotImplementedError


def row_of(number: int, headings: Sequence[str], cells: Sequence[str], remarks: Remarks) -> Row:
    """Return the row of these cells, with a problem for each value that cannot be stored.

    Cells in a column without a heading are left out, and the remarks say so.
    """
    problems = []
    further = [cell for cell in cells[len(headings) :] if cell.strip()]
    if len(cells) < len(headings) or further:
        remedy = _(
            "The row has %(cells)d cells and the header %(headings)d. Look for a missing quotation "
            "mark or an extra separator."
        )
        remedy %= {"cells": len(cells), "headings": len(headings)}
        problems.append(Problem(number, "", str(len(cells)), remedy))
    named = {}
    for place, (heading, cell) in enumerate(zip(headings, cells, strict=False), start=1):
        if heading:
            named[heading] = cell
        elif cell.strip():
            remark = _("column %(letter)s has no heading, so it was left out")
            remarks.note(remark % {"letter": letter_of(place)}, number)
    remedy = _("The cell contains a NUL character, which text cannot contain. Type it again.")
    problems += [
        Problem(number, heading, quoted(cell), remedy)
        for heading, cell in named.items()
        if "\x00" in cell
    ]
    return Row(number, named, problems)


def where(number: int, sheets: Sequence[str] | None) -> str:
    """Return in words which row of the file this number means; `sheets` are the names of those that were read."""
    if not sheets or len(sheets) < 2:
        return str(number)
    sheet, row = divmod(number, ROWS_OF_A_SHEET)
    return of_sheet(row, sheets[sheet] if sheet < len(sheets) else "?")


def of_sheet(row: int, sheet: str) -> str:
    """Return in words which row of a sheet this is; just the number, if there is no need to name the sheet."""
    if not sheet:
        return str(row)
    return _("%(row)d of “%(sheet)s”") % {"row": row, "sheet": quoted(sheet)}


def letter_of(column: int) -> str:
    """Return the letters by which a spreadsheet program shows a column; the first is 1, or A."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def column_of(letters: str) -> int:
    """Return the number of the column that a spreadsheet program shows by these letters; A is 1."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column
