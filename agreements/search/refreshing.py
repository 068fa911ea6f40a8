"""Updates entries, a chunk of agreements at a time: constant memory, a few queries per chunk.

`AgreementQuerySet.refresh_search` and `manage.py rebuild_search` call it. Only differences are written, so a second run
writes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models import Model, QuerySet

from agreements.search.entries import Entry, entries_of
from agreements.search.matching import FTS5
from agreements.search.vocabulary import note_words

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many entries of some agreements were created, changed or already up to date."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def seen(self) -> int:
        return self.created + self.changed + self.unchanged

    @property
    def written(self) -> int:
        return self.created + self.changed

    def __add__(self, other: "Refreshed") -> "Refreshed":
        return Refreshed(
            self.created + other.created,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


def refresh(agreements: "QuerySet[Model]", *, dry_run: bool = False) -> Iterator[Refreshed]:
    """Update the entries of these agreements and yield the outcome of each chunk.

    Each chunk has its own transaction unless one is open. A dry run counts and writes nothing.
    """
    last = 0
    remaining = agreements.order_by("pk").values_list("pk", flat=True)
    # queried again for each chunk: nothing is read while something is written
    while keys := list(remaining.filter(pk__gt=last)[:CHUNK]):
        with transaction.atomic(using=agreements.db):
            refreshed = _refresh(agreements, keys, dry_run=dry_run)
        yield refreshed
        last = keys[-1]


def rebuild_full_text(database: str) -> None:
    """Rebuild SQLite's full-text table from the entries; PostgreSQL's generated columns cannot get out of step."""
    if connections[database].vendor == "sqlite":
        with connections[database].cursor() as cursor:
            cursor.execute(f"INSERT INTO {FTS5}({FTS5}) VALUES ('rebuild')")  # noqa: S608


def _refresh(agreements: "QuerySet[Any]", keys: Sequence[int], *, dry_run: bool) -> Refreshed:
    entries = agreements.model._meta.get_field("search_entry").related_model.objects
    # Locked before the words are collected: of two people who save one agreement at the same time, the second waits
    # and finds what the first has written.
    locked = entries.using(agreements.db).select_for_update().filter(pk__in=keys).order_by("pk")
    stored = {
        key: Entry(title, body) for key, title, body in locked.values_list("pk", "title", "body")
    }
    outdated = {
        key: entry
        for key, entry in entries_of(agreements, keys).items()
        if stored.get(key) != entry
    }
    if outdated and not dry_run:
        _write(entries.using(agreements.db), outdated, stored)
    created = len(outdated.keys() - stored.keys())
    changed = len(outdated) - created
    return Refreshed(created, changed, len(stored) - changed)


def _write(
    entries: "QuerySet[Model]", outdated: dict[int, Entry], stored: dict[int, Entry]
) -> None:
    entries.bulk_create(
        (
            entries.model(agreement_id=key, title=entry.title, body=entry.body)
            for key, entry in sorted(outdated.items())
        ),
        update_conflicts=True,
        unique_fields=["agreement"],
        update_fields=["title", "body"],
    )
    vocabulary = entries.model._meta.apps.get_model("agreements", "SearchWord")
    nothing = Entry("", "")
    new = (entry.words - stored.get(key, nothing).words for key, entry in outdated.items())
    note_words(vocabulary.objects.using(entries.db), set().union(*new))
