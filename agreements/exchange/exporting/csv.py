"""The register's CSV (RFC 4180, UTF-8): the contract's columns, streamed in constant memory.

The list's download and the admin's export of selected rows call `stream_csv`; the importer reverses `defuse` with
`rearm`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from agreements.domain.facts import COLUMNS
from agreements.exchange.exporting.rows import row_blocks
from agreements.models.querysets import AgreementQuerySet

BYTE_ORDER_MARK = "\ufeff"

# A spreadsheet treats a cell that begins like this as a formula. Existing leading quotes are included, so that the
# added one can be removed without touching them.
_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
_SUSPECT = "'=+-@\t\r"
_NAMED_ALREADY = re.compile(r"'+[=+\-@\t\r]")
_FREE_TEXT = [place for place, column in enumerate(COLUMNS) if column.is_free_text]


def defuse(text: str) -> str:
    """Return the text with a leading quote if a spreadsheet would treat it as a formula."""
    is_formula_like = text[:1] in _SUSPECT and _FORMULA_LIKE.match(text)
    return f"'{text}" if is_formula_like else text


def rearm(cell: str) -> str:
    """Return the text that `defuse` was given; the importer uses this."""
    return cell[1:] if _NAMED_ALREADY.match(cell) else cell


def stream_csv(agreements: AgreementQuerySet, *, day: date, excel: bool = False) -> Iterator[str]:
    """Yield the CSV of these agreements in their order, a block of rows at a time, header first.

    `day` is the day the status is computed for; `excel` adds a leading byte order mark, by which Excel recognises
    UTF-8. Seven queries per thousand rows.
    """
    yield (BYTE_ORDER_MARK if excel else "") + lines([[column.name for column in COLUMNS]])
    for rows in row_blocks(agreements, day):
        yield lines(map(_safe, rows))


def _safe(row: list[str]) -> list[str]:
    for place in _FREE_TEXT:
        row[place] = defuse(row[place])
    return row


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Return these rows as lines of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
