"""Counts many selections of rows at once: the work queue, the tabs and the filters of the staff's lists ask for dozens."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


def count_each(selections: Mapping[str, "QuerySet[Any]"]) -> dict[str, int]:
    """Return the number of rows of each selection under its name; one query for all of them, none for no selection."""
    counted: dict[str, tuple[str, Any]] = {}
    for name, rows in selections.items():
        try:
            counted[name] = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
    found = dict.fromkeys(selections, 0)
    if not counted:
        return found
    selects = (f"(SELECT COUNT(*) FROM ({sql}) AS found)" for sql, _values in counted.values())  # noqa: S608 - made of querysets
    values = [value for _sql, values in counted.values() for value in values]
    with connections[next(iter(selections.values())).db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", values)
        return found | dict(zip(counted, cursor.fetchone(), strict=True))


def count_below(area: Any, found: "QuerySet[Any]") -> dict[str, int]:
    """Return how many of the agreements `found` are in each area or one under it, by its slug; one query.

    `area` is the model; areas without any of the agreements are left out.
    """
    try:
        sql, values = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    table, links = area._meta.db_table, area.agreements.through._meta.db_table
    # UNION, not UNION ALL, so that the walk ends even if the tree contains a loop
    counted = (
        f"WITH RECURSIVE branch(top, id) AS (SELECT id, id FROM {table} UNION "  # noqa: S608 - names from models, values as parameters
        f"SELECT branch.top, child.id FROM {table} child JOIN branch ON child.parent_id = branch.id) "
        f"SELECT top.slug, COUNT(DISTINCT link.agreement_id) FROM branch "
        f"JOIN {table} top ON top.id = branch.top JOIN {links} link ON link.area_id = branch.id "
        f"WHERE link.agreement_id IN ({sql}) GROUP BY top.slug"
    )
    with connections[found.db].cursor() as cursor:
        cursor.execute(counted, values)
        return dict(cursor.fetchall())
