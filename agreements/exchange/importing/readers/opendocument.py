"""Reads sheets of an OpenDocument workbook (.ods) row by row, as a spreadsheet program shows them.

All cells are in one part, `content.xml`, which may be crafted to cost far more than its size suggests: a cell or a row
can be repeated a million times by a number. The part is read once, in constant memory, to count what all of it costs and
to learn what sheets there are, and again each time for the cells of those that are wanted.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation.trans_null import gettext_noop

from agreements.exchange.importing.readers import workbook_parts as costs
from agreements.exchange.importing.readers.heads import (
    FURTHEST_ROW_LOOKED_AT,
    NumberedCells,
    beginning,
)
from agreements.exchange.importing.readers.sheets import (
    NOTHING,
    WIDEST,
    Area,
    Marks,
    Said,
    Sheet,
    SheetTable,
    link_of_formula,
    number_in_words,
    refuse_too_many,
)
from agreements.exchange.importing.refusals import FileRefusedError
from agreements.uploads.archives import Archive
from agreements.uploads.markup import Attributes, scanning
from agreements.uploads.refusals import ContentError

_MIME_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
# Programs give these prefixes to the namespaces of cells, so attributes are told by their names with prefixes.
_NAMESPACES = {
    "xmlns:office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "xmlns:table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "xmlns:text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}
_ROOT = "document-content"
# What stands in a sheet beside the cells: comments, drawings, and the old texts of tracked changes.
_BESIDE = frozenset((
    "annotation", "shapes", "frame", "custom-shape", "g", "line", "rect", "control", "forms", "tracked-changes", "dde-links",
))  # fmt: skip
_OF_CELLS = frozenset(("table-row", "table-cell", "covered-table-cell", "p", "span", "a", "s"))
_HIDDEN = frozenset(("collapse", "filter"))
# The longest text of a cell among which the headings are looked for.
_LONGEST_HEADING = 1_000
_NUMBER = re.compile(r"\d{1,9}")
_BLANKS = re.compile(r"[ \t\r\n]+")
_ERROR = re.compile(r"Err:\d{3}|#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_TIME = re.compile(r"PT(\d{1,2})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")
_NUMBERS = frozenset(("float", "percentage", "currency"))
_SHOWN_NUMBER = re.compile(r"\d+")
_SHOWN_WORD = re.compile(r"[^\W\d_]{3,}")


def is_opendocument(path: Path) -> bool:
    """Whether this archive says that it is an OpenDocument workbook."""
    try:
        with path.open("rb") as file:
            archive = Archive(file)
            kinds = [
                archive.read(part, 100) for part in archive.parts if part.filename == "mimetype"
            ]
    except ContentError:
        return False
    return any(kind.startswith(_MIME_TYPE) for kind in kinds)


class OpenDocumentTable(SheetTable):
    """Sheets of an OpenDocument workbook."""

    def __init__(self, path: Path, *, sheets: Sequence[str] = (), head: int = 0) -> None:
        """Raises `FileRefusedError` if the workbook cannot be read, is too large or has no header."""
        survey = _Survey(head)
        for _step in _read(path, survey):
            pass
        self._found = survey.sheets
        super().__init__(path, "ods", [found.sheet for found in survey.sheets], sheets, head)

    def _beginnings(self, sheets: Sequence[Sheet], head: int) -> list[list[NumberedCells]]:
        return [beginning(self._found[sheet.place].first, head) for sheet in sheets]

    def _cells(self, sheets: Sequence[Sheet]) -> Iterator[tuple[int, int, Sequence[Said]]]:
        places = {sheet.place: place for place, sheet in enumerate(sheets)}
        content = _Cells(places)
        with closing(_read(self.path, content)) as steps:
            for _step in steps:
                for row in content.taken():
                    for number in range(row.number, row.number + row.repeated):
                        yield places[row.sheet], number, row.cells
                if content.is_past:
                    return


def _read(path: Path, content: "_Content") -> Generator[None]:
    """Read the part with the cells, piece by piece. Raises `FileRefusedError`."""
    try:
        with path.open("rb") as file:
            archive = Archive(file)
            part = next((part for part in archive.parts if part.filename == _CONTENT), None)
            if part is None:
                raise FileRefusedError(_unreadable())
            is_xml = yield from scanning(
                archive.chunks(part),
                started=content.started,
                ended=content.ended,
                text=content.said,
                fed=content.fed,
            )
            yield
    except ContentError as error:
        raise FileRefusedError(str(error)) from error
    if not is_xml:
        raise FileRefusedError(_unreadable())


def _unreadable() -> str:
    return _(
        "The file cannot be read as an OpenDocument workbook, or it has a password. Open it in a spreadsheet program and "
        "save it again, without a password, as .xlsx or .ods."
    )


@dataclass
class _Found:
    """A sheet, and the first rows of its table."""

    sheet: Sheet
    first: list[NumberedCells] = field(default_factory=list)


@dataclass
class _Row:
    """A row, which stands for `repeated` ones of the same cells, of the sheet in this place."""

    sheet: int
    number: int
    is_hidden: bool
    repeated: int
    cells: list[Said] = field(default_factory=list)
    width: int = 0
    elements: int = 0
    # where in the part it begins, and how many letters it has
    begins: int = 0
    length: int = 0


@dataclass
class _Cell:
    """A cell that is being read."""

    attributes: Attributes
    paragraphs: list[str] = field(default_factory=list)
    link: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.paragraphs) or "office:value-type" in self.attributes


class _Content:
    """Follows the elements of `content.xml`. A subclass decides which rows it wants and what becomes of them."""

    def __init__(self) -> None:
        self.place = -1
        self._counts = costs.Counts()
        self._beside = 0
        self._tables = 0
        self._read = 0
        self._number = 0
        self._row: _Row | None = None
        self._cell: _Cell | None = None
        self._pieces: list[str] | None = None
        self._style = ""
        self._struck: set[str] = set()
        self._hidden: set[str] = set()
        self._is_wanted = False

    def wants(self, number: int) -> bool:
        """Whether the texts of this row are needed."""
        raise NotImplementedError

    def took(self, row: _Row) -> None:
        """Take a row that fills at least one cell."""

    def found_table(self, name: str, *, is_hidden: bool) -> None:
        """Take note of a sheet."""

    def found_columns(self, first: int, last: int) -> None:
        """Take note of columns that the sheet hides."""

    def found_merged(self, rows: int, columns: int, row: int, column: int) -> None:
        """Take note of a cell that is merged over rows and columns."""

    def found_comment(self) -> None:
        """Take note of a comment on a cell."""

    # Elements

    def started(self, name: str, attributes: Attributes) -> None:
        self._count(name)
        if name == _ROOT and not _NAMESPACES.items() <= attributes.items():
            raise FileRefusedError(_unreadable())
        if name in _BESIDE:
            if name == "annotation" and self._cell and not self._beside:
                self.found_comment()
            self._beside += 1
        elif self._beside:
            return
        elif name == "table":
            self._start_table(attributes)
        elif not self._tables:
            self._start_style(name, attributes)
        elif self._tables == 1:  # not a table within a cell
            self._start_in_table(name, attributes)

    def _count(self, name: str) -> None:
        is_of_cells = name in _OF_CELLS and self._tables
        self._counts.add(_CELLS if is_of_cells else _OTHERS)
        if self._row:
            self._row.elements += 1
            if self._row.elements > costs.MOST_ELEMENTS_OF_A_ROW:
                raise costs.too_much(costs.MOST_ELEMENTS_OF_A_ROW, gettext_noop("cells in a row"))

    def _start_in_table(self, name: str, attributes: Attributes) -> None:
        if self._cell:
            self._start_text(name, attributes)
        elif self._row:
            if name in ("table-cell", "covered-table-cell"):
                self._cell = _Cell(attributes)
        elif name == "table-row":
            self._start_row(attributes)
        elif name == "table-column":
            self._start_columns(attributes)

    def _start_style(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._hidden.add(self._style)
        elif name == "text-properties":
            line = attributes.get("style:text-line-through-style", "none")
            if line != "none":
                self._struck.add(self._style)

    def _start_table(self, attributes: Attributes) -> None:
        self._tables += 1
        if self._tables == 1:
            self.place += 1
            self._number, self._column = 0, 0
            name = attributes.get("table:name", "")
            is_hidden = attributes.get("table:style-name") in self._hidden
            self.found_table(name, is_hidden=is_hidden)

    def _start_columns(self, attributes: Attributes) -> None:
        first = self._column + 1
        self._column += _times(attributes, "table:number-columns-repeated")
        if attributes.get("table:visibility") in _HIDDEN:
            self.found_columns(first, min(self._column, WIDEST))

    def _start_row(self, attributes: Attributes) -> None:
        repeated = _times(attributes, "table:number-rows-repeated")
        is_hidden = attributes.get("table:visibility") in _HIDDEN
        self._row = _Row(self.place, self._number + 1, is_hidden, repeated, begins=self._read)
        self._is_wanted = self.wants(self._row.number)
        self._number += repeated
        self._column = 0

    def _start_text(self, name: str, attributes: Attributes) -> None:
        if name == "p" and self._cell:
            self._cell.paragraphs.append("")
            self._pieces = []
        elif name == "s":
            self._add(" ", _times(attributes, "text:c"))
        elif name == "tab":
            self._add("\t")
        elif name == "line-break":
            self._add("\n")
        elif name == "a" and self._cell and not self._cell.link:
            self._cell.link = attributes.get("xlink:href", "").strip()

    def said(self, text: str) -> None:
        if self._pieces is not None and not self._beside:
            self._add(_BLANKS.sub(" ", text))

    def _add(self, text: str, times: int = 1) -> None:
        if self._row and self._pieces is not None:
            self._row.length += len(text) * times
            if self._row.length > costs.MOST_BYTES_OF_A_ROW:
                raise costs.too_much(costs.MOST_BYTES_OF_A_ROW, gettext_noop("bytes in a row"))
            if self._is_wanted:
                self._pieces.append(text * times)

    def ended(self, name: str) -> None:
        if name in _BESIDE:
            self._beside -= 1
        elif self._beside:
            return
        elif name == "table":
            self._tables -= 1
        elif self._tables > 1:
            return
        elif name == "p" and self._cell and self._pieces is not None:
            self._cell.paragraphs[-1] = "".join(self._pieces)
            self._pieces = None
        elif name in ("table-cell", "covered-table-cell") and self._cell and self._row:
            self._end_cell(self._cell, self._row)
            self._cell = None
        elif name == "table-row" and self._row:
            row, self._row = self._row, None
            self._end_row(row)

    def _end_cell(self, cell: _Cell, row: _Row) -> None:
        column = self._column + 1
        repeated = _times(cell.attributes, "table:number-columns-repeated")
        self._column += repeated
        if not (cell.is_filled or "table:formula" in cell.attributes):
            return
        row.width = self._column
        if column > WIDEST:
            return
        said = _said(cell, self._struck) if self._is_wanted else NOTHING
        row.cells += [NOTHING] * (column - 1 - len(row.cells))
        row.cells += [said] * min(repeated, WIDEST - len(row.cells))
        rows, columns = (
            _times(cell.attributes, f"table:number-{name}-spanned") for name in ("rows", "columns")
        )
        if rows * columns > 1:
            self.found_merged(rows, columns, row.number, column)

    def _end_row(self, row: _Row) -> None:
        if not row.width:
            return
        if row.number + row.repeated - 1 > costs.LAST_ROW:
            raise costs.too_much(costs.LAST_ROW, gettext_noop("rows"))
        self._counts.add(_CELLS, len(row.cells) * row.repeated)
        self.took(row)

    def fed(self, place: int) -> None:
        self._read = place
        if self._row and place - self._row.begins > costs.MOST_BYTES_OF_A_ROW:
            raise costs.too_much(costs.MOST_BYTES_OF_A_ROW, gettext_noop("bytes in a row"))


class _Survey(_Content):
    """Learns what sheets there are, what they mark, and the first rows of each."""

    def __init__(self, head: int) -> None:
        super().__init__()
        self.sheets: list[_Found] = []
        self._last = min(head or FURTHEST_ROW_LOOKED_AT, FURTHEST_ROW_LOOKED_AT)
        self._head = head

    def found_table(self, name: str, *, is_hidden: bool) -> None:
        refuse_too_many([*self.sheets, name])
        self.sheets.append(_Found(Sheet(name, self.place, is_hidden, Marks())))

    @property
    def _marks(self) -> Marks:
        return self.sheets[-1].sheet.marks

    def found_columns(self, first: int, last: int) -> None:
        self._marks.hidden_columns.update(range(first, last + 1))

    def found_merged(self, rows: int, columns: int, row: int, column: int) -> None:
        self._marks.merged.append(Area(row, row + rows - 1, column, column + columns - 1))

    def found_comment(self) -> None:
        self._marks.comments += 1

    def wants(self, number: int) -> bool:
        return number <= self._last

    def took(self, row: _Row) -> None:
        marks, found = self._marks, self.sheets[-1]
        marks.rows += row.repeated
        marks.width = max(marks.width, row.width)
        numbers = range(row.number, row.number + row.repeated)
        if row.is_hidden:
            self._counts.add(_HIDDEN_ROWS, row.repeated)
            marks.hidden_rows.update(numbers)
        if self._is_wanted:
            texts = [cell.text[:_LONGEST_HEADING] for cell in row.cells]
            found.first += [(number, texts) for number in numbers if number <= self._last]
            # the rows among which the head is, so that no more are kept than are needed
            found.first = beginning(found.first, self._head)


class _Cells(_Content):
    """Takes the rows of the sheets in these places."""

    def __init__(self, places: dict[int, int]) -> None:
        super().__init__()
        self._places = places
        self._rows: list[_Row] = []

    @property
    def is_past(self) -> bool:
        """Whether no further sheet is wanted."""
        return self.place > max(self._places)

    def wants(self, number: int) -> bool:
        return self.place in self._places

    def took(self, row: _Row) -> None:
        if self._is_wanted:
            self._rows.append(row)

    def taken(self) -> list[_Row]:
        """Return the rows that were read since the last call."""
        rows, self._rows = self._rows, []
        return rows


_CELLS = "cells"
_OTHERS = "styles, names, merged cells and other objects"
_HIDDEN_ROWS = "hidden rows"


def _times(attributes: Attributes, name: str) -> int:
    """Return how often something is repeated, or over how many cells it is merged; once, if nothing is said."""
    number = attributes.get(name, "1")
    return max(int(number), 1) if _NUMBER.fullmatch(number) else 1


def _said(cell: _Cell, struck: set[str]) -> Said:
    """Return what a cell says, as a CSV file would have it: whole numbers without a decimal point."""
    formula = cell.attributes.get("table:formula", "")
    shown = "\n".join(cell.paragraphs)
    link = cell.link or link_of_formula(formula)
    is_error = cell.attributes.get("calcext:value-type") == "error"
    if is_error or (formula and _ERROR.fullmatch(shown.strip())):
        return Said(loss=_("a spreadsheet error (%(error)s)") % {"error": shown.strip()[:20]})
    if formula and not cell.is_filled:
        why = _("a formula without a stored value: open the file, save it and try again")
        return Said(loss=why, link=link)
    is_struck = cell.attributes.get("table:style-name") in struck
    text, is_date = _text_of(cell.attributes, shown)
    return Said(text, "", is_date, is_struck, link)


def _text_of(attributes: Attributes, shown: str) -> tuple[str, bool]:
    """Return the value that a cell states, or the text that it shows, and whether that is a real date."""
    kind = attributes.get("office:value-type", "")
    try:
        if kind in _NUMBERS:
            return _number(attributes["office:value"]), False
        if kind == "date":
            return _day(datetime.fromisoformat(attributes["office:date-value"]), shown), True
        if kind == "time" and (found := _TIME.fullmatch(attributes["office:time-value"])):
            hours, minutes, seconds = map(int, found.groups())
            return time(hours, minutes, seconds).isoformat(), False
    except (KeyError, ValueError, OverflowError):
        return shown, False
    if kind == "boolean":
        return attributes.get("office:boolean-value", shown).capitalize(), False
    return shown or attributes.get("office:string-value", ""), False


def _number(text: str) -> str:
    return text if text.isdecimal() and text.isascii() else number_in_words(float(text))


def _day(moment: datetime, shown: str) -> str:
    """Return the date as precisely as its cell shows it; with its time, if it has one."""
    if moment.time() != time.min:
        return moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return moment.strftime(_precision(moment, shown))


def _precision(moment: datetime, shown: str) -> str:
    """Return how to write a date of which this is shown: “Mar 2021” shows a month, “2021” a year."""
    numbers, has_word = _SHOWN_NUMBER.findall(shown), bool(_SHOWN_WORD.search(shown))
    years = {str(moment.year), f"{moment.year % 100:02}"}
    is_year_shown = any(number in years for number in numbers)
    # of two digits alone, such as “Mar 21”, the day is meant if it can be
    is_day = len(numbers) == 1 and len(numbers[0]) < 3 and int(numbers[0]) == moment.day
    if not is_year_shown or is_day or len(numbers) + has_word > 2:
        return "%Y-%m-%d"
    return "%Y-%m" if len(numbers) + has_word == 2 else "%Y"
