"""Counts many selections of rows at once: the work queue, the tabs and the filters of the staff's lists ask for dozens."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


class Keys(NamedTuple):
    """The query for the keys of some rows, as SQL with its values; its only column is `pk`."""

    sql: str
    values: tuple[Any, ...]


def keys_of(rows: "QuerySet[Any]") -> Keys | None:
    """Return the query for the keys of these rows; None if there can be none, so that nothing need be asked."""
    try:
        return Keys(*rows.order_by().values("pk").query.sql_with_params())
    except EmptyResultSet:
        return None


def count_each(selections: Mapping[str, "QuerySet[Any]"]) -> dict[str, int]:
    """Return the number of rows of each selection under its name; one query for all of them, none for no selection."""
    if not selections:
        return {}
    using = next(iter(selections.values())).db
    return _counted({name: keys_of(rows) for name, rows in selections.items()}, None, using)


def count_among(found: "QuerySet[Any]", asked: Mapping[str, Keys | None]) -> dict[str, int]:
    """Return under each name how many of its keys are rows of `found`; one query, which selects `found` once."""
    among = keys_of(found)
    if among is None:
        return dict.fromkeys(asked, 0)
    return _counted(asked, among if found.query.where else None, found.db)


def _counted(asked: Mapping[str, Keys | None], among: Keys | None, using: str) -> dict[str, int]:
    sought = {name: keys for name, keys in asked.items() if keys}
    none = dict.fromkeys(asked, 0)
    if not sought:
        return none
    within = " WHERE found.pk IN (SELECT pk FROM among)" if among else ""
    counts = (f"(SELECT COUNT(*) FROM ({keys.sql}) AS found{within})" for keys in sought.values())  # noqa: S608 - made of querysets
    statement, parts = f"SELECT {', '.join(counts)}", list(sought.values())
    if among:
        statement, parts = f"WITH among AS ({among.sql}) {statement}", [among, *parts]
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [value for keys in parts for value in keys.values])
        return none | dict(zip(sought, cursor.fetchone(), strict=True))


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
