"""What is searched of an agreement, gathered from the rows around it and folded.

In the title: title and reference. Beside it: the names of the participants and of all they are part of, in every
spelling; signatories, in the published spelling too; cooperation areas and those above them; place and summary.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from agreements.search.folding import fold

# Stands between two texts as a word of its own, which nobody can search for: no phrase reaches across it.
BOUNDARY = "¶"

# PostgreSQL refuses the words of a text beyond a megabyte; at four bytes a letter, title and rest stay below it.
LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """The folded words of an agreement: those of its title, which count first, and all others."""

    title: str
    body: str

    @property
    def words(self) -> frozenset[str]:
        return frozenset(f"{self.title} {self.body}".split())


def entries_of(agreements: "QuerySet[Any]", keys: Sequence[int]) -> dict[int, Entry]:
    """Return the entries of the agreements with these keys, by key; four queries, however many they are."""
    names = _names(agreements, keys)
    rows = agreements.model._default_manager.using(agreements.db).filter(pk__in=keys)
    return {
        key: entry_of(
            title=fold(title),
            ref=fold(ref),
            names=names[key],
            place=fold(place),
            summary=fold(summary),
        )
        for key, title, ref, place, summary in rows.order_by().values_list(
            "pk", "title", "ref", "place", "summary"
        )
    }


def entry_of(*, title: str, ref: str, names: Iterable[str], place: str, summary: str) -> Entry:
    """Return the entry that these texts make, which are folded already; names in any order, each once."""
    return Entry(title=_joined([title, ref]), body=_joined([*sorted(names), place, summary]))


def _joined(texts: Iterable[str]) -> str:
    joined = f" {BOUNDARY} ".join(filter(None, texts))
    return joined if len(joined) <= LONGEST_TEXT else joined[:LONGEST_TEXT].rpartition(" ")[0]


def _names(agreements: "QuerySet[Any]", keys: Sequence[int]) -> dict[int, set[str]]:
    """Return the folded names by agreement, each once: a state and its ministries share many."""
    found: dict[int, set[str]] = defaultdict(set)
    # A thousand agreements have a few dozen states.
    fold_once = cache(fold)
    for query, parameters in (_parties(agreements.model, keys), _areas(agreements.model, keys)):
        for key, name in _rows(agreements.db, query, parameters):
            found[key].add(fold_once(name))
    for key, *names in _signatories(agreements, keys):
        found[key].update(map(fold, names))
    return found


def _signatories(agreements: "QuerySet[Any]", keys: Sequence[int]) -> "QuerySet[Any, Any]":
    model = agreements.model._meta.get_field("signatories").related_model
    signatories = model._default_manager.using(agreements.db).filter(agreement__in=keys)
    return signatories.order_by().values_list("agreement_id", "name", "as_published")


def _parties(model: Any, keys: Sequence[int]) -> tuple[str, list[int]]:
    participation = model._meta.get_field("participations").related_model._meta
    party = participation.get_field("party").related_model._meta
    other_name = party.get_field("names").related_model._meta.db_table
    walk, parameters = _upwards(party.db_table, participation.db_table, "party_id", keys)
    found = (
        f"{walk} SELECT agreement, name FROM link JOIN {party.db_table} p ON p.id = node "  # noqa: S608
        f"UNION ALL SELECT agreement, short_name FROM link JOIN {party.db_table} p ON p.id = node "
        f"UNION ALL SELECT agreement, name FROM link JOIN {other_name} o ON o.party_id = node"
    )
    return found, parameters


def _areas(model: Any, keys: Sequence[int]) -> tuple[str, list[int]]:
    field = model._meta.get_field("areas")
    area, links = field.related_model._meta.db_table, field.remote_field.through._meta.db_table
    walk, parameters = _upwards(area, links, "area_id", keys)
    return f"{walk} SELECT agreement, name FROM link JOIN {area} a ON a.id = node", parameters  # noqa: S608


def _upwards(tree: str, links: str, column: str, keys: Sequence[int]) -> tuple[str, list[int]]:
    """Return the SQL of `link(agreement, node)`: what an agreement names in a tree, and all that lies above it.

    UNION, not UNION ALL: should the tree ever hold a loop, the walk still ends.
    """
    places = ", ".join(["%s"] * len(keys))
    walk = (
        f"WITH RECURSIVE link(agreement, node) AS (SELECT agreement_id, {column} FROM {links} "  # noqa: S608
        f"WHERE agreement_id IN ({places}) UNION SELECT link.agreement, t.parent_id FROM link "
        f"JOIN {tree} t ON t.id = link.node WHERE t.parent_id IS NOT NULL)"
    )
    return walk, list(keys)


def _rows(database: str, query: str, parameters: Sequence[int]) -> Iterator[tuple[int, str]]:
    with connections[database].cursor() as cursor:
        cursor.execute(query, parameters)
        yield from cursor
