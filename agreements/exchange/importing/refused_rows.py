"""Writes the refused rows of a file as CSV, as they are there and with the reasons, to be corrected and imported again."""

import csv
import json
from collections import defaultdict
from typing import IO

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.exporting.csv import defuse
from agreements.exchange.importing.readers import Table, where
from agreements.exchange.importing.runs import Outcome

# the headings of what is added to each row
ROW, REASON = "row in the file", "reason"


def write_refused(table: Table, outcome: Outcome, file: IO[str]) -> int:
    """Write the rows that have a problem, reading the table again, and return their number."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for (column, value, remedy), numbers in outcome.rows_of.items():
        told = ": ".join(filter(None, [column, f"“{quoted(value)}”" if value else "", remedy]))
        for number in dict.fromkeys(numbers):
            reasons[number].append(told)
    headings = [name for name in table.headings if name]
    writer = csv.writer(file)
    writer.writerow([*headings, ROW, REASON])
    for row in table.rows():
        if row.number in reasons:
            cells = [defuse(_text(row.cells.get(name))) for name in headings]
            writer.writerow(
                [*cells, defuse(where(row.number, table.sheets)), " ".join(reasons[row.number])]
            )
    return len(reasons)


def _text(cell: object) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return json.dumps(cell, ensure_ascii=False)
