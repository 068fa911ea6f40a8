"""The register as an Excel workbook: the CSV's columns with real dates, and a sheet that says what they are.

The workbook is written to a file from beginning to end before any of it is sent, for a workbook cut short is a broken
one. Rows go to the disk as they come. Nothing in it is a formula or a link, whatever a title looks like.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from agreements.addresses import permanent
from agreements.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.exporting.rows import COLUMNS, Holds, row_blocks
from agreements.plain_text import legible

# What a sheet of Excel can hold, less the header; and a cell, counted in UTF-16.
MOST_AGREEMENTS = 1_048_576 - 1
LONGEST_CELL = 32_767
# Excel takes 1900 for a leap year, so its days before March 1900 are not those of the calendar.
FIRST_DAY = date(1900, 3, 1)

_FULL_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = {Holds.CODES: 16, Holds.TEXT: 40, Holds.DATE: 12, Holds.MOMENT: 20}
_HOLDS = [column.holds for column in COLUMNS]


class TooManyAgreementsError(ValueError):
    """The selection has more rows than a sheet. The text tells the person who asked what to do instead."""


def write_xlsx(extract: Extract, file: IO[bytes]) -> int:
    """Write the workbook of this extract to an empty binary file and return the number of agreements in it.

    Raises `TooManyAgreementsError`; after that or any other error the file holds nothing of use. Costs six queries,
    and five for each further thousand rows.
    """
    _refuse_too_many(extract.agreements.count())
    with (
        TemporaryDirectory(prefix="xlsx-") as folder,
        xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as book,
    ):
        book.use_zip64()
        book.set_properties({"title": extract.words[:255], "author": REGISTER})
        count = _Agreements(book).write(extract)
        _About(book).write(extract, count)
    return count


def _refuse_too_many(count: int) -> None:
    if count > MOST_AGREEMENTS:
        raise TooManyAgreementsError(
            _(
                "A sheet of Excel holds %(most)d agreements and this selection has %(count)d. "
                "Choose fewer with a filter, or take the CSV or the JSON, which hold them all."
            )
            % {"most": MOST_AGREEMENTS, "count": count}
        )


class _Sheet:
    """A sheet with the formats of its cells."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        self.bold = book.add_format({"bold": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})

    def text(self, row: int, column: int, text: str, style: Any = None) -> None:
        text = fitting(legible(text))
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library would take it for markup of its own and write it unescaped; in parts it is text.
            parts = [text[:1], text[1:2], text[2:]]
            self.sheet.write_rich_string(row, column, *parts, *filter(None, [style]))
        elif text:
            self.sheet.write_string(row, column, text, style)

    def date(self, row: int, column: int, text: str) -> None:
        """Write a full exact day as a date, and anything less, or too early for Excel, as its text."""
        day = exact_day(text)
        if day is not None and day >= FIRST_DAY:
            self.sheet.write_datetime(row, column, day, self.day)
        else:
            self.text(row, column, text)


class _Agreements(_Sheet):
    """The agreements, one a row, in the columns of the CSV."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        super().__init__(book, _("Agreements"))
        for place, column in enumerate(COLUMNS):
            self.sheet.set_column(place, place, _WIDTHS[column.holds])
        self.sheet.freeze_panes(1, 1)

    def write(self, extract: Extract) -> int:
        for place, column in enumerate(COLUMNS):
            self.text(0, place, column.name, self.bold)
        count = 0
        for count, cells in enumerate(_rows(extract), start=1):
            _refuse_too_many(count)
            self._row(count, cells)
        self.sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
        return count

    def _row(self, row: int, cells: list[str]) -> None:
        for place, (holds, cell) in enumerate(zip(_HOLDS, cells, strict=True)):
            if holds is Holds.DATE:
                self.date(row, place, cell)
            elif holds is Holds.MOMENT:
                moment = datetime.fromisoformat(cell).replace(tzinfo=None)
                self.sheet.write_datetime(row, place, moment, self.moment)
            else:
                self.text(row, place, cell)


class _About(_Sheet):
    """What the workbook holds, where it is from, and what its columns mean."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        super().__init__(book, _("About"))
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 1, 100, self.wrapped)

    def write(self, extract: Extract, count: int) -> None:
        lines = [
            (_("Selection"), extract.words),
            (_("Address of the selection"), extract.page),
            (_("Address of this file"), extract.address("agreement_xlsx")),
            (_("Day of the status"), extract.day.isoformat()),
            (_("Number of agreements"), str(count)),
            (_("Licence"), f"{LICENCE}, {LICENCE_ADDRESS}"),
            (_("Please name"), f"{REGISTER}, {permanent('/')}"),
            (_("Dates"), _dates_explained()),
            (_("Long texts"), _long_texts_explained()),
        ]
        for row, (label, text) in enumerate(lines):
            self.text(row, 0, label, self.bold)
            self.text(row, 1, text, self.wrapped)
        self._columns(len(lines) + 1)

    def _columns(self, first: int) -> None:
        self.text(first, 0, _("Column"), self.bold)
        self.text(first, 1, _("Meaning"), self.bold)
        for row, column in enumerate(COLUMNS, start=first + 1):
            self.text(row, 0, column.name)
            self.text(row, 1, str(column.meaning), self.wrapped)


def _rows(extract: Extract) -> Iterator[list[str]]:
    for block in row_blocks(extract.agreements, extract.day, permanent):
        yield from block


def _dates_explained() -> str:
    return _(
        "Cells with a full day that is certain are dates. Dates known in part are texts in EDTF (ISO 8601-2): "
        "2023-08 is August 2023, a final ~ means about, ? uncertain, % both, and a slash joins the two ends of a "
        "period. Days before March 1900 are texts too, since Excel counts them wrongly. Moments are in UTC."
    )


def _long_texts_explained() -> str:
    return _(
        "A cell holds %(most)d characters. A longer text is cut and says so at its end; the CSV and the JSON "
        "hold the whole."
    ) % {"most": LONGEST_CELL}


def exact_day(text: str) -> date | None:
    """Return the day that an EDTF text names, if it is a full one, approximate and uncertain in nothing."""
    return date.fromisoformat(text) if _FULL_DAY.fullmatch(text) else None


def fitting(text: str) -> str:
    """Return the text if a cell can hold it, else its beginning with a note that the rest is missing."""
    if _units(text) <= LONGEST_CELL:
        return text
    note = " " + _("[cut here: longer than a cell]")
    room = 2 * (LONGEST_CELL - _units(note))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + note


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
