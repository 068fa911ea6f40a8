"""The differences between the rows an agreement has and those a file states.

`comparison` puts them in words, `writing` carries them out, and `undoing` uses them to go back.
"""

from dataclasses import dataclass, field
from typing import Any

from agreements.domain.value_types import same
from agreements.exchange.importing.records import Facet, Key, Values, as_json, settled


@dataclass
class RowChanges:
    """What to do to the rows of one facet; `order` holds their keys if their order changes."""

    create: list[Values] = field(default_factory=list)
    update: list[Values] = field(default_factory=list)
    delete: list[Values] = field(default_factory=list)
    order: list[Key] = field(default_factory=list)
    next_position: int = 0

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.delete or self.order)

    @property
    def written(self) -> list[Values]:
        """The rows to create or update."""
        return [*self.create, *self.update]


def row_changes(facet: Facet, wanted: list[Values], current: list[Values]) -> RowChanges:
    """Return the changes that turn the current rows into the wanted ones; columns that a wanted row leaves out stay."""
    there = {facet.key_of(row): row for row in current}
    keys = [facet.key_of(row) for row in wanted]
    changes = RowChanges(delete=[row for key, row in there.items() if key not in set(keys)])
    for key, row in zip(keys, wanted, strict=True):
        stored = there.get(key)
        if stored is None:
            changes.create.append(row)
        elif any(not same(row[name], stored[name]) for name in facet.details if name in row):
            changes.update.append({**stored, **row, "id": stored["id"]})
    if facet.is_ordered:
        changes.next_position = max((row["position"] for row in current), default=-1) + 1
        # the rows that stay, followed by the new ones
        staying = [key for key in map(facet.key_of, current) if key in set(keys)]
        if keys != [*staying, *(key for key in keys if key not in there)]:
            changes.order = keys
    return changes


def keys_of(facet: Facet, rows: list[Values]) -> list[list[Any]]:
    """Return the keys of these rows in the form an import remembers."""
    return [[settled(part) for part in facet.key_of(row)] for row in rows]


def details_of(facet: Facet, rows: list[Values]) -> list[Values]:
    """Return the details of each row, without its key, in the form an import remembers."""
    return [{name: as_json(row[name]) for name in facet.details if name in row} for row in rows]


class Additions:
    """Rows that a file adds to those of a record: `wanted` are the rows to end up with.

    `base` is what the file stated last time. Only rows that the file named then are removed, and in those that it
    still names, only the details that differ from last time are changed. `disputed` has the stored and the stated value
    of each detail that staff have changed as well.
    """

    def __init__(
        self, facet: Facet, stated: list[Values], current: list[Values], base: Values, *, overwrites: bool
    ) -> None:  # fmt: skip
        self.facet = facet
        self.wanted: list[Values] = []
        self.disputed: list[tuple[Any, Any]] = []
        now = {str(facet.key_of(row)): row for row in stated}
        keys = base.get(f"rows:{facet.name}", [])
        details = base.get(f"details:{facet.name}", [])
        # imports once remembered no details
        known = details if len(details) == len(keys) else [None] * len(keys)
        before = {str(tuple(key)): said for key, said in zip(keys, known, strict=True)}
        removable = {str(tuple(key)) for key in _removable(facet, stated, keys)}
        for row in current:
            key = str(facet.key_of(row))
            if key in now and key in before and not overwrites:
                self.wanted.append({**row, **self._changed(row, now[key], before[key])})
            elif key in now or key not in removable:
                self.wanted.append(now.get(key, row))
        # Staff removed what the file named before and the record no longer has.
        gone = set() if overwrites else removable
        there = {str(facet.key_of(row)) for row in current}
        self.wanted += [row for key, row in now.items() if key not in there | gone]

    def _changed(self, row: Values, now: Values, before: Values | None) -> Values:
        """Return the details of this row that the file has changed since last time, as far as that is known."""
        changed: Values = {}
        if before is None:
            return changed
        for name in self.facet.details:
            said = before.get(name)
            stands, stated = as_json(row[name]), as_json(now.get(name))
            if name in now and not same(stated, said):
                changed[name] = now[name]
                if not same(stands, said) and not same(stands, stated):
                    self.disputed.append((stands, stated))
        return changed


def _removable(facet: Facet, stated: list[Values], keys: list[list[Any]]) -> list[list[Any]]:
    """Return which of the rows that the file named last time are removed if it no longer names them.

    A fact that the file leaves out keeps its evidence, as it keeps its value. A second identifier comes from another
    row of the file, whose record staff have merged into this one.
    """
    if facet.name == "identifiers":
        return []
    facts = {row["fact"] for row in stated} if facet.name == "evidence" else set()
    return [key for key in keys if facet.name != "evidence" or key[0] in facts]
