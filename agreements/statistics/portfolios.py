"""Published agreements at or below a row of a tree: of a party with its bodies, of an area with its sub-areas.

The pages of parties and areas use this. It counts published agreements only, each once, however many bodies or sub-areas
of a row it belongs to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agreements.counting.column_store import Counts, current_columns
from agreements.models.trees import Tree


@dataclass
class Branch:
    """A row of a tree, the number of its published agreements, and the branches below it."""

    row: Tree
    count: int
    below: list["Branch"] = field(default_factory=list)


def published() -> Counts:
    """Return the counts of the whole public register."""
    return Counts(current_columns())


def party_counts() -> dict[int, int]:
    """Return by key the number of agreements of each public party, including those of its bodies."""
    return published().by_party()


def area_counts() -> dict[int, int]:
    """Return by key the number of agreements on each area in use, including those on its sub-areas."""
    return published().by_area()


def grown(rows: Iterable[Tree], counts: dict[int, int]) -> list[Branch]:
    """Return the rows as a tree of branches, in the order given; no query.

    A row whose parent is not among them is at the top.
    """
    branches = {row.pk: Branch(row, counts.get(row.pk, 0)) for row in rows}
    top: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.row.parent_id)
        (above.below if above else top).append(branch)
    return top
