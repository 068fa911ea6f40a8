"""Reads a sheet of an Excel workbook row by row, with real dates as dates, as precisely as the sheet shows them.

A workbook is a zip archive of XML files, and both can be crafted to exhaust memory: `workbook_parts` bounds the cost of
every part before any of them is opened.
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.exceptions import InvalidFileException

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.heads import MOST_COLUMNS, beginning, found_head
from agreements.exchange.importing.readers.tables import (
    LONGEST_CELL,
    Row,
    Table,
    letter_of,
    row_of,
)
from agreements.exchange.importing.readers.workbook_parts import Marks, inspected
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.remarks import Remarks
from agreements.uploads.refusals import ContentError

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
_VISIBLE = "visible"


class _Cell(NamedTuple):
    """What a cell says: its text, why it says nothing, and whether it is a real date."""

    text: str
    loss: str = ""
    is_date: bool = False
    is_struck: bool = False


class WorkbookTable(Table):
    """The first sheet of a workbook (.xlsx) that is not hidden."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` if this is not a workbook, is too large or has no header."""
        try:
            marks = inspected(path)
        except ContentError as error:
            raise FileRefusedError(str(error)) from error
        with _book(path, computed=False) as book:
            sheet = _first_sheet(book)
            self._name = sheet.title
            others = [each.title for each in book.worksheets if each.title != sheet.title]
            part = str(sheet._worksheet_path).lstrip("/").lower()  # noqa: SLF001
            rows = enumerate(_rows(sheet, MOST_COLUMNS + 1), start=1)
            first = beginning((n, [_said(cell).text for cell in cells]) for n, cells in rows)
        self._marks = marks.get(part, Marks())
        if not first:
            raise FileRefusedError(
                _("The sheet “%(name)s” of the workbook is empty.") % {"name": quoted(self._name)}
            )
        head = found_head(first)
        self._head_row = head.row
        super().__init__(path, "xlsx", head.headings, [*head.notes])
        # a workbook of the register has one other sheet, which describes it
        if others and not (head.is_own and len(others) == 1):
            sentence = _("Only the sheet “%(read)s” was read. The workbook has others: %(others)s.")
            names = ", ".join(f"“{quoted(name)}”" for name in others)
            self.notes.append(sentence % {"read": quoted(self._name), "others": names})

    def rows(self) -> Iterator[Row]:
        self.remarks = Remarks()
        blank = None
        for number, cells in self._cells():
            # for all rows that a sheet skips, up to a million, the library repeats one
            if number <= self._head_row or cells is blank:
                continue
            said = [_said(cell) for cell in cells]
            said += [_Cell("")] * (len(self.headings) - len(said))
            if any(cell.text.strip() or cell.loss for cell in said):
                yield self._row(number, said)
            else:
                blank = cells

    def _cells(self) -> Iterator[tuple[int, Any]]:
        """Yield the rows with their numbers; a formula is replaced by the value that was stored with it."""
        width = len(self.headings)
        with ExitStack() as stack:
            written = stack.enter_context(_sheet(self.path, self._name, computed=False))
            if not self._marks.has_formulas:
                yield from enumerate(_rows(written, width), start=1)
                return
            computed = stack.enter_context(_sheet(self.path, self._name, computed=True))
            pairs = zip(_rows(written, width), _rows(computed, width), strict=False)
            for number, (formulas, values) in enumerate(pairs, start=1):
                yield (
                    number,
                    [
                        value if _is_formula(formula) and value.value is not None else formula
                        for formula, value in zip(formulas, values, strict=False)
                    ],
                )

    def _row(self, number: int, said: Sequence[_Cell]) -> Row:
        row = row_of(number, self.headings, [cell.text for cell in said], self.remarks)
        named = [(name, cell) for name, cell in zip(self.headings, said, strict=False) if name]
        self._remark_on(number, said)
        too_long = _("The cell's text is too long. Shorten it.")
        problems = [
            Problem(number, name, quoted(cell.text), too_long)
            for name, cell in named
            if len(cell.text) > LONGEST_CELL
        ]
        return Row(
            number,
            row.cells,
            [*row.problems, *problems],
            lost=[Problem(number, name, "", cell.loss) for name, cell in named if cell.loss],
            dates=frozenset(name for name, cell in named if cell.is_date),
        )

    def _remark_on(self, number: int, said: Sequence[_Cell]) -> None:
        if number in self._marks.hidden_rows:
            self.remarks.note(_("rows that the sheet hides; they were read"), number)
        for place, cell in enumerate(said, start=1):
            if not cell.text:
                continue
            letter = {"letter": letter_of(place)}
            if cell.is_struck:
                remark = _("struck-through text in column %(letter)s; it was read")
                self.remarks.note(remark % letter, number)
            if place in self._marks.hidden_columns:
                remark = _("column %(letter)s, which the sheet hides; it was read")
                self.remarks.note(remark % letter, number)


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


def _first_sheet(book: Any) -> Any:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == _VISIBLE]
    found = next(iter([*sheets, *book.worksheets]), None)
    if found is None:
        raise FileRefusedError(_("The workbook has no sheet with cells."))
    return found


@contextmanager
def _sheet(path: Path, name: str, *, computed: bool) -> Iterator[Any]:
    with _book(path, computed=computed) as book:
        yield book[name]


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


def _said(cell: Any) -> _Cell:
    """Return what a cell says, as a CSV file would have it: whole numbers without a decimal point."""
    value = cell.value
    if value is None:
        return _Cell("")
    if _is_formula(cell):
        return _Cell(
            "", _("a formula without a stored value: open the file, save it and try again")
        )
    if cell.data_type == "e":
        return _Cell("", _("a spreadsheet error (%(error)s)") % {"error": value})
    is_struck = bool(cell.has_style and cell.font.strike)
    if isinstance(value, (date, datetime)):
        return _Cell(_day(value, cell.number_format), is_date=True, is_struck=is_struck)
    if isinstance(value, time):
        return _Cell(value.isoformat())
    if isinstance(value, float) and value.is_integer():
        return _Cell(str(int(value)), is_struck=is_struck)
    # an underscore before what looks like a character's code, as workbooks escape it in the cells themselves
    return _Cell(str(value).replace("_x005F_", "_"), is_struck=is_struck)


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
