"""The tables that a generated register fills, and the columns of each row in the order they are written.

Rows hold texts, numbers and None; days and moments are ISO texts in UTC, which both databases read alike.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from agreements.domain.participation import OVER_TIME
from agreements.models import (
    Agreement,
    Area,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    Participation,
    Party,
    PartyName,
    Relation,
    SearchEntry,
    SearchWord,
    Signatory,
    Source,
)
from agreements.models.derived import derived_fields

Row = tuple[Any, ...] | list[Any]


@dataclass(frozen=True, eq=False)
class Table:
    """A model's table. The writer numbers its rows if it `is_numbered`; otherwise they bring their own key."""

    model: type[models.Model]
    columns: tuple[str, ...]
    is_numbered: bool = True

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def written(self) -> tuple[str, ...]:
        """The columns with the number in front, where there is one, and the derived ones at the end."""
        own = ("id", *self.columns) if self.is_numbered else self.columns
        return (*own, *(field.name for field, _places in self.derived))

    @cached_property
    def derived(self) -> list[tuple[Any, list[int]]]:
        """The columns computed from others, with the places of these in a row."""
        return [
            (field, [self.columns.index(name) for name in field.of])
            for field in derived_fields(self.model)
        ]

    def completed(self, row: Row) -> Row:
        """Return the row with its derived columns."""
        return (
            *row,
            *(field.computed(*(row[place] for place in places)) for field, places in self.derived),
        )


def entered_columns(model: Any) -> list[Any]:
    """Return the columns that are not computed from others."""
    derived = derived_fields(model)
    return [column for column in model._meta.concrete_fields if column not in derived]


def _days(*names: str) -> tuple[str, ...]:
    return tuple(
        column for name in names for column in (name, f"{name}_earliest", f"{name}_latest")
    )


AREAS = Table(
    Area,
    ("id", "edit_token", "parent_id", "slug", "name", "description", "position"),
    is_numbered=False,
)
PARTIES = Table(
    Party,
    (
        "id", "edit_token", "parent_id", "slug", "name", "short_name", "kind", "country", "website", "binds_members",
    ),
    is_numbered=False,
)  # fmt: skip
NAMES = Table(
    PartyName, ("party_id", "name", "kind", "language", "used_from", "used_until", "note")
)
# All columns of an agreement: those that no value is generated for stay unknown.
AGREEMENTS = Table(
    Agreement,
    tuple(str(column.column) for column in entered_columns(Agreement)),
    is_numbered=False,
)
AREA_LINKS = Table(Agreement.areas.through, ("agreement_id", "area_id"))
PARTICIPATIONS = Table(Participation, ("agreement_id", "party_id", "role", "position", *OVER_TIME))
SIGNATORIES = Table(
    Signatory,
    (
        "agreement_id", "name", "title", "party_id", "as_published", "position", *_days("signed"),
    ),
)  # fmt: skip
SOURCES = Table(
    Source,
    (
        "id", "edit_token", "slug", "publisher", "title", "author", "url", "published_at", "retrieved", "language",
        "note", *_days("published"),
    ),
    is_numbered=False,
)  # fmt: skip
EVIDENCE = Table(Evidence, ("agreement_id", "fact", "source_id", "locator", "basis", "note"))
DOCUMENTS = Table(
    Document,
    (
        "file_name", "media_type", "size", "sha256", "agreement_id", "kind", "title", "file", "address", "language",
        "is_public", "added_at",
    ),
)  # fmt: skip
EVENTS = Table(
    Event, ("agreement_id", "kind", "party_id", "place", "note", "source_id", *_days("date"))
)
COMMITMENTS = Table(
    Commitment,
    (
        "agreement_id", "text", "party_id", "progress", "reviewed", "note", "is_public", *_days("due"),
    ),
)  # fmt: skip
IDENTIFIERS = Table(ExternalIdentifier, ("agreement_id", "scheme", "value"))
RELATIONS = Table(Relation, ("agreement_id", "kind", "target_id", "note"))
ENTRIES = Table(SearchEntry, ("agreement_id", "title", "body"), is_numbered=False)
WORDS = Table(SearchWord, ("word",))

# In an order in which every row comes after those it refers to.
TABLES = (
    AREAS, PARTIES, NAMES, SOURCES, AGREEMENTS, AREA_LINKS, PARTICIPATIONS, SIGNATORIES, EVIDENCE, DOCUMENTS, EVENTS,
    COMMITMENTS, IDENTIFIERS, RELATIONS, ENTRIES, WORDS,
)  # fmt: skip


@dataclass
class Rows:
    """Rows of several tables to write together."""

    of: dict[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def __getitem__(self, table: Table) -> list[Row]:
        return self.of[table]
