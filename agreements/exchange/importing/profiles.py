"""Says in a TOML file what the columns of another register's file mean: a new register needs no code.

The profiles shipped with the project are in `profiles/`; docs/importing.md explains how to write one. A profile is
checked when it is read, so its author learns which entry is wrong before any row is read.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.choices import (
    Basis,
    EventKind,
    PartyKind,
    Role,
)
from agreements.domain.facts import ENTERED, EvidenceCode
from agreements.domain.value_types import Codes
from agreements.exchange.importing.refusals import ProfileError, quoted

SHIPPED = Path(__file__).parent / "profiles"
# The register's own columns need no profile: they are read as they were written.
REGISTER = "register"

TAKES = ("first", "earliest", "latest")


@dataclass(frozen=True)
class Cell:
    """Where a value comes from, and how it is made from the text there.

    `columns` are tried in order and the first that is filled in counts; `always` is a value that no column gives, and
    `before` is put in front of one that a column gives.
    """

    columns: tuple[str, ...] = ()
    always: str = ""
    before: str = ""
    otherwise: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    beginning: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    take: str = "first"


@dataclass(frozen=True)
class PartyRules:
    """How a row names its parties, and what to do with those the register does not know."""

    cell: Cell = field(default_factory=Cell)
    role: str = Role.PARTY
    known: Mapping[str, str] = field(default_factory=dict)
    kind: str = PartyKind.OTHER
    tidies_capitals: bool = False


@dataclass(frozen=True)
class EventRules:
    """An event that each row reports if its date is filled in."""

    kind: Cell
    date: Cell
    party: Cell | None = None
    place: Cell | None = None
    note: Cell | None = None


@dataclass(frozen=True)
class SourceRules:
    """The source of a row's statements."""

    publisher: Cell
    title: Cell | None = None
    url: Cell | None = None
    where: Cell | None = None
    basis: str = Basis.STATED
    language: str = ""
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Profile:
    """What a file's columns mean; `name` is the name of its TOML file."""

    name: str
    title: str
    about: str
    recognised_by: tuple[str, ...]
    filled: tuple[str, ...]
    only: Mapping[str, tuple[str, ...]]
    group_by: tuple[str, ...]
    scheme: str
    identifier: Cell
    formats: tuple[str, ...]
    fields: Mapping[str, Cell]
    parties: PartyRules
    areas: Cell | None
    events: tuple[EventRules, ...]
    source: SourceRules | None

    @property
    def columns(self) -> list[str]:
        """Every column it reads, in the order in which the profile names them."""
        cells = [self.identifier, *self.fields.values(), self.parties.cell]
        cells += [cell for cell in (self.areas,) if cell]
        for event in self.events:
            cells += [
                c for c in (event.kind, event.date, event.party, event.place, event.note) if c
            ]
        if self.source:
            of_source = (
                self.source.publisher,
                self.source.title,
                self.source.url,
                self.source.where,
            )
            cells += [cell for cell in of_source if cell]
        named = (name for cell in cells for name in cell.columns)
        return list(dict.fromkeys([*self.filled, *self.only, *self.group_by, *named]))

    def check_headings(self, headings: Iterable[str]) -> None:
        """Raise `ProfileError` if the file lacks a column that the profile reads."""
        there = set(headings)
        missing = [name for name in self.columns if name not in there]
        if missing:
            raise ProfileError(
                _(
                    "The file lacks the column “%(missing)s”, which the profile %(profile)s reads. Its "
                    "columns are: %(there)s."
                )
                % {
                    "missing": "”, “".join(missing),
                    "profile": self.name,
                    "there": ", ".join(headings),
                }
            )


def shipped() -> dict[str, Profile]:
    """Return the profiles that come with the project, by their name."""
    return {path.stem: read(path) for path in sorted(SHIPPED.glob("*.toml"))}


def find(name: str) -> Profile:
    """Return a profile by its name, or by the path of its TOML file. Raises `ProfileError`."""
    path = Path(name)
    if path.suffix == ".toml":
        return read(path)
    profiles = shipped()
    if name not in profiles:
        raise ProfileError(
            _(
                "There is no profile “%(name)s”. Choose one of %(names)s, or give the path of a .toml "
                "file."
            )
            % {"name": quoted(name), "names": ", ".join([REGISTER, *profiles])}
        )
    return profiles[name]


def recognised(headings: Iterable[str]) -> Profile | None:
    """Return the one shipped profile with these columns; None if none or several have them."""
    there = set(headings)
    fitting = [p for p in shipped().values() if p.recognised_by and there >= set(p.recognised_by)]
    return fitting[0] if len(fitting) == 1 else None


def read(path: Path) -> Profile:
    """Return the profile in a TOML file. Raises `ProfileError`, which names the wrong entry."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise ProfileError(
            _("The profile %(path)s cannot be opened (%(why)s).")
            % {"path": path, "why": error.strerror}
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(
            _("The profile %(path)s is not valid TOML: %(why)s.") % {"path": path, "why": error}
        ) from error
    return _Reading(path.stem, table).profile()


class _Reading:
    """Turns one TOML table into a profile."""

    def __init__(self, name: str, table: dict[str, Any]) -> None:
        self.name = name
        self.table = table

    def profile(self) -> Profile:
        self._only_known(
            self.table, "", "title about recognised_by rows identifier dates fields parties areas events source"
        )  # fmt: skip
        rows, identifier = self._part("rows"), self._part("identifier")
        self._only_known(rows, "rows", "filled only group_by")
        self._only_known(identifier, "identifier", "scheme column columns values replace")
        self._only_known(self._part("dates"), "dates", "formats")
        profile = Profile(
            name=self.name,
            title=self._text(self.table, "title", "") or self.name,
            about=self._text(self.table, "about", ""),
            recognised_by=self._texts(self.table, "recognised_by", ""),
            filled=self._texts(rows, "filled", "rows"),
            only=self._only(rows),
            group_by=self._texts(rows, "group_by", "rows"),
            scheme=self._text(identifier, "scheme", "identifier"),
            identifier=self._identifier(identifier),
            formats=self._texts(self._part("dates"), "formats", "dates"),
            fields=self._fields(),
            parties=self._parties(),
            areas=self._optional_cell(self.table, "areas", ""),
            events=tuple(self._event(event, n) for n, event in enumerate(self._list("events"), 1)),
            source=self._source(),
        )
        self._check_whole(profile)
        return profile

    def _check_whole(self, profile: Profile) -> None:
        if "title" not in profile.fields:
            self._refuse("fields.title", _("is missing; an agreement needs a title"))
        if bool(profile.scheme) != bool(profile.identifier.columns):
            self._refuse("identifier", _("needs both a scheme and a column"))
        if profile.scheme and not profile.scheme.replace("-", "").replace("_", "").isalnum():
            self._refuse(
                "identifier.scheme", _("may contain only letters, digits, hyphens and underscores")
            )

    # The parts

    def _identifier(self, part: dict[str, Any]) -> Cell:
        entry = {name: value for name, value in part.items() if name != "scheme"}
        return self._cell(entry, "identifier") if entry else Cell()

    def _fields(self) -> dict[str, Cell]:
        fields = self._part("fields")
        self._only_known(fields, "fields", " ".join(ENTERED))
        cells = {name: self._cell(value, f"fields.{name}") for name, value in fields.items()}
        for name, cell in cells.items():
            if isinstance(codes := ENTERED[name].type, Codes):
                self._check_codes(cell, codes, f"fields.{name}")
        return cells

    def _parties(self) -> PartyRules:
        part = dict(self._part("parties"))
        known, kind = part.pop("known", {}), part.pop("kind", PartyKind.OTHER.value)
        role, tidies = part.pop("role", Role.PARTY.value), part.pop("tidy_capitals", False)
        self._check_code(kind, PartyKind, "parties.kind")
        self._check_code(role, Role, "parties.role")
        cell = self._cell(part, "parties") if part else Cell()
        return PartyRules(cell, role, self._mapping(known, "parties.known"), kind, bool(tidies))

    def _event(self, table: dict[str, Any], number: int) -> EventRules:
        where = f"events {number}"
        self._only_known(table, where, "kind date party place note")
        if not {"kind", "date"} <= table.keys():
            self._refuse(where, _("needs a kind and a date"))
        kind = table["kind"]
        code = {"always": kind} if isinstance(kind, str) and kind in EventKind.values else kind
        cell = self._cell(code, f"{where}.kind")
        self._check_codes(cell, EventKind, f"{where}.kind")
        return EventRules(
            cell,
            self._cell(table["date"], f"{where}.date"),
            *(self._optional_cell(table, name, where) for name in ("party", "place", "note")),
        )

    def _source(self) -> SourceRules | None:
        part = self._part("source")
        if not part:
            return None
        self._only_known(part, "source", "publisher title url where basis language inferred")
        if "publisher" not in part or not {"title", "url"} & part.keys():
            self._refuse("source", _("needs a publisher, and a title or URL to find it by"))
        basis = self._text(part, "basis", "source") or Basis.STATED.value
        self._check_code(basis, Basis, "source.basis")
        inferred = self._texts(part, "inferred", "source")
        for fact in inferred:
            self._check_code(fact, EvidenceCode, "source.inferred")
        return SourceRules(
            publisher=self._cell(part["publisher"], "source.publisher"),
            title=self._optional_cell(part, "title", "source"),
            url=self._optional_cell(part, "url", "source"),
            where=self._optional_cell(part, "where", "source"),
            basis=basis,
            language=self._text(part, "language", "source"),
            inferred=frozenset(inferred),
        )

    def _only(self, rows: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        only = rows.get("only", {})
        if not isinstance(only, dict):
            self._refuse("rows.only", _("must be a table of columns and their values"))
        return {column: self._texts(only, column, "rows.only") for column in only}

    # The entries

    def _cell(self, entry: Any, where: str) -> Cell:
        """Read an entry: the name of a column, or a table with more detail."""
        if isinstance(entry, str):
            return Cell(columns=(entry,))
        if not isinstance(entry, dict):
            self._refuse(where, _("must be the name of a column or a table"))
        self._only_known(
            entry, where, "column columns always before otherwise values beginning replace separators formats take"
        )  # fmt: skip
        column, take = self._text(entry, "column", where), self._text(entry, "take", where)
        if take and take not in TAKES:
            self._refuse(
                f"{where}.take", _("must be one of: %(known)s") % {"known": ", ".join(TAKES)}
            )
        columns = (column,) if column else self._texts(entry, "columns", where)
        if not columns and not self._text(entry, "always", where):
            self._refuse(where, _("needs a column, columns, or a value in “always”"))
        return Cell(
            columns=columns,
            always=self._text(entry, "always", where),
            before=self._text(entry, "before", where),
            otherwise=self._text(entry, "otherwise", where),
            values=_folded_keys(self._mapping(entry.get("values", {}), f"{where}.values")),
            beginning=_folded_keys(self._mapping(entry.get("beginning", {}), f"{where}.beginning")),
            replace=self._mapping(entry.get("replace", {}), f"{where}.replace"),
            separators=self._texts(entry, "separators", where),
            formats=self._texts(entry, "formats", where),
            take=take or "first",
        )

    def _optional_cell(self, table: dict[str, Any], name: str, where: str) -> Cell | None:
        return self._cell(table[name], f"{where}.{name}".lstrip(".")) if table.get(name) else None

    def _part(self, name: str) -> dict[str, Any]:
        part = self.table.get(name, {})
        if not isinstance(part, dict):
            self._refuse(name, _("must be a table"))
        return dict(part)

    def _list(self, name: str) -> list[dict[str, Any]]:
        entries = self.table.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._refuse(name, _("must be a list of tables: write [[events]]"))
        return entries

    def _text(self, table: dict[str, Any], name: str, where: str) -> str:
        value = table.get(name, "")
        if not isinstance(value, str):
            self._refuse(f"{where}.{name}".lstrip("."), _("must be text"))
        return value

    def _texts(self, table: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self._refuse(f"{where}.{name}".lstrip("."), _("must be a list of texts"))
        return tuple(value)

    def _mapping(self, value: Any, where: str) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self._refuse(where, _("must be a table of texts"))
        return dict(value)

    def _check_codes(self, cell: Cell, choices: Any, where: str) -> None:
        codes = [cell.always, cell.otherwise, *cell.values.values(), *cell.beginning.values()]
        for code in filter(None, codes):
            self._check_code(code, choices, where)

    def _check_code(self, code: Any, choices: Any, where: str) -> None:
        if code not in choices.values:
            self._refuse(
                where,
                _("“%(code)s” is not one of: %(known)s")
                % {"code": quoted(str(code)), "known": ", ".join(choices.values)},
            )

    def _only_known(self, table: dict[str, Any], where: str, known: str) -> None:
        unknown = [name for name in table if name not in known.split()]
        if unknown:
            entry = f"{where}.{unknown[0]}".lstrip(".")
            self._refuse(
                entry, _("is not known here; the known entries are: %(known)s") % {"known": known.replace(" ", ", ")}
            )  # fmt: skip

    def _refuse(self, entry: str, why: str) -> None:
        raise ProfileError(
            _("Profile %(profile)s: %(entry)s %(why)s.")
            % {"profile": self.name, "entry": entry, "why": why}
        )


def _folded_keys(table: dict[str, str]) -> dict[str, str]:
    return {key.strip().casefold(): value for key, value in table.items()}
