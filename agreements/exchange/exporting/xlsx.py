"""The register as an Excel workbook: the CSV's columns with real dates, and a sheet that explains them.

The workbook is written to a file completely before any of it is sent, because a truncated workbook cannot be opened.
Rows go to disk as they come. No cell is a formula or a link, whatever a title looks like.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from agreements.domain.facts import COLUMNS
from agreements.domain.plain_text import legible
from agreements.domain.urls import permanent
from agreements.domain.value_types import Holds
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.exchange.exporting.rows import row_blocks

# The most rows that an Excel sheet can hold, without the header; and the most UTF-16 units in a cell.
MOST_AGREEMENTS = 1_048_576 - 1
LONGEST_CELL = 32_767
# Excel treats 1900 as a leap year, so its days before March 1900 differ from the calendar.
FIRST_DAY = date(1900, 3, 1)

_DAY_ZERO = date(1899, 12, 30).toordinal()
_FULL_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Text that can be written to XML as it is: without markup, control characters, surrogates, line breaks, leading or
# trailing spaces, and without what Excel reads as an escaped character.
_IS_PLAIN = re.compile(
    r"(?!\s)(?:[ -%'-;=?-^`-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_(?!x))+(?<!\s)"
).fullmatch
_LIKE_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = {Holds.CODES: 16, Holds.TEXT: 40, Holds.DATE: 12, Holds.MOMENT: 20, Holds.NUMBER: 16}
_HOLDS = [column.type.holds for column in COLUMNS]
_LETTERS = [xl_col_to_name(place) for place in range(len(COLUMNS))]


class TooManyAgreementsError(ValueError):
    """The selection has more rows than a sheet can hold. The text tells the user what to do instead."""


def write_xlsx(extract: Extract, file: IO[bytes]) -> int:
    """Write the workbook of this extract to an empty binary file, and return the number of agreements in it.

    Raises `TooManyAgreementsError`; after any error the contents of the file are unusable. Six queries, and five for
    each further thousand rows.
    """
    refuse_too_many(extract.agreements.count())
    with (
        TemporaryDirectory(prefix="xlsx-") as folder,
        xlsxwriter.Workbook(file, OPTIONS | {"tmpdir": folder}) as book,
    ):
        book.use_zip64()
        book.set_properties({"title": extract.words[:255], "author": REGISTER})
        count = _Agreements(book).write(extract)
        _write_about(Sheet(book, _("About")), extract, count)
    return count


def refuse_too_many(count: int) -> None:
    """Raise `TooManyAgreementsError` if there are more agreements than a sheet can hold."""
    if count > MOST_AGREEMENTS:
        raise TooManyAgreementsError(
            _(
                "An Excel sheet can hold %(most)d agreements, but this selection has %(count)d. "
                "Narrow it with a filter, or download the CSV or the JSON, which have no limit."
            )
            % {"most": MOST_AGREEMENTS, "count": count}
        )


class Sheet:
    """A sheet with its cell formats."""

    def __init__(
        self, book: xlsxwriter.Workbook, name: str, kind: type[Worksheet] = Worksheet
    ) -> None:
        self.sheet: Any = book.add_worksheet(name, kind)
        self.bold = book.add_format({"bold": True})
        self.heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})

    def text(self, row: int, column: int, text: str, style: Format | None = None) -> None:
        text = fitting(legible(text))
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library would mistake this for its own markup and write it unescaped, but not in rich text.
            parts = [text[:1], text[1:2], text[2:]]
            self.sheet.write_rich_string(row, column, *parts, *filter(None, [style]))
        elif text:
            self.sheet.write_string(row, column, text, style)


class _Lines(Worksheet):
    """A sheet that writes rows as XML itself, because the library repeats the same checks for each of a million cells.

    In constant memory mode the library writes each sheet's rows to a separate file, `fh`, as they come. That file and the
    previous row are the only internals of the library on which this class depends.
    """

    def write_line(self, row: int, cells: Iterable[str]) -> None:
        """Write a row (counted from 0) below all rows written so far."""
        if row > self.previous_row:
            self._write_single_row(row)
        self.fh.write(f'<row r="{row + 1}">{"".join(cells)}</row>')
        self.dim_rowmax = row


class _Agreements(Sheet):
    """The agreements, one per row, in the columns of the CSV."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        super().__init__(book, _("Agreements"), _Lines)
        for place, column in enumerate(COLUMNS):
            self.sheet.set_column(place, place, _WIDTHS[column.type.holds])
        self.sheet.freeze_panes(1, 1)

    def write(self, extract: Extract) -> int:
        for place, column in enumerate(COLUMNS):
            self.text(0, place, column.name, self.bold)
        count = 0
        blocks = row_blocks(extract.agreements, extract.day)
        for count, cells in enumerate(chain.from_iterable(blocks), start=1):
            refuse_too_many(count)
            self.sheet.write_line(count, self._cells(str(count + 1), cells))
        self.sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
        return count

    def _cells(self, row: str, cells: list[str]) -> Iterator[str]:
        """Yield the cells of a row, numbered from 1, as XML; empty ones are left out."""
        for column, holds, cell in zip(_LETTERS, _HOLDS, cells, strict=True):
            if not cell:
                continue
            number = _NUMBERS[holds](cell) if holds in _NUMBERS else None
            if number is None:
                yield f'<c r="{column}{row}" t="inlineStr"><is>{inline(cell)}</is></c>'
            else:
                yield f'<c r="{column}{row}" s="{self._styles[holds]}"><v>{number:.16G}</v></c>'

    @cached_property
    def _styles(self) -> dict[Holds, int]:
        """The workbook's number of the format for each kind of cell, assigned on first use."""
        formats = {Holds.DATE: self.day, Holds.MOMENT: self.moment}
        styles = {holds: style._get_xf_index() for holds, style in formats.items()}  # noqa: SLF001
        return {Holds.NUMBER: 0, **styles}


def _write_about(sheet: Sheet, extract: Extract, count: int) -> None:
    """Write what the workbook contains, where it comes from, and what its columns mean."""
    sheet.sheet.set_column(0, 0, 24)
    sheet.sheet.set_column(1, 1, 100, sheet.wrapped)
    lines = [
        (_("Selection"), extract.words),
        (_("URL of the selection"), extract.page),
        (_("URL of this file"), extract.address("agreement_xlsx")),
        (_("Status as of"), extract.day.isoformat()),
        (_("Number of agreements"), str(count)),
        *([(_("Status undetermined"), str(extract.undetermined))] if extract.undetermined else []),
        (_("Licence"), f"{LICENCE}, {LICENCE_ADDRESS}"),
        (_("Please credit"), f"{REGISTER}, {permanent('/')}"),
        (
            _("Dates"),
            _(
                "An exact and certain date is a date cell. Other dates are text in EDTF (ISO 8601-2): 2023-08 "
                "is August 2023; a final ~ means approximate, ? uncertain and % both; a slash separates the start and "
                "end of a period. Days before March 1900 are also text, because Excel counts them wrongly. Times are "
                "in UTC."
            ),
        ),
        (
            _("Long texts"),
            _(
                "A cell can hold %(most)d characters. A longer text is cut off, with a note at its end; the CSV and "
                "the JSON contain all of it."
            )
            % {"most": LONGEST_CELL},
        ),
    ]
    for row, (label, text) in enumerate(lines):
        sheet.text(row, 0, label, sheet.bold)
        sheet.text(row, 1, text, sheet.wrapped)
    first = len(lines) + 1
    sheet.text(first, 0, _("Column"), sheet.bold)
    sheet.text(first, 1, _("Meaning"), sheet.bold)
    for row, column in enumerate(COLUMNS, start=first + 1):
        sheet.text(row, 0, column.name)
        sheet.text(row, 1, str(column.dictionary_meaning), sheet.wrapped)


def inline(text: str) -> str:
    """Return a non-empty text as the XML of a cell's text, cut to the length a cell can hold."""
    if _IS_PLAIN(text) and len(text) < LONGEST_CELL // 2:
        return f"<t>{text}</t>"
    text = _LIKE_ESCAPE.sub(r"_x005F\1", fitting(legible(text))).translate(_MARKUP)
    return f"<t>{text}</t>" if text == text.strip() else f'<t xml:space="preserve">{text}</t>'


def day_number(text: str) -> int | None:
    """Return Excel's number for this day; None for a partial date or one too early for Excel."""
    if not _FULL_DAY.fullmatch(text) or (day := date.fromisoformat(text)) < FIRST_DAY:
        return None
    return day.toordinal() - _DAY_ZERO


def moment_number(text: str) -> float:
    """Return Excel's number for a timestamp (ISO 8601, UTC): its day, and the fraction of the day that has passed."""
    moment = datetime.fromisoformat(text)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.toordinal() - _DAY_ZERO + seconds / 86_400


_NUMBERS: dict[Holds, Callable[[str], float | None]] = {
    Holds.DATE: day_number,
    Holds.MOMENT: moment_number,
    Holds.NUMBER: float,
}


def fitting(text: str) -> str:
    """Return the text if a cell can hold it, otherwise its beginning with a note that the rest is missing."""
    if _units(text) <= LONGEST_CELL:
        return text
    note = " " + _("[cut here: too long for a cell]")
    room = 2 * (LONGEST_CELL - _units(note))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + note


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
