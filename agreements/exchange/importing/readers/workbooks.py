"""Reads the first sheet of an Excel workbook row by row, with real dates as dates.

A workbook is a zip archive of XML files, and both can be crafted to exhaust memory: `workbook_parts` bounds the cost of
every part before any of them is opened.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.tables import (
    LONGEST_CELL,
    MOST_COLUMNS,
    Row,
    Table,
    checked_headings,
    row_of,
)
from agreements.exchange.importing.readers.workbook_parts import refuse_costly
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.uploads.refusals import ContentError

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip


class WorkbookTable(Table):
    """The first sheet of a workbook (.xlsx)."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` if this is not a workbook, is too large or has no header."""
        try:
            refuse_costly(path)
        except ContentError as error:
            raise FileRefusedError(str(error)) from error
        with _sheet(path) as sheet:
            first = next(_rows(sheet, MOST_COLUMNS + 1), None)
        if first is None:
            raise FileRefusedError(_("The first sheet of the workbook is empty."))
        super().__init__(path, "xlsx", checked_headings([_text(cell) for cell in first]))

    def rows(self) -> Iterator[Row]:
        with _sheet(self.path) as sheet:
            rows = _rows(sheet, len(self.headings))
            next(rows, None)
            blank = None
            for number, cells in enumerate(rows, start=2):
                # for all rows that a sheet skips, up to a million, the library repeats one
                if cells is blank:
                    continue
                texts = [_text(cell) for cell in cells]
                texts += [""] * (len(self.headings) - len(texts))
                if any(text.strip() for text in texts):
                    yield self._row(number, cells, texts)
                else:
                    blank = cells

    def _row(self, number: int, cells: Any, texts: list[str]) -> Row:
        row = row_of(number, self.headings, texts)
        problems = [
            Problem(number, heading, quoted(_text(cell)), remedy)
            for heading, cell in zip(self.headings, cells, strict=False)
            if (remedy := _unusable(cell, number))
        ]
        return Row(number, row.cells, [*row.problems, *problems])


@contextmanager
def _sheet(path: Path) -> Iterator[Any]:
    # Passed as a file: for a path the library trusts the extension alone, and an uploaded file has none here.
    with path.open("rb") as file:
        try:
            # Read formulas as formulas, so that none passes for an empty cell.
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except _BROKEN as error:
            raise FileRefusedError(_unreadable(error)) from error
        try:
            if not book.worksheets:
                raise FileRefusedError(_("The workbook has no sheet with cells."))
            yield book.worksheets[0]
        finally:
            book.close()


def _rows(sheet: Any, width: int) -> Iterator[Any]:
    # The size a sheet declares may be wrong, so the rows are counted as they come.
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows(max_col=width)
    except _BROKEN as error:
        raise FileRefusedError(_unreadable(error)) from error


def _unreadable(error: Exception) -> str:
    # the library wraps errors in its own
    if any(
        isinstance(each, DefusedXmlException)
        for each in (error, error.__cause__, error.__context__)
    ):
        return _(
            "The workbook contains XML entities, which no spreadsheet program writes and which can do"
            " harm. Open it in a spreadsheet program and save it again."
        )
    return _(
        "The file cannot be read as an Excel workbook. Open it in a spreadsheet program and save "
        "it again as .xlsx or CSV."
    )


def _text(cell: Any) -> str:
    """Return a cell's value as a CSV file would have it: days as YYYY-MM-DD, whole numbers without a decimal point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == time.min
        return value.date().isoformat() if is_day else value.isoformat(timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # an underscore before what looks like a character's code, as workbooks escape it in the cells themselves
    return str(value).replace("_x005F_", "_")


def _unusable(cell: Any, row: int) -> str:
    """Return why the cell has no usable value and what to do about it; empty if it has one."""
    kind = getattr(cell, "data_type", None)
    if kind == "f":
        sentence = _(
            "Cell %(place)s contains a formula. Copy the column and paste it as values, then import "
            "the file again."
        )
        return sentence % {"place": f"{get_column_letter(cell.column)}{row}"}
    if kind == "e":
        return _("The cell contains a spreadsheet error. Type its value.")
    if len(_text(cell)) > LONGEST_CELL:
        return _("The cell's text is too long. Shorten it.")
    return ""
