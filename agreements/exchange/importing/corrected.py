"""Reads a table with the cells that staff corrected in the preview, and without the rows that they left out.

The file stays as it is: a record is recognised by the cells of the file, so that the next import of the same file finds
it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.importing.readers import Row, Table
from agreements.exchange.importing.readers.tables import ROWS_OF_A_SHEET
from agreements.exchange.importing.remarks import Remarks
from agreements.models import Import

# by the number of the row as text and the heading of the column: the text that stands for the cell's
Corrections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class CorrectedRow(Row):
    """A row with cells that staff corrected; `filed` is the row as the file has it."""

    filed: Row = field(default_factory=lambda: Row(0, {}))


def as_filed(row: Row) -> Row:
    """Return the row as the file has it."""
    return row.filed if isinstance(row, CorrectedRow) else row


class CorrectedTable(Table):
    """The table of a file with corrections. `taken_out` are the rows that the last reading left out."""

    def __init__(self, table: Table, corrections: Corrections, left_out: Sequence[int]) -> None:
        # all that is known about the file is true of it with corrections, too
        self.__dict__.update(vars(table))
        self.table = table
        self.corrections = {int(number): dict(cells) for number, cells in corrections.items()}
        self.left_out = frozenset(left_out)
        self.taken_out: list[Row] = []

    def rows(self) -> Iterator[Row]:
        """Yield the rows that staff did not leave out, with the texts that staff gave."""
        told, taken_out = Remarks(), []
        waiting, absent = dict(self.corrections), set(self.left_out)
        for row in self.table.rows():
            if row.number in self.left_out:
                absent.discard(row.number)
                waiting.pop(row.number, None)
                taken_out.append(row)
                told.note(_("left out here"), row.number)
            elif row.number in waiting:
                yield self._corrected(row, waiting.pop(row.number), told)
            else:
                yield row
        for number in sorted({*waiting, *absent}):
            told.note(_("corrected or left out here, but the file has no such row now"), number)
        self.taken_out = taken_out
        self.remarks = _joined(told, self.table.remarks)

    def _corrected(self, row: Row, texts: Mapping[str, str], told: Remarks) -> Row:
        known = {name: text for name, text in texts.items() if name in row.cells}
        for name in texts:
            if name in known:
                told.note(_("cells corrected here"), row.number)
            else:
                remark = _("corrected here, but the file has no column “%(name)s” now")
                told.note(remark % {"name": name}, row.number)
        if not known:
            return row
        values: dict[str, Any] = {each: getattr(row, each) for each in Row.__dataclass_fields__}
        values |= {
            "cells": {**row.cells, **known},
            "problems": [each for each in row.problems if each.column not in known],
            "lost": [each for each in row.lost if each.column not in known],
            "dates": row.dates - known.keys(),
            "links": {name: link for name, link in row.links.items() if name not in known},
        }
        return CorrectedRow(**values, filed=row)


def carried_over(
    run: Import, before: Sequence[str], after: Sequence[str], headings: Sequence[str]
) -> int:
    """Move what staff corrected and left out to the rows of a file of which other sheets are read now.

    `before` and `after` are the names of the sheets, `headings` those of the columns there are now. Return how many
    cells and rows there are no more; they are forgotten.
    """
    numbers = {number: _moved(number, before, after) for number in run.left_out}
    run.left_out = sorted(filter(None, numbers.values()))
    lost = len(numbers) - len(run.left_out)
    corrections = {}
    for number, cells in run.corrections.items():
        moved = _moved(int(number), before, after)
        there = {name: text for name, text in cells.items() if moved and name in headings}
        lost += len(cells) - len(there)
        if there:
            corrections[str(moved)] = there
    run.corrections = corrections
    return lost


def _moved(number: int, before: Sequence[str], after: Sequence[str]) -> int:
    """Return the number of a row where other sheets are read; 0 if its sheet is not."""
    sheet, row = divmod(number, ROWS_OF_A_SHEET)
    if sheet >= len(before):
        return number
    return after.index(before[sheet]) * ROWS_OF_A_SHEET + row if before[sheet] in after else 0


def _joined(first: Remarks, second: Remarks) -> Remarks:
    joined = replace(first)
    for what, count in second.counts.items():
        joined.counts[what] += count
        joined.examples.setdefault(what, second.examples[what])
    return joined
