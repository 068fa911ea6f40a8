"""Edit conflicts: two people changed one record; this compares field by field what each changed.

Three states are compared: the base, from which the form was filled; theirs, which is stored now; and yours, which was
typed. The admin shows the outcome as a page; nothing here knows about forms or the database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agreements.curation.history.states import Row, State, Value
from agreements.domain.identifiers import IMPORTED_ROW


class Who(StrEnum):
    """Who changed something since the base. Without a base, both count as having changed it."""

    BOTH = "both"
    THEY = "they"
    YOU = "you"


class Presence(StrEnum):
    """What happened to a row as a whole."""

    CHANGED = "changed"
    ADDED_BY_THEM = "added_by_them"
    REMOVED_BY_THEM = "removed_by_them"
    ADDED_BY_YOU = "added_by_you"
    REMOVED_BY_YOU = "removed_by_you"


@dataclass(frozen=True)
class Unread:
    """What was typed into a field and could not be read; it equals only itself."""

    text: str


Typed = Value | Unread
Values = Mapping[str, Typed]


@dataclass(frozen=True)
class TypedRow:
    """A row of the form. `key` is its id, or a text for a new one; `index` is its position in the form."""

    key: int | str
    index: int
    values: Values
    is_removed: bool = False


@dataclass(frozen=True)
class TypedRecord:
    """What a form holds: the values of its fields, and its rows by accessor."""

    values: Values
    rows: dict[str, list[TypedRow]] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldConflict:
    """A field in which yours and theirs differ; `base` is None if no base is known."""

    name: str
    who: Who
    base: Value
    theirs: Value
    yours: Typed


@dataclass(frozen=True)
class RowConflict:
    """A row that was changed, added or removed; `yours` and `theirs` are None where it does not exist."""

    accessor: str
    key: int | str
    presence: Presence
    who: Who
    fields: list[FieldConflict]
    base: Row | None = None
    theirs: Row | None = None
    yours: TypedRow | None = None


@dataclass(frozen=True)
class Conflict:
    fields: list[FieldConflict]
    rows: list[RowConflict]

    def __bool__(self) -> bool:
        return bool(self.fields or self.rows)


def compare(base: State | None, theirs: State, yours: TypedRecord) -> Conflict:
    """Return what must be resolved before yours can be saved over theirs; unchanged fields are left out."""
    rows = [
        conflict
        for accessor, typed in yours.rows.items()
        for conflict in _rows(accessor, base, theirs, typed)
    ]
    own = compare_values(base.values if base else None, theirs.values, yours.values)
    return Conflict(own, rows)


def compare_values(
    base: Mapping[str, Value] | None, theirs: Mapping[str, Value], yours: Values
) -> list[FieldConflict]:
    """Return the fields in which yours and theirs differ, and who changed them since the base."""
    return [
        FieldConflict(name, _who(base, name, stored, typed), (base or {}).get(name), stored, typed)
        for name, typed in yours.items()
        if not same(stored := theirs.get(name), typed)
    ]


def _who(base: Mapping[str, Value] | None, name: str, theirs: Value, yours: Typed) -> Who:
    if base is None or name not in base:
        return Who.BOTH
    if same(base[name], yours):
        return Who.THEY
    return Who.YOU if same(base[name], theirs) else Who.BOTH


def same(one: Typed, other: Typed) -> bool:
    """Whether two values are the same, apart from the line ends and outer blanks that a form changes."""
    return _bare(one) == _bare(other)


def _bare(value: Typed) -> Typed:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return None if value == () else value


def _rows(
    accessor: str, base: State | None, theirs: State, yours: list[TypedRow]
) -> Iterator[RowConflict]:
    before = {row.key: row for row in base.rows.get(accessor, [])} if base else {}
    stored = {row.key: row for row in theirs.rows.get(accessor, [])}
    for row in yours:
        was, now = before.get(row.key), stored.pop(row.key, None)
        if conflict := _row(accessor, base is None, was, now, row):
            yield conflict
    for key, added in stored.items():
        if added.values.get("scheme") == IMPORTED_ROW:
            continue  # the form does not show what only imports use
        yield RowConflict(accessor, key, Presence.ADDED_BY_THEM, Who.THEY, [], theirs=added)


def _row(
    accessor: str, has_no_base: bool, base: Row | None, theirs: Row | None, yours: TypedRow
) -> RowConflict | None:
    """Compare one row of yours; None if there is nothing to resolve."""
    if isinstance(yours.key, str):
        fields = compare_values({}, {}, yours.values)
        presence, who = Presence.ADDED_BY_YOU, Who.YOU
    elif theirs is None:
        if yours.is_removed:
            return None
        # they deleted it; unless it was unchanged in the form, both changed it
        is_yours_too = base is None or compare_values(None, base.values, yours.values)
        who = Who.BOTH if is_yours_too else Who.THEY
        presence, fields = Presence.REMOVED_BY_THEM, []
    elif yours.is_removed:
        is_theirs_too = has_no_base or (base is not None and base != theirs)
        presence, fields = Presence.REMOVED_BY_YOU, []
        who = Who.BOTH if is_theirs_too else Who.YOU
    else:
        fields = compare_values(base.values if base else None, theirs.values, yours.values)
        if not fields:
            return None
        found = {each.who for each in fields}
        presence, who = Presence.CHANGED, found.pop() if len(found) == 1 else Who.BOTH
    return RowConflict(accessor, yours.key, presence, who, fields, base, theirs, yours)
