"""The published agreements at or below a row of a tree: of a party with its bodies, or an area with its sub-areas.

The pages of parties and areas use this, and the home page for its key figures. An agreement counts only once for a row,
even if it belongs to several of its bodies or sub-areas.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from agreements.counting.column_store import Counts, current_columns
from agreements.models import Party
from agreements.models.trees import Tree


@dataclass
class Branch:
    """A row of a tree, the number of its published agreements, and the branches below it."""

    row: Tree
    count: int
    below: list["Branch"] = field(default_factory=list)


def published(day: date | None = None) -> Counts:
    """Return the counts of the whole public register, with the parties of that day, or of any day."""
    return Counts(current_columns(), day=day)


def key_figures(counts: Counts) -> dict[str, int]:
    """Return the key figures of the register from the counts of the whole register; one query.

    A party or area counts if it, or one below it, has at least one agreement.
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
