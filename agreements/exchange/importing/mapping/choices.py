"""What a clerk chose for the columns of a file, as the table of a profile and back.

The wizard shows `Choices`; what is kept is the profile. Entries of a profile that the wizard has no control for, such as
events, stay as they are.
"""

import hashlib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from agreements.domain.choices import PartyKind, Role
from agreements.domain.facts import ENTERED
from agreements.exchange.importing.mapping.targets import (
    AREAS,
    BEGINS_PERIOD,
    COUNTRY,
    DURATION_IN_WORDS,
    END,
    IDENTIFIER,
    LABELLED,
    OF_SOURCE,
    PARTY,
    SOURCE_URL,
    targets,
)
from agreements.exchange.importing.mapping.unchanged import (
    Table,
    columns_read,
    parties_of,
    with_unchanged,
)
from agreements.exchange.importing.mapping.words import beginnings
from agreements.exchange.importing.profile_rules import STATUS
from agreements.exchange.importing.readers.heads import REASON, ROW
from agreements.search import fold

PARTY_SEPARATORS = ["\n", ";"]
AREA_SEPARATORS = ["\n", ";", ","]
# the entries of [fields] that also read columns which become something else
_READ_TOO = ("kind", "internal_notes")
# the entries of [fields] that the wizard shows
_ENTRIES = (*ENTERED, DURATION_IN_WORDS, STATUS)


@dataclass
class ColumnChoice:
    """What one column becomes: a target, for a party its kind and role, for a length its unit."""

    target: str = ""
    kind: str = ""
    role: str = Role.PARTY.value
    unit: str = ""


@dataclass
class Choices:
    """What a clerk chose: a choice for each heading, and what holds for all rows.

    `values` has, by target, the code that each text means; "" if it says nothing.
    """

    columns: dict[str, ColumnChoice] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    own_party: str = ""
    title_pattern: str = ""
    kind: str = ""
    stage: str = ""
    order: str = ""
    two_digit_years: int | None = None
    publisher: str = ""
    # the columns that name it in each row, which only a profile can say
    publisher_columns: tuple[str, ...] = ()
    source_title: str = ""
    # the column whose links lead to the source of each row, though it becomes something else
    links_from: str = ""
    # whether titles that begin with a kind have it, and whether what the file calls the status is noted
    kind_of_title: bool = False
    notes_status: bool = False

    def of(self, target: str) -> list[str]:
        """Return the headings of the columns that become this."""
        return [name for name, choice in self.columns.items() if choice.target == target]


def name_of(headings: Iterable[str]) -> str:
    """Return the name of the mapping of files with these columns, by which their rows are remembered."""
    own = (name for name in headings if name not in (ROW, REASON))
    columns = "\n".join(sorted(map(fold, own)))
    return f"columns-{hashlib.sha256(columns.encode()).hexdigest()[:12]}"


def as_table(choices: Choices, headings: list[str], kept: Mapping[str, Any]) -> Table:
    """Return the profile that says what was chosen; from the `kept` profile comes what the wizard has no control for.

    What the clerk has not changed stays as it is written there.
    """
    made = _table(choices, headings, kept)
    if not kept:
        return made
    before = choices_of(kept, headings)
    changed = [name for name in headings if choices.columns.get(name) != before.columns[name]]
    return with_unchanged(made, _table(before, headings, kept), deepcopy(dict(kept)), changed)


def _table(choices: Choices, headings: list[str], kept: Mapping[str, Any]) -> Table:
    table: Table = deepcopy(dict(kept))
    own = [name for name in headings if name not in (ROW, REASON)]
    known = table.get("recognised_by", [])
    table["recognised_by"] = known if known and set(known) <= set(own) else own
    table.setdefault("remembered_as", name_of(headings))
    _set(table, "rows", {**table.get("rows", {}), "filled": _filled(choices)})
    _set(table, "identifier", _identifier(choices, table))
    dates = {"order": choices.order, "two_digit_years": choices.two_digit_years}
    formats = table.get("dates", {}).get("formats")
    _set(table, "dates", {"formats": formats, **dates})
    table["fields"] = _fields(choices, table.get("fields", {}))
    _set(table, "parties", _parties(choices, parties_of(table)))
    _set(table, "areas", _areas(choices, table.get("areas", {})))
    _set(table, "source", _source(choices, table.get("source", {})))
    return table


def _set(table: Table, name: str, value: Any) -> None:
    """Set an entry without what is empty in it; an empty one is left out."""
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if each not in (None, "", [], {})}
    table.pop(name, None)
    if value:
        table[name] = value


def _filled(choices: Choices) -> list[str]:
    """Return the columns without which a row is none: footers and headings of sections are left out by these."""
    return (choices.of("title") or choices.of(PARTY))[:1]


def _identifier(choices: Choices, table: Table) -> Table:
    [*column] = choices.of(IDENTIFIER)
    known = table.get("identifier", {})
    return (
        {"scheme": known.get("scheme") or table["remembered_as"], "column": column[0]}
        if column
        else {}
    )


def _fields(choices: Choices, kept: Mapping[str, Any]) -> Table:
    shown = [name for name in _ENTRIES if name in targets()]
    fields: Table = {name: entry for name, entry in kept.items() if name not in shown}
    for name in shown:
        if entry := _entry(choices, name, kept.get(name)):
            fields[name] = entry
    return fields


def _entry(choices: Choices, name: str, kept: Any) -> Table:
    columns = _columns_of(choices, name)
    entry: Table = dict(kept) if isinstance(kept, dict) and columns_read(kept) == columns else {}
    entry.pop("column", None)
    if name in LABELLED and len(columns) + (name != "summary") > 1:
        entry |= {"columns": columns, "labelled": True}
    elif columns:
        entry["columns"] = columns
    if name in BEGINS_PERIOD and columns:
        entry["until"] = END
    if name in choices.values and columns:
        entry["values"] = choices.values[name]
    if name == DURATION_IN_WORDS and columns:
        entry["unit"] = choices.columns[columns[0]].unit
    if name == "title" and not columns and choices.title_pattern:
        entry = {"pattern": choices.title_pattern}
    if name == "kind" and columns and not choices.of(name):
        entry.setdefault("beginning", beginnings(name))
    default = {"kind": choices.kind, "stage": choices.stage}.get(name, "")
    if default:
        entry["otherwise" if columns else "always"] = default
    return {key: value for key, value in entry.items() if value not in ("", [], {}, None)}


def _columns_of(choices: Choices, name: str) -> list[str]:
    """Return the columns of an entry: those that become it, and those that it also reads."""
    columns = choices.of(name)
    if name == "internal_notes" and choices.notes_status:
        columns += choices.of(STATUS)
    if name == "kind" and not columns and choices.kind_of_title:
        columns = choices.of("title")
    return columns


def _parties(choices: Choices, kept: list[Table]) -> list[Table]:
    of_column = {tuple(columns_read(each)): each for each in kept}
    countries = _countries(choices)
    parties: list[Table] = [{"always": choices.own_party, "kind": ""}] if choices.own_party else []
    for heading in choices.of(PARTY):
        choice = choices.columns[heading]
        old = of_column.get((heading,), {})
        entry = {
            "separators": PARTY_SEPARATORS,
            **old,
            "column": heading,
            "kind": choice.kind,
            "role": choice.role,
            "country": countries.get(heading, ""),
        }
        entry.pop("columns", None)
        # an empty kind has a meaning: as the name suggests
        parties.append(
            {k: value for k, value in entry.items() if k == "kind" or value not in ("", [], {})}
        )
    return parties


def _countries(choices: Choices) -> dict[str, str]:
    """Return the column of the country of each column of parties: the first after it, or else the last before it."""
    order = list(choices.columns)
    parties = [order.index(name) for name in choices.of(PARTY)]
    found: dict[str, str] = {}
    for heading in choices.of(COUNTRY):
        at = order.index(heading)
        before = [place for place in parties if place < at]
        place = before[-1] if before else min(parties, default=None)
        if place is not None:
            found.setdefault(order[place], heading)
    return found


def _areas(choices: Choices, kept: Any) -> Table:
    columns = choices.of(AREAS)
    if not columns:
        return {}
    old = kept if isinstance(kept, dict) and columns_read(kept) == columns else {}
    values = {text: code for text, code in choices.values.get(AREAS, {}).items() if code}
    areas = {"separators": AREA_SEPARATORS, **old, "columns": columns, "values": values}
    areas.pop("column", None)
    return areas


def _source(choices: Choices, kept: Mapping[str, Any]) -> Table:
    source = {
        key: value for key, value in kept.items() if key not in ("publisher", *OF_SOURCE.values())
    }
    for target, name in OF_SOURCE.items():
        linked = [choices.links_from] if target == SOURCE_URL and choices.links_from else []
        if columns := choices.of(target) or linked:
            source[name] = {"columns": columns}
    publisher = {"always": choices.publisher} if choices.publisher else kept.get("publisher")
    if not (choices.publisher or columns_read(publisher)):
        return {}
    source["publisher"] = publisher
    if choices.source_title:
        source["title"] = {**source.get("title", {}), "otherwise": choices.source_title}
        if "columns" not in source["title"]:
            source["title"] = {"always": choices.source_title}
    return source


# And back


def choices_of(table: Mapping[str, Any], headings: Iterable[str]) -> Choices:
    """Return what a profile chooses for a file with these headings."""
    choices = Choices({name: ColumnChoice() for name in headings})
    _read_fields(choices, table.get("fields", {}))
    for entry in parties_of(table):
        _read_party(choices, entry)
    _aim(choices, AREAS, columns_read(table.get("areas", {})))
    choices.values[AREAS] = dict(_part(table.get("areas", {}), "values", {}))
    _aim(choices, IDENTIFIER, columns_read(table.get("identifier", {})))
    source = table.get("source", {})
    for target, name in OF_SOURCE.items():
        _aim(choices, target, _free(choices, columns_read(source.get(name, {}))))
    if not choices.of(SOURCE_URL):
        choices.links_from = next(iter(columns_read(source.get("url", {}))), "")
    choices.publisher = _part(source.get("publisher", {}), "always", "")
    choices.publisher_columns = tuple(columns_read(source.get("publisher", {})))
    title = source.get("title", {})
    choices.source_title = _part(title, "always", "") or _part(title, "otherwise", "")
    dates = table.get("dates", {})
    choices.order = dates.get("order", "")
    choices.two_digit_years = dates.get("two_digit_years")
    return choices


def _read_fields(choices: Choices, fields: Mapping[str, Any]) -> None:
    for name, entry in sorted(fields.items(), key=lambda each: each[0] in _READ_TOO):
        columns = columns_read(entry)
        # those of the title and of the status are read twice
        _aim(choices, name, _free(choices, columns) if name in _READ_TOO else columns)
        if values := _part(entry, "values", {}):
            choices.values[name] = dict(values)
        if name == DURATION_IN_WORDS and columns and columns[0] in choices.columns:
            choices.columns[columns[0]].unit = _part(entry, "unit", "")
    notes, status = (columns_read(fields.get(name, {})) for name in ("internal_notes", STATUS))
    choices.notes_status = bool({*notes} & {*status})
    kind = fields.get("kind", {})
    is_title = bool(columns_read(kind)) and columns_read(kind) == columns_read(
        fields.get("title", {})
    )
    choices.kind_of_title = is_title and bool(_part(kind, "beginning", {}))
    choices.title_pattern = _part(fields.get("title", {}), "pattern", "")
    for name in ("kind", "stage"):
        entry = fields.get(name, {})
        setattr(choices, name, _part(entry, "always", "") or _part(entry, "otherwise", ""))


def _read_party(choices: Choices, entry: Mapping[str, Any]) -> None:
    columns = columns_read(entry)
    if not columns:
        choices.own_party = choices.own_party or entry.get("always", "")
    _aim(choices, PARTY, columns)
    for heading in columns:
        if choice := choices.columns.get(heading):
            choice.kind = entry.get("kind", PartyKind.OTHER.value)
            choice.role = entry.get("role", Role.PARTY.value)
    _aim(choices, COUNTRY, columns_read(entry.get("country", {})))


def _aim(choices: Choices, target: str, headings: Iterable[str]) -> None:
    """Show that these columns become this; of several entries that read a column, the first is shown."""
    for heading in headings:
        if (
            heading in choices.columns
            and not choices.columns[heading].target
            and target in targets()
        ):
            choices.columns[heading].target = target


def _free(choices: Choices, headings: Iterable[str]) -> list[str]:
    """Return the columns that become nothing else yet."""
    return [n for n in headings if n not in choices.columns or not choices.columns[n].target]


def _part(entry: Any, name: str, nothing: Any) -> Any:
    return entry.get(name, nothing) if isinstance(entry, dict) else nothing
