"""The searchable text of an agreement, collected from its rows and folded to all its spellings.

The title holds title and reference. The body holds the names of the participants and of everything they are part of, in
every spelling; signatories, also as published, and every name of the people they are; cooperation areas and those above
them; titles in other languages; identifiers in other registers; place and summary.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet

from agreements.search.folding import BOUNDARY, indexed

# PostgreSQL limits the words of a text to one megabyte; at four bytes a letter, title and body stay below it.
LONGEST_TEXT = 100_000
# Identifiers by which only imports recognise agreements: `agreements.domain.identifiers.IMPORTED_ROW`.
_HIDDEN_SCHEME = "imported-row"


@dataclass(frozen=True, slots=True)
class Entry:
    """The folded words of an agreement: those of its title, which rank first, and all others."""

    title: str
    body: str

    @property
    def words(self) -> frozenset[str]:
        return frozenset(f"{self.title} {self.body}".split())


def entries_of(agreements: "QuerySet[Model]", keys: Sequence[int]) -> dict[int, Entry]:
    """Return the entries of the agreements with these keys, by key; five queries, whatever their number."""
    names = _names(agreements, keys)
    rows = agreements.model._default_manager.using(agreements.db).filter(pk__in=keys)
    entries = {}
    for key, *texts in rows.order_by().values_list("pk", "title", "ref", "place", "summary"):
        title, ref, place, summary = map(indexed, texts)
        entries[key] = entry_of(
            title=title, ref=ref, names=names[key], place=place, summary=summary
        )
    return entries


def entry_of(*, title: str, ref: str, names: Iterable[str], place: str, summary: str) -> Entry:
    """Return the entry made of these texts, each in all spellings (see `indexed`); names in any order, each once."""
    return Entry(title=_joined([title, ref]), body=_joined([*sorted(names), place, summary]))


def _joined(texts: Iterable[str]) -> str:
    joined = f" {BOUNDARY} ".join(filter(None, texts))
    return joined if len(joined) <= LONGEST_TEXT else joined[:LONGEST_TEXT].rpartition(" ")[0]


def _names(agreements: "QuerySet[Any]", keys: Sequence[int]) -> dict[int, set[str]]:
    """Return the folded names by agreement, each once: a state and its ministries share many.

    They include titles in other languages and identifiers.
    """
    found: dict[int, set[str]] = defaultdict(set)
    # A thousand agreements have a few dozen states.
    fold_once = cache(indexed)
    with connections[agreements.db].cursor() as cursor:
        for query in (_parties(agreements.model, len(keys)), _areas(agreements.model, len(keys))):
            cursor.execute(query, list(keys))
            for key, name in cursor:
                found[key].add(fold_once(name))
    signatory = agreements.model._meta.get_field("signatories").related_model
    rows = signatory._default_manager.using(agreements.db).filter(agreement__in=keys).order_by()
    for key, *names in rows.values_list("agreement_id", "name", "as_published"):
        found[key].update(map(indexed, names))
    for key, text in _other_texts(agreements, keys):
        found[key].add(indexed(text))
    return found


def _other_texts(agreements: "QuerySet[Any]", keys: Sequence[int]) -> Iterable[tuple[int, str]]:
    """Return titles in other languages, identifiers and the names of people, with their agreements; one query.

    Before their migration, tables that it creates are missing.
    """
    columns = {"languages": "title", "identifiers": "value"}
    there = {field.name for field in agreements.model._meta.get_fields()}
    texts = []
    for accessor in [name for name in columns if name in there]:
        model = agreements.model._meta.get_field(accessor).related_model
        rows = model._default_manager.using(agreements.db).filter(agreement__in=keys)
        rows = rows.exclude(scheme=_HIDDEN_SCHEME) if accessor == "identifiers" else rows
        texts.append(rows.order_by().values_list("agreement_id", columns[accessor]))
    signatory = agreements.model._meta.get_field("signatories").related_model
    if "person" in {field.name for field in signatory._meta.get_fields()}:
        rows = signatory._default_manager.using(agreements.db).filter(agreement__in=keys)
        of_people = rows.exclude(person=None).order_by()
        texts += [
            of_people.values_list("agreement_id", "person__name"),
            of_people.filter(person__names__isnull=False).values_list(
                "agreement_id", "person__names__name"
            ),
        ]
    return texts[0].union(*texts[1:]) if texts else []


def _parties(model: Any, count: int) -> str:
    participation = model._meta.get_field("participations").related_model._meta
    party = participation.get_field("party").related_model._meta
    other_name = party.get_field("names").related_model._meta.db_table
    walk = _upwards(party.db_table, participation.db_table, "party_id", count)
    return (
        f"{walk} SELECT agreement, name FROM link JOIN {party.db_table} p ON p.id = node "  # noqa: S608
        f"UNION ALL SELECT agreement, short_name FROM link JOIN {party.db_table} p ON p.id = node "
        f"UNION ALL SELECT agreement, name FROM link JOIN {other_name} o ON o.party_id = node"
    )


def _areas(model: Any, count: int) -> str:
    field = model._meta.get_field("areas")
    area, links = field.related_model._meta.db_table, field.remote_field.through._meta.db_table
    walk = _upwards(area, links, "area_id", count)
    return f"{walk} SELECT agreement, name FROM link JOIN {area} a ON a.id = node"  # noqa: S608


def _upwards(tree: str, links: str, column: str, count: int) -> str:
    """Return the SQL of `link(agreement, node)`: what `count` agreements name in a tree, and everything above it.

    UNION, not UNION ALL, so that the query ends even if the tree contains a loop.
    """
    places = ", ".join(["%s"] * count)
    return (
        f"WITH RECURSIVE link(agreement, node) AS (SELECT agreement_id, {column} FROM {links} "  # noqa: S608
        f"WHERE agreement_id IN ({places}) UNION SELECT link.agreement, t.parent_id FROM link "
        f"JOIN {tree} t ON t.id = link.node WHERE t.parent_id IS NOT NULL)"
    )
