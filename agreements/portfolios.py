"""What is published under a row of a tree: agreements of a party with its bodies, on an area with its sub-areas.

The pages of parties and areas call it. Everything here counts published agreements only, each once,
however many bodies or sub-areas of a row it belongs to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from agreements.models import Agreement, Area, Participation, Party
from agreements.models.trees import Tree
from agreements.querysets import AgreementQuerySet


@dataclass
class Branch:
    """A row of a tree, how many published agreements it has, and the branches under it."""

    row: Any
    count: int
    below: list["Branch"] = field(default_factory=list)


def party_counts() -> dict[int, int]:
    """Return the number of agreements of every public party, its bodies' included, by key; one query."""
    return count_upwards(Party, Participation, "party_id", Agreement.objects.published())


def area_counts() -> dict[int, int]:
    """Return the number of agreements on every area that has any, its sub-areas' included; one query."""
    return count_upwards(Area, Agreement.areas.through, "area_id", Agreement.objects.published())


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


def count_upwards(
    tree: Any, links: Any, column: str, agreements: AgreementQuerySet
) -> Counter[int]:
    """Count each of these agreements at its rows of a tree and at all rows above them, by key; one query.

    UNION drops doubles, which counts an agreement of two bodies of a state once for the state, and ends
    the walk should the tree ever hold a loop.
    """
    counted, parameters = agreements.keys_in_sql()
    nodes, pairs = tree._meta.db_table, links._meta.db_table
    walk = (
        f"WITH RECURSIVE link(node, agreement) AS ("  # noqa: S608 - names of tables and Django's own SQL
        f"SELECT {column}, agreement_id FROM {pairs} WHERE agreement_id IN ({counted}) "
        f"UNION SELECT {nodes}.parent_id, link.agreement FROM link "
        f"JOIN {nodes} ON {nodes}.id = link.node WHERE {nodes}.parent_id IS NOT NULL) "
        "SELECT node, COUNT(*) FROM link GROUP BY node"
    )
    with connection.cursor() as cursor:
        cursor.execute(walk, parameters)
        return Counter(dict(cursor.fetchall()))
