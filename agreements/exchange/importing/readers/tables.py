"""What every reader turns a file into: headings, and rows of cells under them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.refusals import FileRefusedError, Problem

MOST_COLUMNS = 500
LONGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Row:
    """A row, numbered as in the file with the header as row 1: the text of each cell by its heading.

    In JSON a cell may hold any JSON value. `problems` are cells that cannot be read at all.
    """

    number: int
    cells: dict[str, Any]
    problems: Sequence[Problem] = ()


@dataclass
class Table:
    """A file as a table. `rows()` reads it again each time; `notes` say how it was read where that is a guess."""

    path: Path
    format: str
    headings: list[str]
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty. Raises `FileRefusedError`."""
        raise NotImplementedError


def checked_headings(cells: Sequence[str]) -> list[str]:
    """Return the headings of a table without blanks around them. Raises `FileRefusedError`."""
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise FileRefusedError(
            _("The first row is empty. It must contain the names of the columns.")
        )
    if len(headings) > MOST_COLUMNS:
        sentence = _("The first row has more than %(most)d columns. Remove those you do not need.")
        raise FileRefusedError(sentence % {"most": MOST_COLUMNS})
    if "" in headings:
        sentence = _("Column %(n)d has no name. Name it in the first row, or remove it.")
        raise FileRefusedError(sentence % {"n": headings.index("") + 1})
    twice = [name for name, n in Counter(map(str.casefold, headings)).items() if n > 1]
    if twice:
        sentence = _(
            "Two columns are named “%(name)s”, so it is unclear which one counts. Remove or rename "
            "one."
        )
        raise FileRefusedError(sentence % {"name": quoted(twice[0])})
    return headings


def row_of(number: int, headings: Sequence[str], cells: Sequence[str]) -> Row:
    """Return the row of these cells, with a problem for each value that cannot be stored."""
    problems = []
    if len(cells) != len(headings):
        remedy = _(
            "The row has %(cells)d cells and the header %(headings)d. Look for a missing quotation "
            "mark or an extra separator."
        )
        remedy %= {"cells": len(cells), "headings": len(headings)}
        problems.append(Problem(number, "", str(len(cells)), remedy))
    named = dict(zip(headings, cells, strict=False))
    remedy = _("The cell contains a NUL character, which text cannot contain. Type it again.")
    problems += [
        Problem(number, heading, quoted(cell), remedy)
        for heading, cell in named.items()
        if "\x00" in cell
    ]
    return Row(number, named, problems)
