"""Files as rows of cells, whatever their format: CSV, workbooks of Excel and OpenDocument, JSON.

`opened` tells them apart by their content. Every reader explains what it cannot read, holds one row at a time, and
can be read more than once.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

# Set before openpyxl is imported, which would otherwise use lxml if it is installed, without defusedxml's checks.
os.environ["OPENPYXL_LXML"] = "False"

from agreements.exchange.importing.readers.delimited import DelimitedTable
from agreements.exchange.importing.readers.documents import JsonTable
from agreements.exchange.importing.readers.encodings import known_encoding
from agreements.exchange.importing.readers.opendocument import (
    OpenDocumentTable,
    is_opendocument,
)
from agreements.exchange.importing.readers.sheets import ALL
from agreements.exchange.importing.readers.tables import Row, SheetInfo, Table, where
from agreements.exchange.importing.refusals import FileRefusedError

__all__ = ["ALL", "Row", "SheetInfo", "Table", "opened", "where"]

_ZIP = b"PK\x03\x04"
_TAB_SEPARATED = (".tsv", ".tab")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def opened(
    path: Path, *, name: str = "", encoding: str = "", sheets: Sequence[str] = (), head: int = 0
) -> Table:
    """Return the file as a table with its headings read; `name` is its name on the user's computer.

    `sheets` names those of a workbook to read, `*` all that are not hidden; without any, the first of these is read.
    `head` is the number of the row in which the headings end; without it, that row is looked for in each sheet.

    Raises `FileRefusedError` with a sentence for its owner.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        sentence = _("The file cannot be opened (%(why)s).")
        raise FileRefusedError(sentence % {"why": error.strerror}) from error
    if not start:
        raise FileRefusedError(_("The file is empty."))
    if start.startswith(_OLD_EXCEL):
        sentence = _(
            "This is an Excel 97–2003 workbook, or it has a password. Save it as .xlsx without a "
            "password."
        )
        raise FileRefusedError(sentence)
    if start.startswith(_ZIP):
        if is_opendocument(path):
            return OpenDocumentTable(path, sheets=sheets, head=head)
        # openpyxl takes longer to load than a small file to read
        from agreements.exchange.importing.readers.workbooks import WorkbookTable

        return WorkbookTable(path, sheets=sheets, head=head)
    extension = Path(name or path.name).suffix.lower()
    if extension == ".json":
        table: Table = JsonTable(path)
    else:
        delimiter = "\t" if extension in _TAB_SEPARATED else ""
        table = DelimitedTable(path, known_encoding(encoding), delimiter=delimiter, head=head)
    if any(name != ALL for name in sheets):
        table.notes.append(
            _("The file is no workbook, so the sheets that were chosen do not count.")
        )
    return table
