"""What lies between the rows that an agreement has and those that a file states.

`planning` says in words what this finds, `writing` does it, and `undoing` asks it for the way back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agreements.exchange.importing.reconciling import NewParty
from agreements.exchange.importing.records import Facet, Values, as_json
from agreements.exchange.importing.sources import NewSource


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

    What it is silent on keeps its evidence: the facts are not taken back either. By another identifier the record was
    another row of the file, which staff have made one with this.
    """
    if facet.name == "identifiers":
        return ()
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


def details_of(facet: Facet, rows: list[Values]) -> list[Values]:
    """Return what is said of each row beside which one it is, as an import remembers it."""
    return [{name: as_json(row[name]) for name in facet.details if name in row} for row in rows]


@dataclass(frozen=True)
class Additions:
    """The rows that a file names of a facet, and those that it named last time with what it said of them then.

    `keys` and `details` are what `keys_of` and `details_of` returned; imports once kept no details.
    """

    facet: Facet
    stated: list[Values]
    keys: Sequence[list[Any]] = ()
    details: Sequence[Values] = ()

    def wanted(self, current: list[Values], *, overwrites: bool) -> list[Values]:
        """Return the rows that there shall be: the file removes what it named before, and nothing of anybody else's."""
        before = {str(tuple(key)) for key in _taken_back(self.facet, self.stated, self.keys)}
        there = {self._name(row): row for row in current}
        kept = [
            self._brought_up(row, overwrites=overwrites)
            for row in current
            if self._name(row) in self._now or self._name(row) not in before
        ]
        # What the file named before and the record has no more, staff took away.
        new = [
            row
            for name, row in self._now.items()
            if name not in there and (name not in before or overwrites)
        ]
        return [*kept, *new]

    def disputed(self, current: list[Values]) -> Iterator[tuple[Any, Any]]:
        """Yield what stands there and what the file says of each detail that both staff and the file have changed."""
        for row in current:
            said = self._said_before.get(self._name(row)) or {}
            for detail, value in self._changed(row).items():
                stands, stated = as_json(row[detail]), as_json(value)
                if not same(stands, said.get(detail)) and not same(stands, stated):
                    yield stands, stated

    def _brought_up(self, row: Values, *, overwrites: bool) -> Values:
        """Return the row as the file has it; of one that it named before, only what it says otherwise by now."""
        name = self._name(row)
        if name in self._said_before and not overwrites:
            return {**row, **self._changed(row)}
        return self._now.get(name, row)

    def _changed(self, row: Values) -> Values:
        """Return the details of this row of which the file says something else than last time, if that is known."""
        stated, said = self._now.get(self._name(row)), self._said_before.get(self._name(row))
        if stated is None or said is None:
            return {}
        return {
            detail: stated[detail]
            for detail in self.facet.details
            if detail in stated and not same(as_json(stated[detail]), said.get(detail))
        }

    @cached_property
    def _now(self) -> dict[str, Values]:
        return {self._name(row): row for row in self.stated}

    @cached_property
    def _said_before(self) -> dict[str, Values | None]:
        """What it said of the details of each row that it named; None where that was not kept."""
        is_known = len(self.details) == len(self.keys)
        details = self.details if is_known else [None] * len(self.keys)
        return {str(tuple(key)): said for key, said in zip(self.keys, details, strict=True)}

    def _name(self, row: Values) -> str:
        return str(self.facet.key_of(row))


def same(value: Any, current: Any) -> bool:
    return (value or None) == (current or None)
