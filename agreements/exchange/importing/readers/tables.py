"""What every reader makes of a file: headings, and rows of cells under them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.importing.refusals import FileRefusedError, Problem, quoted

MOST_COLUMNS = 500
LONGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Row:
    """A row by its number in the file, the header being row 1: the text of each cell by its heading.

    In JSON a cell may hold what JSON can hold. `problems` are cells that cannot be read at all.
    """

    number: int
    cells: dict[str, Any]
    problems: Sequence[Problem] = ()


@dataclass
class Table:
    """A file as a table. `rows()` reads it anew each time; `notes` say how it was read where that is a guess."""

    path: Path
    format: str
    headings: list[str]
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold anything. Raises `FileRefusedError`."""
        raise NotImplementedError


def checked_headings(cells: Sequence[str]) -> list[str]:
    """Return the headings of a table without blanks around them. Raises `FileRefusedError`."""
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise FileRefusedError(_("The first row is empty. It must hold the names of the columns."))
    if len(headings) > MOST_COLUMNS:
        raise FileRefusedError(
            _("The first row has more than %(most)d columns. Leave out those that are not needed.")
            % {"most": MOST_COLUMNS}
        )
    if "" in headings:
        raise FileRefusedError(
            _("Column %(n)d has no name. Name it in the first row, or remove it.")
            % {"n": headings.index("") + 1}
        )
    twice = [name for name, n in Counter(map(str.casefold, headings)).items() if n > 1]
    if twice:
        raise FileRefusedError(
            _(
                "Two columns are named “%(name)s”, so nobody can tell which one counts. Remove or rename one."
            )
            % {"name": quoted(twice[0])}
        )
    return headings


def row_of(number: int, headings: Sequence[str], cells: Sequence[str]) -> Row:
    """Return the row of these cells, with a problem for what no register can hold."""
    problems = []
    if len(cells) != len(headings):
        problems.append(
            Problem(
                number,
                "",
                str(len(cells)),
                _(
                    "The row has %(cells)d cells and the header %(headings)d. "
                    "Look for a missing quote mark or a separator too many."
                )
                % {"cells": len(cells), "headings": len(headings)},
            )
        )
    problems += [
        Problem(
            number,
            heading,
            quoted(cell),
            _("The cell holds a NUL character, which no text has. Type it anew."),
        )
        for heading, cell in zip(headings, cells, strict=False)
        if "\x00" in cell
    ]
    return Row(number, dict(zip(headings, cells, strict=False)), problems)
