"""Reads a table with the cells that staff corrected in the preview, and without the rows that they left out.

The file stays as it is: a record is recognised by the cells of the file, so that the next import of the same file finds
it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.importing.readers import Row, Table
from agreements.exchange.importing.remarks import Remarks

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


def _joined(first: Remarks, second: Remarks) -> Remarks:
    joined = replace(first)
    for what, count in second.counts.items():
        joined.counts[what] += count
        joined.examples.setdefault(what, second.examples[what])
    return joined
