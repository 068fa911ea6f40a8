"""A file to fill in: the register's columns that a new record can have, and two examples that are never imported."""

from collections.abc import Iterator
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from agreements.domain.facts import COLUMNS
from agreements.exchange.exporting.csv import BYTE_ORDER_MARK, lines
from agreements.exchange.exporting.xlsx import OPTIONS, Sheet
from agreements.exchange.importing.own import EXAMPLE
from agreements.exchange.importing.own_rows import READ

HEADINGS = ("ref", *(column.name for column in COLUMNS if column.name in READ))
# a row of the first example by its column, and of the second
EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "ref": EXAMPLE,
        "title": "Memorandum of understanding on cooperation in health",
        "kind": "mou",
        "stage": "concluded",
        "signed": "2023-08",
        "in_force": "2023-09-01",
        "term_kind": "fixed",
        "term": "3 years",
        "place": "Baku",
        "parties": "Azerbaijan; World Health Organization; Japan [observer]",
        "summary": "What was agreed, in your own words.",
        "signatories": "Name of the first who signed; Name of the second",
        "sources": "https://example.org/memorandum",
    },
    {
        "ref": EXAMPLE,
        "title": "Agreement on mutual recognition of diplomas",
        "kind": "Agreement",
        "stage": "In negotiation",
        "stage_reported": "25.05.2022",
        "parties": "Ministry of Science and Education; Ministry of Education of Georgia",
    },
)
_WIDTH = 18


def template_csv() -> Iterator[str]:
    """Yield the template as CSV, as Excel recognises it."""
    yield BYTE_ORDER_MARK + lines(_rows())


def write_template(file: IO[bytes]) -> None:
    """Write the template as a workbook to an empty binary file."""
    with xlsxwriter.Workbook(file, OPTIONS | {"constant_memory": False}) as book:
        sheet = Sheet(book, _("Agreements"))
        sheet.sheet.set_column(0, len(HEADINGS) - 1, _WIDTH)
        sheet.sheet.freeze_panes(1, 0)
        for number, row in enumerate(_rows()):
            for place, text in enumerate(row):
                sheet.text(number, place, text, None if number else sheet.heading)


def _rows() -> list[list[str]]:
    return [list(HEADINGS), *([row.get(name, "") for name in HEADINGS] for row in EXAMPLES)]
