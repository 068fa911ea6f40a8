"""The workbook for people: one sheet with labels, ready to print on A4 across, the headings repeated on every page."""

from itertools import chain
from tempfile import TemporaryDirectory
from typing import IO

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.domain.partial_dates import day_in_words
from agreements.domain.plain_text import legible
from agreements.exchange.exporting.extracts import REGISTER, Extract
from agreements.exchange.exporting.labelled import WIDTHS, labelled_blocks
from agreements.exchange.exporting.xlsx import OPTIONS, Sheet

_A4 = 9
_LONGEST_FOOTER = 200


def write_labelled_xlsx(extract: Extract, file: IO[bytes]) -> int:
    """Write the workbook to an empty binary file, and return the number of agreements in it."""
    with (
        TemporaryDirectory(prefix="xlsx-") as folder,
        xlsxwriter.Workbook(file, OPTIONS | {"tmpdir": folder}) as book,
    ):
        book.set_properties({"title": extract.words[:255], "author": REGISTER})
        with translation.override(extract.language):
            name = _("Agreements")
        sheet = Sheet(book, name)
        _set_up(sheet, book, extract)
        count = -1
        for count, row in enumerate(chain.from_iterable(labelled_blocks(extract))):
            for place, cell in enumerate(row):
                sheet.text(count, place, cell, sheet.wrapped if count else sheet.heading)
        sheet.sheet.autofilter(0, 0, max(count, 0), len(WIDTHS) - 1)
    return count


def _set_up(sheet: Sheet, book: xlsxwriter.Workbook, extract: Extract) -> None:
    """Set widths, and how the sheet prints: across, as wide as the paper, with where it is from below."""
    for place, width in enumerate(WIDTHS.values()):
        sheet.sheet.set_column(place, place, width)
    sheet.sheet.freeze_panes(1, 0)
    sheet.sheet.set_landscape()
    sheet.sheet.set_paper(_A4)
    sheet.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.sheet.fit_to_pages(1, 0)
    sheet.sheet.repeat_rows(0)
    with translation.override(extract.language):
        day = day_in_words(extract.day)
    page = legible(extract.page).replace("&", "&&")
    address = page if len(page) <= _LONGEST_FOOTER else f"{page[:_LONGEST_FOOTER]}…"
    sheet.sheet.set_footer(f"&L&8{address} · {day}&R&8&P / &N")
