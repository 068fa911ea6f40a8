"""Profiles: TOML files that say what the columns of another register's file mean, so a new register needs no code.

The profiles shipped with the project are in `profiles/`; docs/importing.md explains how to write one. The classes here
have the entries of that file as their fields, and `_Reading` reads each by its type. A profile is checked when it is
read, so its author learns which entry is wrong before any row is read.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from django.utils.translation import gettext as _

from agreements.domain.choices import Basis, EventKind, PartyKind, Role
from agreements.domain.facts import ENTERED, FORMER, EvidenceCode
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.partial_dates.values import quoted
from agreements.domain.value_types import Codes
from agreements.exchange.exporting.rows import SEPARATOR
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.values import parted, plain, today_called

SHIPPED = Path(__file__).parent / "profiles"
# The register's own columns need no profile: they are read as they were written.
REGISTER = "register"

# a table of the file, as it is before it is checked
Table = dict[str, Any]
_Rules = TypeVar("_Rules")

# a year in a format for `strptime`
_YEAR = re.compile("%[Yy]")
_A_DAY = datetime(2001, 12, 31, tzinfo=UTC)
TAKES = ("first", "earliest", "latest")


class Reading(NamedTuple):
    """What an entry reads from a row: a text, and the column it comes from, if any.

    `is_assumed` if the row does not say it: the entry's `otherwise` stands for a text `unknown` to the profile, or for none.
    """

    text: str = ""
    column: str = ""
    is_assumed: bool = False
    unknown: str = ""


@dataclass(frozen=True)
class Cell:
    """Where a value comes from, and how it is made from the text there.

    `columns` are tried in order and the first whose text means something counts; `always` is a value that no column
    gives, and `before` is put in front of one that a column gives.
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

    def __bool__(self) -> bool:
        return bool(self.columns or self.always)

    @property
    def heading(self) -> str:
        return " / ".join(self.columns)

    def text(self, cells: Mapping[str, object]) -> str:
        """Return the text that this entry reads from a row, empty if there is none."""
        return self.read(cells).text

    def read(self, cells: Mapping[str, object]) -> Reading:
        """Return what this entry reads from a row: of its columns, the first whose text means something counts."""
        for name in self.columns:
            written = self._written(cells, name)
            if not written:
                continue
            meant = self._meant(written)
            if not meant and self.otherwise and not self._is_known(written):
                return Reading(self.otherwise, name, is_assumed=True, unknown=written)
            if meant and self.separators:
                meant = SEPARATOR.join(parted(meant, self.separators))
            if meant:
                return Reading(f"{self.before}{meant}", name)
        return Reading(self.always or self.otherwise, is_assumed=not self.always)

    def parts(self, cells: Mapping[str, object]) -> list[str]:
        """Return the parts of the text as the row has them, each once."""
        written = (self._written(cells, name) for name in self.columns)
        return parted(next(filter(None, written), self.always), self.separators)

    def _written(self, cells: Mapping[str, object], column: str) -> str:
        found = plain(cells.get(column))
        for old, new in self.replace.items():
            found = found.replace(old, new)
        return found

    def _is_known(self, text: str) -> bool:
        """Whether the profile says what this text means, be it nothing."""
        return text.casefold() in self.values or self._begun(text) is not None

    def _begun(self, text: str) -> str | None:
        wanted = text.casefold()
        begun = (value for start, value in self.beginning.items() if wanted.startswith(start))
        return next(begun, None)

    def _meant(self, text: str) -> str:
        """Return the value that the profile gives this text; without one, the text, or nothing if there is `otherwise`."""
        if not (self.values or self.beginning):
            return text
        value = self.values.get(text.casefold(), self._begun(text))
        return value if value is not None else "" if self.otherwise else text


@dataclass(frozen=True)
class FileRules:
    """How the file is read: which sheets, the row in which the headings end, the encoding; each is found if not given."""

    sheets: tuple[str, ...] = ()
    head: int = 0
    encoding: str = ""


@dataclass(frozen=True)
class RowRules:
    """Which rows count, and how they are grouped into agreements."""

    filled: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identifier(Cell):
    """What the other register calls an agreement."""

    scheme: str = ""


@dataclass(frozen=True)
class DateRules:
    """The date formats of the file, for `strptime`; without any, dates are read as staff type them."""

    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartyRules(Cell):
    """How a row names its parties, and what to do with those the register does not know."""

    role: str = Role.PARTY.value
    known: Mapping[str, str] = field(default_factory=dict)
    kind: str = PartyKind.OTHER.value
    tidy_capitals: bool = False

    def parts(self, cells: Mapping[str, object]) -> list[str]:
        """Return the names, as the profile's `values` give them: one mapped to "" is no name."""
        written = next(filter(None, (self._written(cells, name) for name in self.columns)), "")
        text = self._named(written)
        text = f"{self.before}{text}" if text else self.always or self.otherwise
        parts = parted(text, self.separators, cuts_brackets=False)
        return list(filter(None, map(self._named, parts)))

    def _named(self, text: str) -> str:
        return self.values.get(text.casefold(), text)


@dataclass(frozen=True)
class EventRules:
    """An event that each row reports if its date is filled in."""

    kind: Cell = Cell()
    date: Cell = Cell()
    party: Cell = Cell()
    place: Cell = Cell()
    note: Cell = Cell()


@dataclass(frozen=True)
class SourceRules:
    """The source of a row's statements."""

    publisher: Cell = Cell()
    title: Cell = Cell()
    url: Cell = Cell()
    where: Cell = Cell()
    basis: str = Basis.STATED.value
    language: str = ""
    inferred: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a file's columns mean; `name` is the name of its TOML file."""

    name: str
    title: str = ""
    about: str = ""
    recognised_by: tuple[str, ...] = ()
    # the name under which rows without an identifier are remembered, if it is not that of the profile
    remembered_as: str = ""
    file: FileRules = FileRules()
    rows: RowRules = RowRules()
    identifier: Identifier = Identifier()
    identifiers: tuple[Identifier, ...] = ()
    dates: DateRules = DateRules()
    fields: Mapping[str, Cell] = field(default_factory=dict)
    parties: PartyRules = PartyRules()
    areas: Cell = Cell()
    events: tuple[EventRules, ...] = ()
    source: SourceRules = SourceRules()

    @property
    def columns(self) -> list[str]:
        """Every column it reads, in the order in which the profile names them."""
        cells = [self.identifier, *self.fields.values(), self.parties, self.areas]
        cells += [
            cell
            for each in (*self.events, self.source)
            for cell in vars(each).values()
            if isinstance(cell, Cell)
        ]
        cells += self.identifiers
        named = (name for cell in cells for name in cell.columns)
        return list(
            dict.fromkeys([*self.rows.filled, *self.rows.only, *self.rows.group_by, *named])
        )

    def check_headings(self, headings: Iterable[str]) -> None:
        """Raise `ProfileError` if the file lacks a column that the profile reads."""
        there = set(headings)
        missing = [name for name in self.columns if name not in there]
        if missing:
            sentence = _(
                "The file lacks the column “%(missing)s”, which the profile %(profile)s reads. Its "
                "columns are: %(there)s."
            )
            names = {"missing": "”, “".join(missing), "profile": self.name}
            raise ProfileError(sentence % {**names, "there": ", ".join(headings)})


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
        sentence = _(
            "There is no profile “%(name)s”. Choose one of %(names)s, or give the path of a .toml "
            "file."
        )
        names = ", ".join([REGISTER, *profiles])
        raise ProfileError(sentence % {"name": quoted(name), "names": names})
    return profiles[name]


def table_of(name: str) -> Table:
    """Return the content of the TOML file of a profile shipped with the project. Raises `ProfileError`."""
    find(name)
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def recognised(headings: Iterable[str]) -> Profile | None:
    """Return the one shipped profile with these columns; None if none or several have them."""
    there = set(headings)
    fitting = [p for p in shipped().values() if p.recognised_by and there >= set(p.recognised_by)]
    return fitting[0] if len(fitting) == 1 else None


def read(path: Path) -> Profile:
    """Return the profile in a TOML file. Raises `ProfileError`, which names the wrong entry."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        sentence = _("The profile %(path)s cannot be opened (%(why)s).")
        raise ProfileError(sentence % {"path": path, "why": error.strerror}) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        sentence = _("The profile %(path)s is not valid TOML: %(why)s.")
        raise ProfileError(sentence % {"path": path, "why": error}) from error
    return from_table(path.stem, table)


def from_table(name: str, table: Table) -> Profile:
    """Return the profile that the content of a TOML file describes. Raises `ProfileError`, which names the wrong entry."""
    return _Reading(name).profile(table)


def file_rules(table: Table) -> FileRules:
    """Return how a file is read, from the content of [file]. Raises `ProfileError`."""
    return _Reading(REGISTER).file_rules(table)


class _Reading:
    """Turns one TOML table into a profile."""

    def __init__(self, name: str) -> None:
        self.name = name
        # how an entry is read, by the type of its field; others are tables
        self.readers: dict[object, Callable[[object, str], object]] = {
            str: self._text,
            bool: lambda value, where: bool(value),
            int: self._number,
            tuple[str, ...]: self._texts,
            Mapping[str, str]: self._mapping,
            Mapping[str, tuple[str, ...]]: self._only,
            Mapping[str, Cell]: self._fields,
            Cell: self._cell,
            tuple[EventRules, ...]: self._events,
            tuple[Identifier, ...]: self._identifiers,
        }

    def profile(self, table: Table) -> Profile:
        profile = Profile(name=self.name, **self._entries(Profile, table, ""))
        identifier, source = profile.identifier, profile.source
        if "title" not in profile.fields:
            self._refuse("fields.title", _("is missing; an agreement needs a title"))
        for number, event in enumerate(profile.events, 1):
            if not (event.kind and event.date):
                self._refuse(f"events {number}", _("needs a kind and a date"))
        if source != SourceRules() and not (source.publisher and (source.title or source.url)):
            self._refuse("source", _("needs a publisher, and a title or URL to find it by"))
        self._check_identifier(identifier, "identifier")
        for number, further in enumerate(profile.identifiers, 1):
            where = f"identifiers {number}"
            self._check_identifier(further, where)
            if not further.scheme:
                self._refuse(where, _("needs both a scheme and a column"))
            if further.scheme in (identifier.scheme, IMPORTED_ROW):
                self._refuse(f"{where}.scheme", _("is used already; name another scheme"))
        self._check_codes(profile)
        self._check_formats("dates.formats", profile.dates.formats)
        return profile if profile.title else replace(profile, title=self.name)

    def file_rules(self, table: Table) -> FileRules:
        return self._record(FileRules, table, "file")

    def _check_identifier(self, identifier: Identifier, where: str) -> None:
        if bool(identifier.scheme) != bool(identifier.columns):
            self._refuse(where, _("needs both a scheme and a column"))
        if identifier.scheme and not identifier.scheme.replace("-", "").replace("_", "").isalnum():
            self._refuse(
                f"{where}.scheme", _("may contain only letters, digits, hyphens and underscores")
            )

    def _check_codes(self, profile: Profile) -> None:
        for where, codes, choices in _coded(profile):
            for code in codes:
                if code and code not in choices.values:
                    known = {"code": quoted(code), "known": ", ".join(choices.values)}
                    self._refuse(where, _("“%(code)s” is not one of: %(known)s") % known)

    def _check_formats(self, where: str, formats: Iterable[str]) -> None:
        for each in formats:
            if not _YEAR.search(each):
                sentence = _(
                    "“%(format)s” has no year: write %%Y where the year stands, as in %%d/%%m/%%Y"
                )
                self._refuse(where, sentence % {"format": quoted(each)})
            try:
                _A_DAY.strptime(_A_DAY.strftime(each), each)
            except ValueError as error:
                sentence = _("“%(format)s” is no format for dates: %(why)s")
                self._refuse(where, sentence % {"format": quoted(each), "why": error})

    # Tables

    def _record(self, kind: type[_Rules], value: object, where: str) -> _Rules:
        table = self._table(value, where)
        made = kind(**self._entries(kind, table, where))
        if isinstance(made, Cell):
            self._check_cell(made, table, where)
            self._check_formats(f"{where}.formats", made.formats)
            values, beginning = _folded_keys(made.values), _folded_keys(made.beginning)
            made = replace(made, values=values, beginning=beginning)
        return made

    def _entries(self, kind: type, table: Table, where: str) -> Table:
        """Read the entries of a table as the fields of this class."""
        types: Table = {"column": str} if issubclass(kind, Cell) else {}
        types |= {each.name: each.type for each in fields(kind) if each.name != "name"}
        self._refuse_unknown(table, where, types)
        entries: Table = {}
        for name, value in table.items():
            at, reader = f"{where}.{name}".lstrip("."), self.readers.get(types[name])
            entries[name] = reader(value, at) if reader else self._record(types[name], value, at)
        column = entries.pop("column", "")
        return {**entries, "columns": (column,)} if column else entries

    def _check_cell(self, cell: Cell, entry: Table, where: str) -> None:
        if cell.take not in TAKES:
            self._refuse(
                f"{where}.take", _("must be one of: %(known)s") % {"known": ", ".join(TAKES)}
            )
        is_read = entry.keys() & {"column", *Cell.__dataclass_fields__}
        if not cell and (is_read or type(cell) is Cell):
            self._refuse(where, _("needs a column, columns, or a value in “always”"))

    def _cell(self, entry: object, where: str) -> Cell:
        """Read an entry: the name of a column, or a table with more detail."""
        if isinstance(entry, str):
            return Cell(columns=(entry,) if entry else ())
        table = self._table(entry, where, _("must be the name of a column or a table"))
        return self._record(Cell, table, where)

    def _fields(self, value: object, where: str) -> dict[str, Cell]:
        table = self._table(value, where)
        self._refuse_unknown(table, where, [*ENTERED, *FORMER])
        return {name: self._cell(entry, f"{where}.{name}") for name, entry in table.items()}

    def _events(self, tables: object, where: str) -> tuple[EventRules, ...]:
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            self._refuse(where, _("must be a list of tables: write [[events]]"))
        for table in tables:
            # a code stands for itself
            if table.get("kind") in EventKind.values:
                table["kind"] = {"always": table["kind"]}
        return tuple(
            self._record(EventRules, table, f"{where} {n}") for n, table in enumerate(tables, 1)
        )

    def _identifiers(self, tables: object, where: str) -> tuple[Identifier, ...]:
        if not isinstance(tables, list):
            self._refuse(where, _("must be a list of tables: write [[identifiers]]"))
        return tuple(
            self._record(Identifier, table, f"{where} {n}") for n, table in enumerate(tables, 1)
        )

    def _table(self, value: object, where: str, why: str = "") -> Table:
        if not isinstance(value, dict):
            self._refuse(where, why or _("must be a table"))
        return value

    # Values

    def _text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            self._refuse(where, _("must be text"))
        return value

    def _number(self, value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self._refuse(where, _("must be a whole number"))
        return value

    def _texts(self, value: object, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self._refuse(where, _("must be a list of texts"))
        return tuple(value)

    def _mapping(self, value: object, where: str) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self._refuse(where, _("must be a table of texts"))
        return value

    def _only(self, value: object, where: str) -> dict[str, tuple[str, ...]]:
        only = self._table(value, where, _("must be a table of columns and their values"))
        return {column: self._texts(some, f"{where}.{column}") for column, some in only.items()}

    def _refuse_unknown(self, table: Table, where: str, known: Iterable[str]) -> None:
        for name in table:
            if name not in known:
                why = _("is not known here; the known entries are: %(known)s")
                self._refuse(f"{where}.{name}".lstrip("."), why % {"known": ", ".join(known)})

    def _refuse(self, entry: str, why: str) -> NoReturn:
        sentence = _("Profile %(profile)s: %(entry)s %(why)s.")
        raise ProfileError(sentence % {"profile": self.name, "entry": entry, "why": why})


def _coded(profile: Profile) -> Iterator[tuple[str, Iterable[str], Any]]:
    """Yield each entry that must name codes, with the codes there and the choices."""
    yield "parties.kind", [profile.parties.kind], PartyKind
    yield "parties.role", [profile.parties.role], Role
    for number, event in enumerate(profile.events, 1):
        yield f"events {number}.kind", _codes_of(event.kind), EventKind
    for name, cell in profile.fields.items():
        if isinstance(codes := ENTERED[today_called(name)].type, Codes):
            yield f"fields.{name}", _codes_of(cell), codes
    yield "source.basis", [profile.source.basis], Basis
    yield "source.inferred", profile.source.inferred, EvidenceCode


def _codes_of(cell: Cell) -> list[str]:
    return [cell.always, cell.otherwise, *cell.values.values(), *cell.beginning.values()]


def _folded_keys(table: Mapping[str, str]) -> dict[str, str]:
    return {key.strip().casefold(): value for key, value in table.items()}
