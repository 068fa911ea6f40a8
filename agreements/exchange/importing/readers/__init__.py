"""Files as rows of cells, whatever their format: CSV, Excel workbooks, JSON.

`opened` tells them apart by their content. Every reader explains what it cannot read, holds one row at a time, and
can be read more than once.
"""

import os
from pathlib import Path

from django.utils.translation import gettext as _

# Set before openpyxl is imported, which would otherwise use lxml if it is installed, without defusedxml's checks.
os.environ["OPENPYXL_LXML"] = "False"

from agreements.exchange.importing.readers.delimited import DelimitedTable
from agreements.exchange.importing.readers.documents import JsonTable
from agreements.exchange.importing.readers.encodings import known_encoding
from agreements.exchange.importing.readers.tables import Row, Table
from agreements.exchange.importing.refusals import FileRefusedError

__all__ = ["Row", "Table", "opened"]

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def opened(path: Path, *, name: str = "", encoding: str = "") -> Table:
    """Return the file as a table with its headings read; `name` is its name on the user's computer.

    Raises `FileRefusedError` with a sentence for its owner.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        sentence = _("The file cannot be opened (%(why)s).")
        raise FileRefusedError(sentence % {"why": error.strerror}) from error
    if not head:
        raise FileRefusedError(_("The file is empty."))
    if head.startswith(_OLD_EXCEL):
        sentence = _(
            "This is an Excel 97–2003 workbook, or it has a password. Save it as .xlsx without a "
            "password."
        )
        raise FileRefusedError(sentence)
    if head.startswith(_ZIP):
        # openpyxl takes longer to load than a small file to read
        from agreements.exchange.importing.readers.workbooks import WorkbookTable

        return WorkbookTable(path)
    if Path(name or path.name).suffix.lower() == ".json":
        return JsonTable(path)
    return DelimitedTable(path, known_encoding(encoding))
