"""Reads sheets of an Excel workbook row by row, with real dates as dates, as precisely as the sheet shows them.

A workbook is a zip archive of XML files, and both can be crafted to exhaust memory: `workbook_parts` bounds the cost of
every part before any of them is opened.
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.exceptions import InvalidFileException

from agreements.exchange.importing.readers.heads import NumberedCells, beginning
from agreements.exchange.importing.readers.sheets import (
    NOTHING,
    WIDEST,
    Marks,
    Said,
    Sheet,
    SheetTable,
    leading,
    link_of_formula,
    number_in_words,
    refuse_too_many,
)
from agreements.exchange.importing.readers.workbook_parts import inspected
from agreements.exchange.importing.refusals import FileRefusedError
from agreements.uploads.refusals import ContentError

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
_VISIBLE = "visible"


class WorkbookTable(SheetTable):
    """Sheets of an Excel workbook (.xlsx)."""

    def __init__(self, path: Path, *, sheets: Sequence[str] = (), head: int = 0) -> None:
        """Raises `FileRefusedError` if this is not a workbook, is too large or has no header."""
        try:
            marks = inspected(path)
        except ContentError as error:
            raise FileRefusedError(str(error)) from error
        self.path = path
        with _book(path, computed=False) as book:
            refuse_too_many(book.worksheets)
            found = [
                Sheet(
                    each.title, place, each.sheet_state != _VISIBLE, marks.get(_part(each), Marks())
                )
                for place, each in enumerate(book.worksheets)
            ]
        super().__init__(path, "xlsx", found, sheets, head)

    def _beginnings(self, sheets: Sequence[Sheet], head: int) -> list[list[NumberedCells]]:
        with _book(self.path, computed=False) as book:
            return [
                beginning(
                    ((n, [_said(cell).text for cell in cells]) for n, cells in _rows(book, sheet)),
                    head,
                )
                for sheet in sheets
            ]

    def _cells(self, sheets: Sequence[Sheet]) -> Iterator[tuple[int, int, Sequence[Said]]]:
        """Yield the cells; a formula is replaced by the value that was stored with it."""
        with ExitStack() as stack:
            written = stack.enter_context(_book(self.path, computed=False))
            computed = None
            if any(sheet.marks.has_formulas for sheet in sheets):
                computed = stack.enter_context(_book(self.path, computed=True))
            for place, sheet in enumerate(sheets):
                if computed is None or not sheet.marks.has_formulas:
                    for number, cells in _rows(written, sheet):
                        yield place, number, [_said(cell) for cell in cells]
                    continue
                pairs = zip(_rows(written, sheet), _rows(computed, sheet), strict=True)
                for (number, formulas), (_number, values) in pairs:
                    yield place, number, [*map(_computed, formulas, values)]


def _part(sheet: Any) -> str:
    """Return the name of the sheet's part in the archive, as `inspected` has it."""
    return str(sheet._worksheet_path).lstrip("/").lower()  # noqa: SLF001


@contextmanager
def _book(path: Path, *, computed: bool) -> Iterator[Any]:
    """The workbook, with the formulas of its cells or with the values `computed` by the program that stored it."""
    # Passed as a file: for a path the library trusts the extension alone, and an uploaded file has none here.
    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(
                file, read_only=True, data_only=computed, keep_links=False
            )
        except _BROKEN as error:
            raise FileRefusedError(_unreadable(error)) from error
        try:
            yield book
        finally:
            book.close()


def _rows(book: Any, sheet: Sheet) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yield the rows with their numbers, except for those that the sheet skips: the library has one for each of these."""
    found = book.worksheets[sheet.place]
    # The size a sheet declares may be wrong, so the rows are counted as they come.
    found.reset_dimensions()
    skipped = None
    try:
        for number, cells in enumerate(
            found.iter_rows(max_col=min(sheet.marks.width, WIDEST) or 1), start=1
        ):
            if cells is skipped:
                continue
            if all(cell is EMPTY_CELL for cell in cells):
                skipped = cells
                continue
            yield number, cells
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


def _said(cell: Any) -> Said:
    """Return what a cell says, as a CSV file would have it: whole numbers without a decimal point."""
    value = cell.value
    if value is None:
        return NOTHING
    if _is_formula(cell):
        why = _("a formula without a stored value: open the file, save it and try again")
        return Said(loss=why, link=link_of_formula(value))
    if cell.data_type == "e":
        return Said(loss=_("a spreadsheet error (%(error)s)") % {"error": value})
    is_struck = bool(cell.has_style and cell.font.strike)
    if isinstance(value, (date, datetime)):
        return Said(_day(value, cell.number_format), is_date=True, is_struck=is_struck)
    if isinstance(value, time):
        return Said(value.isoformat())
    if isinstance(value, float):
        return Said(number_in_words(value), is_struck=is_struck)
    # an underscore before what looks like a character's code, as workbooks escape it in the cells themselves
    return Said(str(value).replace("_x005F_", "_"), is_struck=is_struck)


def _computed(formula: Any, value: Any) -> Said:
    """Return what a cell says that may hold a formula: the value that was stored with it."""
    if not _is_formula(formula):
        return _said(formula)
    said = _said(value if value.value is not None else formula)
    return leading(said, link_of_formula(formula.value))


def _is_formula(cell: Any) -> bool:
    return getattr(cell, "data_type", None) == "f"


def _day(value: date, number_format: str) -> str:
    """Return the date as precisely as its cell shows it; with its time, if it has one."""
    if isinstance(value, datetime) and value.time() != time.min:
        return value.isoformat(timespec="seconds")
    return value.strftime(_precision(number_format))


@lru_cache(maxsize=1_000)
def _precision(number_format: str) -> str:
    """Return how to write dates of this number format: “mmm yyyy” shows a month, “yyyy” a year."""
    shown = _shown_part(number_format)
    if "d" in shown or "y" not in shown or not is_date_format(number_format):
        return "%Y-%m-%d"
    return "%Y-%m" if "m" in shown else "%Y"


def _shown_part(number_format: str) -> str:
    """Return the letters of a number format that stand for parts of the date, without what it only repeats."""
    first, shown, place = number_format.partition(";")[0].lower(), "", 0
    while place < len(first):
        if first[place] == "\\":
            place += 1
        elif (end := {'"': '"', "[": "]"}.get(first[place])) and end in first[place + 1 :]:
            place = first.index(end, place + 1)
        else:
            shown += first[place]
        place += 1
    return shown
