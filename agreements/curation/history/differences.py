"""The differences between two states of a record, in the words of its fields; for the history and refused deletions."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from agreements.curation.history.states import Row, State, Value, kept_fields, related_models
from agreements.curation.history.words import label, row_name, value_in_words
from agreements.domain.choices import RowChangeKind
from agreements.domain.value_types import same


@dataclass(frozen=True)
class FieldChange:
    """A field with its values in words; an empty text means no value."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """A row that was added, removed or changed, with its kind and its name.

    `is_public` is False for a row that only staff see, both before and after.
    """

    kind: RowChangeKind
    accessor: str
    what: str
    name: str
    fields: list[FieldChange]
    is_public: bool = True

    @property
    def is_removed(self) -> bool:
        return self.kind == RowChangeKind.REMOVED


@dataclass(frozen=True)
class Differences:
    fields: list[FieldChange]
    rows: list[RowChange]

    def __bool__(self) -> bool:
        return bool(self.fields or self.rows)


def differences(record: type[models.Model], before: State, after: State) -> Differences:
    """Return what changed from one state of a record of this model to another."""
    return _differences(record, before.completed(record), after.completed(record))


def _differences(record: type[models.Model], before: State, after: State) -> Differences:
    rows = [
        change
        for accessor, model in related_models(record).items()
        for change in _row_changes(
            accessor, model, before.rows.get(accessor, []), after.rows.get(accessor, [])
        )
    ]
    return Differences(field_changes(record, before.values, after.values), rows)


def contents(record: type[models.Model], state: State) -> Differences:
    """Return the whole state, as if everything in it were new."""
    return _differences(record, State({}, {}), state)


def field_changes(
    model: type[models.Model], before: dict[str, Value], after: dict[str, Value]
) -> list[FieldChange]:
    """Return the fields that people edit and whose values differ, in the order of the model."""
    return [
        FieldChange(
            column.name,
            label(column),
            value_in_words(column, before.get(column.name), before),
            value_in_words(column, after.get(column.name), after),
        )
        for column in kept_fields(model)
        if column.editable and not same(before.get(column.name), after.get(column.name))
    ]


def _row_changes(
    accessor: str, model: type[models.Model], before: list[Row], after: list[Row]
) -> Iterator[RowChange]:
    def change(
        kind: RowChangeKind, row: Row, old: dict[str, Value], new: dict[str, Value]
    ) -> RowChange:
        fields = [
            field
            for field in field_changes(model, old, new)
            # the position of a row among the others means nothing if the row was added or removed
            if field.name != "position" or kind == RowChangeKind.CHANGED
        ]
        is_public = any(values.get("is_public", True) for values in (old, new) if values)
        return RowChange(kind, accessor, row_name(model), row.name, fields, is_public)

    old, new = ({row.key: row for row in rows} for rows in (before, after))
    added = [row for row in after if row.key not in old]
    for row in before:
        if row.key not in new:
            # a row that was removed and entered again under another id counts as unchanged
            again = next((other for other in added if other.values == row.values), None)
            if again is None:
                yield change(RowChangeKind.REMOVED, row, row.values, {})
            else:
                added.remove(again)
    for row in after:
        if row in added:
            yield change(RowChangeKind.ADDED, row, {}, row.values)
        elif row.key in old and old[row.key] != row:
            yield change(RowChangeKind.CHANGED, row, old[row.key].values, row.values)
