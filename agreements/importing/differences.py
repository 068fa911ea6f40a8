"""What lies between the rows that an agreement has and those that a file states.

`planning` says in words what this finds, `writing` does it, and `undoing` asks it for the way back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agreements.importing.reconciling import NewParty
from agreements.importing.records import Facet, Values
from agreements.importing.sources import NewSource


@dataclass
class RowChanges:
    """What is done to the rows of one facet; `order` are their keys where they stand in another than before."""

    create: list[Values] = field(default_factory=list)
    update: list[Values] = field(default_factory=list)
    delete: list[Values] = field(default_factory=list)
    order: list[Any] = field(default_factory=list)
    next_position: int = 0

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.delete or self.order)


def _taken_back(
    facet: Facet, stated: list[Values], earlier: Iterable[list[Any]]
) -> Iterable[list[Any]]:
    """Return which of the rows that the file named before it may take back by not naming them now.

    What it is silent on keeps its evidence: the facts are not taken back either.
    """
    if facet.name != "evidence":
        return earlier
    facts = {row["fact"] for row in stated}
    return [key for key in earlier if key[0] in facts]


def row_changes(facet: Facet, wanted: list[Values], current: list[Values]) -> RowChanges:
    """Return what makes the current rows the wanted ones; what a wanted row does not mention stays as it is."""
    there = {facet.key_of(row): row for row in current}
    kept = {facet.key_of(row) for row in wanted}
    changes = RowChanges(delete=[row for key, row in there.items() if key not in kept])
    for row in wanted:
        stored = there.get(facet.key_of(row))
        if stored is None:
            changes.create.append(row)
        elif any(not same(row[name], stored[name]) for name in facet.details if name in row):
            changes.update.append({**stored, **row, "id": stored["id"]})
    if facet.is_ordered:
        changes.next_position = max((row["position"] for row in current), default=-1) + 1
    if facet.is_ordered and _is_out_of_order(facet, wanted, current):
        changes.order = [facet.key_of(row) for row in wanted]
    return changes


def _is_out_of_order(facet: Facet, wanted: list[Values], current: list[Values]) -> bool:
    """Whether new rows at the end, behind those that stay as they stand, are not in the wanted order."""
    keys = [facet.key_of(row) for row in wanted]
    there = [facet.key_of(row) for row in current]
    staying = [key for key in there if key in set(keys)]
    return keys != [*staying, *(key for key in keys if key not in set(there))]


def keys_of(facet: Facet, rows: list[Values]) -> list[list[Any]]:
    """Return which rows there are, as an import remembers it."""
    return [[_plain(part) for part in facet.key_of(row)] for row in rows]


def _plain(part: Any) -> Any:
    return part.pk if isinstance(part, (NewParty, NewSource)) else part


def named_keys_of(base: Values) -> Values:
    return {name.removeprefix("rows:"): value for name, value in base.items()}


def with_additions(
    facet: Facet, stated: list[Values], current: list[Values], earlier: Any, *, overwrites: bool
) -> list[Values]:
    """Return the rows that there shall be where the file names some of them: it removes what it named before."""
    now = {str(key): row for key, row in ((facet.key_of(row), row) for row in stated)}
    before = {str(tuple(key)) for key in _taken_back(facet, stated, earlier or ())}
    there = {str(facet.key_of(row)) for row in current}
    kept = [
        now.get(str(facet.key_of(row)), row)
        for row in current
        if str(facet.key_of(row)) in now or str(facet.key_of(row)) not in before
    ]
    # What the file named before and the record has no more, staff took away.
    new = [
        row for key, row in now.items() if key not in there and (key not in before or overwrites)
    ]
    return [*kept, *new]


def same(value: Any, current: Any) -> bool:
    return (value or None) == (current or None)
