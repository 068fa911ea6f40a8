"""Published agreements at or below a row of a tree: of a party with its bodies, of an area with its sub-areas.

The pages of parties and areas use this, and the home page for its key figures. It counts published agreements only, each
once, however many bodies or sub-areas of a row it belongs to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agreements.counting.column_store import Counts, current_columns
from agreements.models import Party
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


def key_figures(counts: Counts) -> dict[str, int]:
    """Return the size of the register at a glance, from the counts of the whole register; one query.

    A party or an area counts if it, or one below it, has any agreement.
    """
    parties = counts.by_party()
    with_country = Party.objects.exclude(country="").order_by().values_list("pk", "country")
    return {
        "agreements": counts.total(),
        "parties": len(parties),
        "countries": len({country for key, country in with_country if parties[key]}),
        "areas": len(counts.by_area()),
    }


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
