"""The state of a record at a moment as plain data: its own columns, its links, and the rows that belong to it.

A version stores a state, two versions are compared by their states, and a record is restored from one. A state
contains the names of what the record points to, so that a version remains readable after those are deleted.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple, cast

from django.db import models

from agreements.domain.choices import Publication
from agreements.domain.chunks import in_chunks
from agreements.domain.facts import renamed
from agreements.domain.value_types import type_of
from agreements.models import RECORDS, ROWS, Agreement, Document
from agreements.models.edit_tokens import Tokened

MOST_TOKENS = 20
# Where `whole_records` puts the rows it reads: Django would otherwise make a query of every accessor of every record.
_READ = "read_"

# Columns that nobody edits and that cannot be derived from other columns.
_KEPT_THOUGH_NOT_EDITED: dict[type[models.Model], tuple[str, ...]] = {
    Agreement: ("ref", "published_at", "created_at"),
    Document: ("file_name", "media_type", "size", "sha256", "added_at"),
}


@dataclass(frozen=True)
class Named:
    """Something that a record points to: its id, and the name it had then."""

    key: int
    name: str = field(compare=False)


# Dates, partial dates and timestamps (in UTC) are texts.
Value = str | int | bool | None | Named | tuple[Named, ...]

# Columns whose value in versions of earlier releases, which lack them, is another one than that of a new row.
_THEN_IN_ROWS: dict[str, dict[str, Value]] = {"commitments": {"is_public": True}}


@dataclass(frozen=True)
class Row:
    """A row that belongs to a record. `key` is its id, or a text if it is not stored yet."""

    key: int | str
    name: str = field(compare=False)
    values: dict[str, Value]


class KeptStep(NamedTuple):
    """A step of the workflow, named like the columns of `PublicationStep`; `at` is in ISO 8601."""

    pk: int
    verb: str
    by_id: int
    at: str
    reason: str


class KeptChange(NamedTuple):
    """An entry of the public log, named like the columns of `Change`."""

    pk: int
    kind: str
    facts: list[str]


@dataclass(frozen=True)
class State:
    """A record: its values by field, its rows by accessor in `RECORDS`.

    `tokens` are the edit tokens it had in this state, the latest first. Comparisons of states ignore them, and also what
    nobody edits: `steps`, those of the publication workflow, and `told`, the public log's entry about this version.
    """

    values: dict[str, Value]
    rows: dict[str, list[Row]]
    tokens: tuple[str, ...] = field(default=(), compare=False)
    former_slugs: tuple[str, ...] = field(default=(), compare=False)
    steps: tuple[KeptStep, ...] = field(default=(), compare=False)
    told: KeptChange | None = field(default=None, compare=False)

    @property
    def is_public(self) -> bool:
        return self.values.get("publication") == Publication.PUBLISHED

    def held_until(self, earlier: "State") -> "State":
        """Return this state with the tokens and the public log entry of an equal, earlier one added."""
        tokens = (*self.tokens, *earlier.tokens)[:MOST_TOKENS]
        return replace(self, tokens=tokens, told=earlier.told)

    def completed(self, record: type[models.Model]) -> "State":
        """Return the state of a record of this model with the columns and rows that versions of earlier releases lack.

        Otherwise the first change after an upgrade would seem to change these, too. An empty state stays empty.
        """
        if not self.values:
            return self
        rows = {}
        for accessor, model in related_models(record).items():
            then = {**_of_new_row(model), **_THEN_IN_ROWS.get(accessor, {})}
            there = self.rows.get(accessor, [])
            rows[accessor] = [replace(row, values={**then, **row.values}) for row in there]
        return replace(self, values={**_of_new_row(record), **self.values}, rows=rows)

    def row(self, accessor: str, key: int | str) -> Row | None:
        return next((row for row in self.rows.get(accessor, []) if row.key == key), None)

    def written(self) -> str:
        """Return it as JSON, the tokens first so that a query finds them by the beginning of the text."""
        content = {"tokens": self.tokens, **vars(self)}
        return json.dumps(content, ensure_ascii=False, default=_jsonable)

    @classmethod
    def read(cls, text: str) -> "State":
        content = json.loads(text)
        return cls(
            values=_read_all(renamed(content["values"])),
            rows={
                accessor: [Row(key, name, _read_all(values)) for key, name, values in rows]
                for accessor, rows in content["rows"].items()
            },
            tokens=tuple(content["tokens"]),
            former_slugs=tuple(content["former_slugs"]),
            # versions of earlier releases have neither
            steps=tuple(KeptStep(*step) for step in content.get("steps", ())),
            told=KeptChange(*content["told"]) if content.get("told") else None,
        )


def beginning(token: str) -> str:
    """Return the beginning of the JSON of a state with this latest token."""
    return f'{{"tokens": ["{token}"'


@cache
def kept_fields(model: type[models.Model]) -> "tuple[models.Field, ...]":
    """Return the fields whose values a version keeps: mainly those that can be edited."""
    own = [
        column
        for column in model._meta.concrete_fields
        if (column.editable or column.name in _KEPT_THOUGH_NOT_EDITED.get(model, ()))
        and not column.primary_key
        and column.name != ROWS.get(model)
    ]
    return (*own, *model._meta.many_to_many)


@cache
def _of_new_row(model: type[models.Model]) -> dict[str, Value]:
    """Return the values of a row of which nothing is known yet, without its links to others."""
    row = model()
    return {
        column.name: None if column.is_relation else _value(row, column)
        for column in kept_fields(model)
        if not column.many_to_many
    }


def related_models(record: type[models.Model]) -> dict[str, type[models.Model]]:
    """Return the models of a record's rows by accessor."""
    fields = {accessor: record._meta.get_field(accessor) for accessor in RECORDS[record]}
    return {
        accessor: cast(type[models.Model], field.related_model)
        for accessor, field in fields.items()
    }


def state_of(record: Tokened) -> State:
    """Return the state of the record; a query for each kind of row unless it comes from `whole_records`."""
    return State(
        values=values_of(record),
        rows={
            accessor: [Row(row.pk, str(row), values_of(row)) for row in _linked(record, accessor)]
            for accessor in RECORDS[type(record)]
        },
        tokens=(record.edit_token,),
        former_slugs=tuple(row.slug for row in _linked(record, "former_slugs")),
        steps=tuple(
            KeptStep(step.pk, step.verb, step.by_id, step.at.isoformat(), step.reason)
            for step in _linked(record, "publication_steps")
        ),
    )


def values_of(row: models.Model) -> dict[str, Value]:
    return {column.name: _value(row, column) for column in kept_fields(type(row))}


def whole_records(record: type[models.Model], keys: Iterable[int]) -> Iterator[Any]:
    """Yield the records with these ids and everything `state_of` reads, in a few queries for each 200."""
    rows = {
        accessor: _with_named(model, model._default_manager.all())
        for accessor, model in related_models(record).items()
    }
    links = [column.name for column in record._meta.many_to_many]
    others = [name for name in ("former_slugs", "publication_steps") if hasattr(record, name)]
    lookups = [
        models.Prefetch(name, rows.get(name), to_attr=f"{_READ}{name}")
        for name in (*rows, *links, *others)
    ]
    found = _with_named(record, record._default_manager.order_by("pk"))
    for chunk in in_chunks(sorted(keys), 200):
        yield from found.filter(pk__in=chunk).prefetch_related(*lookups)


def _linked(record: models.Model, accessor: str) -> Iterable[Any]:
    """Return the rows of a record, none if it has no such rows: as `whole_records` has read them, or by a query."""
    read = vars(record).get(f"{_READ}{accessor}")
    if read is None and hasattr(record, accessor):
        return cast(Iterable[Any], getattr(record, accessor).all())
    return read or ()


def _with_named(model: type[models.Model], rows: models.QuerySet) -> models.QuerySet:
    """Also fetch what the rows point to; the record they belong to is already known."""
    pointing = [column.name for column in kept_fields(model) if column.many_to_one]
    return rows.select_related(*pointing) if pointing else rows


def _value(row: models.Model, column: "models.Field") -> Value:
    if column.many_to_many:
        linked = _linked(row, column.name)
        return tuple(sorted((_named(other) for other in linked), key=lambda named: named.key))
    if column.is_relation:
        other = getattr(row, column.name)
        return _named(other) if other is not None else None
    return plain(column, column.value_from_object(row))


def _named(other: models.Model) -> Named:
    return Named(other.pk, str(other))


def plain(column: "models.Field", value: object) -> Value:
    """Return a column's value as a state holds it."""
    if value is None or isinstance(value, bool | int):
        return value
    return type_of(column).json(value)


def _jsonable(value: Named | Row) -> object:
    """Return a named object as its key and name, and a row as a list of its key, name and values."""
    return vars(value) if isinstance(value, Named) else tuple(vars(value).values())


def _read_all(values: dict[str, Any]) -> dict[str, Value]:
    return {name: _read(value) for name, value in values.items()}


def _read(value: Any) -> Value:
    if isinstance(value, dict):
        return Named(**value)
    return tuple(Named(**each) for each in value) if isinstance(value, list) else value
