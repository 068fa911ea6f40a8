"""Reads CSV as people receive it: any separator, any usual encoding, and titles above the headings.

The encoding, the separator and the row of the headings are detected, and the preview says so where that is a guess.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from agreements.exchange.importing.readers.encodings import Encoding, encoding_of
from agreements.exchange.importing.readers.footers import without_footers
from agreements.exchange.importing.readers.heads import NumberedCells, beginning, found_head
from agreements.exchange.importing.readers.tables import LONGEST_CELL, Row, Table, row_of
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.remarks import Remarks

DELIMITERS = (",", ";", "\t", "|")
# Excel takes the separator from a first line like this, and writes it when it is asked to.
_SEPARATOR_LINE = re.compile(r"sep=(.)[\r\n]*")
_LONGEST_SEPARATOR_LINE = 8
_REPLACED = "\N{REPLACEMENT CHARACTER}"


class DelimitedTable(Table):
    """A CSV file, read line by line."""

    def __init__(
        self, path: Path, encoding: str = "", *, delimiter: str = "", head: int = 0
    ) -> None:
        """Raises `FileRefusedError`.

        `encoding` and `delimiter` are known, and `head` is the row in which the headings end; if empty, they are detected.
        """
        self._encoding = Encoding(encoding) if encoding else encoding_of(path)
        named = self._named_delimiter(path)
        self._first_row = 2 if named else 1
        beginnings = self._beginnings(path, delimiter or named or DELIMITERS)
        self.delimiter = max(beginnings, key=lambda each: _evenness(beginnings[each]))
        first = beginnings[self.delimiter]
        if head:
            first = beginning(self._lines(path, self.delimiter), head)
        found = found_head(first, head=head)
        super().__init__(path, "csv", found.headings, [*found.notes])
        self.head_row = found.row
        self._first_row = found.row + 1
        if self._encoding.note:
            self.notes.append(self._encoding.note)

    def rows(self) -> Iterator[Row]:
        self.remarks = Remarks()
        yield from without_footers(self._read(), self.headings, self.remarks)

    def _read(self) -> Iterator[Row]:
        for number, cells in self._lines(self.path, self.delimiter):
            if any(cell.strip() for cell in cells):
                yield self._row(number, cells)

    def _row(self, number: int, cells: list[str]) -> Row:
        row = row_of(number, self.headings, cells, self.remarks)
        if not self._encoding.is_broken:
            return row
        remedy = _("The cell contains bytes that are not UTF-8. Type its text again.")
        broken = [
            Problem(number, heading, cell[:200], remedy)
            for heading, cell in row.cells.items()
            if _REPLACED in cell
        ]
        return Row(number, row.cells, [*row.problems, *broken])

    def _named_delimiter(self, path: Path) -> str:
        """Return the separator that the first line names for those below; empty if it names none."""
        with path.open(encoding=self._encoding.name, errors="replace", newline="") as file:
            found = _SEPARATOR_LINE.fullmatch(file.readline(_LONGEST_SEPARATOR_LINE))
        return found[1] if found else ""

    def _beginnings(self, path: Path, delimiters: Iterable[str]) -> dict[str, list[NumberedCells]]:
        """Return the first rows by each separator that can be the file's. Raises `FileRefusedError` if none can."""
        found, refusals = {}, []
        for each in delimiters:
            try:
                found[each] = beginning(self._lines(path, each))
            except FileRefusedError as refusal:
                refusals.append(refusal)
        if refusals and not any(map(any, map(_evenness, found.values()))):
            raise refusals[0]
        return found

    def _lines(self, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Yield the records from the first row that counts, with their numbers, however many lines each has."""
        csv.field_size_limit(LONGEST_CELL)
        number = 0
        encoding, errors = self._encoding.name, self._encoding.errors
        try:
            with path.open(encoding=encoding, errors=errors, newline="") as file:
                for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                    if number >= self._first_row:
                        yield number, cells
        except UnicodeError as error:
            sentence = _(
                "After row %(row)d the file contains bytes that are not valid %(encoding)s. Save the file"
                " as CSV in UTF-8."
            )
            raise FileRefusedError(sentence % {"row": number, "encoding": encoding}) from error
        except csv.Error as error:
            sentence = _("Row %(row)d cannot be read as CSV (%(why)s).")
            if "field limit" in str(error):
                sentence = _(
                    "Row %(row)d has a cell of more than %(most)d characters. Look for an unclosed quotation "
                    "mark, or shorten the text."
                )
            names = {"row": number + 1, "most": LONGEST_CELL, "why": error}
            raise FileRefusedError(sentence % names) from error


def _evenness(rows: list[NumberedCells]) -> tuple[int, int]:
    """Return how many rows have the most usual number of cells, if that is more than one, and this number."""
    widths = Counter(len(cells) for _number, cells in rows if len(cells) > 1)
    return max(((n, width) for width, n in widths.items()), default=(0, 0))
