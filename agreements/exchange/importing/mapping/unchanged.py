"""Keeps what a clerk has not changed in a profile as it was written: a profile can say more than the wizard shows."""

from collections.abc import Collection, Mapping
from typing import Any

Table = dict[str, Any]

_BY_ENTRY = ("fields", "source")
_WHOLE = ("rows", "identifier", "dates", "areas")


def columns_read(entry: Any) -> list[str]:
    """Return the columns that an entry of a profile reads, however it is written."""
    if isinstance(entry, str):
        return [entry] if entry else []
    if not isinstance(entry, dict):
        return []
    return [entry["column"]] if entry.get("column") else list(entry.get("columns", []))


def parties_of(table: Mapping[str, Any]) -> list[Table]:
    """Return the tables of the parties of a profile, of which there may be one or a list."""
    parties = table.get("parties", [])
    return parties if isinstance(parties, list) else [parties]


def with_unchanged(
    made: Table, same: Table, kept: Mapping[str, Any], changed: Collection[str]
) -> Table:
    """Return the table that was made, with each part of the `kept` one in which nothing was changed.

    `same` is what is made of the kept table if nothing is changed; `changed` are the columns that become something else,
    so no entry of the kept table reads them any more unless the made one does.
    """
    for name in _BY_ENTRY:
        new, old, was = (each.get(name, {}) for each in (made, same, kept))
        entries = {}
        for entry in {**was, **new}:
            is_same = new.get(entry) == old.get(entry)
            is_lost = entry not in new and set(columns_read(was.get(entry))) & set(changed)
            if value := was.get(entry) if is_same and not is_lost else new.get(entry):
                entries[entry] = value
        _put(made, name, entries)
    for name in _WHOLE:
        if made.get(name) == same.get(name):
            _put(made, name, kept.get(name))
    _put(made, "parties", _parties(parties_of(made), parties_of(same), kept))
    return made


def _parties(made: list[Table], same: list[Table], kept: Mapping[str, Any]) -> Any:
    if made == same:
        return kept.get("parties")
    as_kept = [_as_kept(each, parties_of(kept)) if each in same else each for each in made]
    shown = {str(_name_of(each)) for each in same}
    return [*as_kept, *(each for each in parties_of(kept) if _is_hidden(each, shown))]


def _name_of(party: Table) -> Any:
    return columns_read(party) or party.get("always")


def _as_kept(party: Table, kept: list[Table]) -> Table:
    return next((each for each in kept if _name_of(each) == _name_of(party)), party)


def _is_hidden(party: Table, shown: Collection[str]) -> bool:
    """Whether the wizard has no control for a table: one for many columns, or for a further party of every row."""
    return bool(party.get("like")) or not (columns_read(party) or str(_name_of(party)) in shown)


def _put(table: Table, name: str, value: Any) -> None:
    table.pop(name, None)
    if value:
        table[name] = value
