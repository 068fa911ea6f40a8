"""Writes the refused rows of a file as CSV, as they are there and with the reasons, to be corrected and imported again."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _

from agreements.domain.choices import RowOutcome
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.exporting.csv import BYTE_ORDER_MARK, defuse, lines
from agreements.exchange.importing.kept_cells import CUT, KeptRow, rows_of
from agreements.exchange.importing.readers import Table, where
from agreements.exchange.importing.readers.heads import REASON, ROW
from agreements.exchange.importing.runs import Outcome
from agreements.models import Import

_AT_ONCE = 200


def write_refused(table: Table, outcome: Outcome, file: IO[str]) -> int:
    """Write the rows that have a problem, reading the table again, and return their number."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for (column, value, remedy), numbers in outcome.rows_of.items():
        for number in dict.fromkeys(numbers):
            reasons[number].append(_told(column, value, remedy))
    headings = _of_the_file(table.headings)
    writer = csv.writer(file)
    writer.writerow([*headings, ROW, REASON])
    for row in table.rows():
        if row.number in reasons:
            cells = [_text(row.cells.get(name)) for name in headings]
            place = where(row.number, table.sheets)
            writer.writerow(_line(cells, place, reasons[row.number]))
    return len(reasons)


def refused_csv(run: Import) -> Iterator[str]:
    """Yield the CSV of an import's refused rows from its stored lines, with the cells as staff have corrected them.

    All rows of a refused agreement are there. What was too long to be stored, or had no room, is named in the reason.
    """
    refused = run.records.filter(outcome=RowOutcome.REFUSED).order_by("pk")
    stored = refused.values_list("row", "problems", "cells")
    named = (
        cell.heading
        for _row, _problems, cells in stored.iterator(_AT_ONCE)
        for row in rows_of(cells)
        for cell in row.cells
    )
    headings = _of_the_file(dict.fromkeys(named))
    yield BYTE_ORDER_MARK + lines([[*headings, ROW, REASON]])
    for number, problems, cells in stored.iterator(_AT_ONCE):
        rows = rows_of(cells) or [KeptRow(number, [])]
        yield lines(_refused(row, rows[0].number, problems, headings, run) for row in rows)


def _refused(
    row: KeptRow,
    first: int,
    problems: Iterable[Sequence[str]],
    headings: Sequence[str],
    run: Import,
) -> list[str]:
    texts = row.texts(run.corrections)
    known = {row.number, first}
    reasons = [
        _told(column, value, remedy)
        for number, column, value, remedy in problems
        # one that names a row which is not kept stands at the first
        if int(number) == row.number or (row.number == first and int(number) not in known)
    ]
    for cell in row.cells:
        if cell.state == CUT and texts[cell.heading] == cell.text:
            told = _("“%(column)s” is cut here. Copy it from the file.")
            reasons.append(told % {"column": quoted(cell.heading)})
    if row.further:
        reasons.append(_("Further columns are not kept here. Copy them from the file."))
    if not row.cells:
        reasons.append(_("The cells of this row are not kept here. Copy them from the file."))
    place = where(row.number, run.survey.get("sheets"))
    return _line([texts.get(name, "") for name in headings], place, reasons)


def _line(cells: Iterable[str], place: str, reasons: Iterable[str]) -> list[str]:
    return [*map(defuse, cells), defuse(place), defuse(" ".join(reasons))]


def _told(column: str, value: str, remedy: str) -> str:
    return ": ".join(filter(None, [column, f"“{quoted(value)}”" if value else "", remedy]))


def _of_the_file(headings: Iterable[str]) -> list[str]:
    """Return the headings without those that an earlier download of refused rows has added."""
    return [name for name in headings if name and name not in (ROW, REASON)]


def _text(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return json.dumps(cell, ensure_ascii=False)
