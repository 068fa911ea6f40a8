"""What is published under a row of a tree: agreements of a party with its bodies, on an area with its sub-areas.

The pages of parties and areas call it. Everything here counts published agreements only, each once,
however many bodies or sub-areas of a row it belongs to.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agreements.counting.column_store import Counts, current_columns
from agreements.models.trees import Tree


@dataclass
class Branch:
    """A row of a tree, how many published agreements it has, and the branches under it."""

    row: Any
    count: int
    below: list["Branch"] = field(default_factory=list)


def published() -> Counts:
    """Return what can be counted over the whole public register."""
    return Counts(current_columns())


def party_counts() -> dict[int, int]:
    """Return the number of agreements of every public party, its bodies' included, by key."""
    return published().by_party()


def area_counts() -> dict[int, int]:
    """Return the number of agreements on every area that has any, its sub-areas' included, by key."""
    return published().by_area()


def grown(rows: Iterable[Tree], counts: dict[int, int]) -> list[Branch]:
    """Return the rows as branches under one another, in the order they came in; no query.

    A row whose parent is not among them stands at the top.
    """
    branches = {row.pk: Branch(row, counts.get(row.pk, 0)) for row in rows}
    top: list[Branch] = []
    below: dict[int, list[Branch]] = defaultdict(list)
    for branch in branches.values():
        siblings = below[branch.row.parent_id] if branch.row.parent_id in branches else top
        siblings.append(branch)
    for key, children in below.items():
        branches[key].below = children
    return top
