"""The differences between the rows an agreement has and those a file states.

`planning` puts them in words, `writing` carries them out, and `undoing` uses them to go back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agreements.domain.value_types import same
from agreements.exchange.importing.reconciling import NewParty
from agreements.exchange.importing.records import Facet, Values, as_json
from agreements.exchange.importing.sources import NewSource


@dataclass
class RowChanges:
    """What to do to the rows of one facet; `order` holds their keys if their order changes."""

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
    """Return which of the rows named by the file before it may remove by leaving them out now.

    A fact that the file leaves out keeps its evidence, as it keeps its value. A second identifier means that the
    record was another row of the file, which staff have merged into this one.
    """
    if facet.name == "identifiers":
        return ()
    if facet.name != "evidence":
        return earlier
    facts = {row["fact"] for row in stated}
    return [key for key in earlier if key[0] in facts]


def row_changes(facet: Facet, wanted: list[Values], current: list[Values]) -> RowChanges:
    """Return the changes that turn the current rows into the wanted ones; columns that a wanted row leaves out stay."""
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
    """Whether the rows that stay, followed by the new ones, would be in the wrong order."""
    keys = [facet.key_of(row) for row in wanted]
    there = [facet.key_of(row) for row in current]
    staying = [key for key in there if key in set(keys)]
    return keys != [*staying, *(key for key in keys if key not in set(there))]


def keys_of(facet: Facet, rows: list[Values]) -> list[list[Any]]:
    """Return the keys of these rows in the form an import remembers."""
    return [[_plain(part) for part in facet.key_of(row)] for row in rows]


def _plain(part: Any) -> Any:
    return part.pk if isinstance(part, (NewParty, NewSource)) else part


def named_keys_of(base: Values) -> Values:
    return {name.removeprefix("rows:"): value for name, value in base.items()}


def details_of(facet: Facet, rows: list[Values]) -> list[Values]:
    """Return the details of each row, without its key, in the form an import remembers."""
    return [{name: as_json(row[name]) for name in facet.details if name in row} for row in rows]


@dataclass(frozen=True)
class Additions:
    """The rows of a facet that a file names, and those it named last time with their details.

    `keys` and `details` are what `keys_of` and `details_of` returned; imports once kept no details.
    """

    facet: Facet
    stated: list[Values]
    keys: Sequence[list[Any]] = ()
    details: Sequence[Values] = ()

    def wanted(self, current: list[Values], *, overwrites: bool) -> list[Values]:
        """Return the rows to end up with: the file removes only rows that it named itself before."""
        before = {str(tuple(key)) for key in _taken_back(self.facet, self.stated, self.keys)}
        there = {self._name(row): row for row in current}
        kept = [
            self._brought_up(row, overwrites=overwrites)
            for row in current
            if self._name(row) in self._now or self._name(row) not in before
        ]
        # Staff removed what the file named before and the record no longer has.
        new = [
            row
            for name, row in self._now.items()
            if name not in there and (name not in before or overwrites)
        ]
        return [*kept, *new]

    def disputed(self, current: list[Values]) -> Iterator[tuple[Any, Any]]:
        """Yield the stored and the stated value of each detail that both staff and the file have changed."""
        for row in current:
            said = self._said_before.get(self._name(row)) or {}
            for detail, value in self._changed(row).items():
                stands, stated = as_json(row[detail]), as_json(value)
                if not same(stands, said.get(detail)) and not same(stands, stated):
                    yield stands, stated

    def _brought_up(self, row: Values, *, overwrites: bool) -> Values:
        """Return the row as the file has it; for a row it named before, only the details it has changed since."""
        name = self._name(row)
        if name in self._said_before and not overwrites:
            return {**row, **self._changed(row)}
        return self._now.get(name, row)

    def _changed(self, row: Values) -> Values:
        """Return the details of this row that the file has changed since last time, as far as that is known."""
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
        """The details it stated for each row; None where they were not kept."""
        is_known = len(self.details) == len(self.keys)
        details = self.details if is_known else [None] * len(self.keys)
        return {str(tuple(key)): said for key, said in zip(self.keys, details, strict=True)}

    def _name(self, row: Values) -> str:
        return str(self.facet.key_of(row))
