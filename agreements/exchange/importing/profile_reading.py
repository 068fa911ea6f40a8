"""Reads profiles: checks the table of a TOML file and turns it into a `Profile`.

Each entry is read by the type of its field in `profile_rules`. A profile is checked when it is read, so its author learns
which entry is wrong before any row is read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from django.utils.translation import gettext as _

from agreements.domain.choices import Basis, EventKind, PartyKind, Role
from agreements.domain.durations import DurationError
from agreements.domain.facts import ENTERED, FORMER, EvidenceCode
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.partial_dates.values import quoted
from agreements.domain.value_types import DURATION as LENGTH
from agreements.domain.value_types import PART_DATE, TEXT, Codes
from agreements.exchange.importing.names import country_meant, key_of
from agreements.exchange.importing.patterns import columns_of, is_well_formed
from agreements.exchange.importing.profile_rules import (
    DURATION,
    ORDERS,
    STATUS,
    TAKES,
    UNITS,
    Cell,
    DateRules,
    EventRules,
    FileRules,
    Identifier,
    PartyRules,
    Profile,
    SourceRules,
)
from agreements.exchange.importing.readers.encodings import known_encoding
from agreements.exchange.importing.refusals import FileRefusedError, ProfileError
from agreements.exchange.importing.status_words import OF_FILES
from agreements.exchange.importing.term_words import read_term
from agreements.exchange.importing.values import today_called

# a table of the file, as it is before it is checked
Table = dict[str, Any]
_Rules = TypeVar("_Rules")

# a year in a format for `strptime`
_YEAR = re.compile("%[Yy]")
_A_DAY = datetime(2001, 12, 31, tzinfo=UTC)
# the last years that two digits may mean
_CENTURY = range(1899, 2100)
EVERY_SHEET = "*"
# What an entry can be for, and the keys that only some of them take.
_DATE, _EVENT_DATE, _TITLE, _NOTE, _LENGTH, _WORDS, _OTHER = range(7)
_ONLY_FOR = {
    "until": (_DATE,),
    "order": (_DATE, _EVENT_DATE),
    "two_digit_years": (_DATE, _EVENT_DATE),
    "unit": (_LENGTH, _WORDS),
    "labelled": (_NOTE,),
    "pattern": (_TITLE, _NOTE),
}


class ProfileReading:
    """Turns one TOML table into a profile."""

    def __init__(self, name: str) -> None:
        self.name = name
        # how an entry is read, by the type of its field; others are tables
        self.readers: dict[object, Callable[[object, str], object]] = {
            str: self._text,
            bool: self._flag,
            int: self._number,
            tuple[str, ...]: self._texts,
            Mapping[str, str]: self._mapping,
            Mapping[str, tuple[str, ...]]: self._only,
            Mapping[str, Cell]: self._fields,
            Cell: self._cell,
            tuple[EventRules, ...]: self._events,
            tuple[Identifier, ...]: self._identifiers,
            tuple[PartyRules, ...]: self._parties,
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
        self._check_dates("dates", profile.dates)
        self._check_file(profile.file)
        self._check_parties(profile)
        for where, cell, kind in _entries_of(profile):
            self._check_entry(where, cell, kind)
        self._check_words(profile)
        return profile if profile.title else replace(profile, title=self.name)

    def file_rules(self, table: Table) -> FileRules:
        rules = self._record(FileRules, table, "file")
        self._check_file(rules)
        return rules

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

    def _check_file(self, rules: FileRules) -> None:
        if EVERY_SHEET in rules.sheets and len(rules.sheets) > 1:
            self._refuse("file.sheets", _("names “*”, which is all sheets: leave the others out"))
        if "" in rules.sheets:
            self._refuse("file.sheets", _("has an empty name: give the name of a sheet"))
        try:
            known_encoding(rules.encoding)
        except FileRefusedError as error:
            self._refuse("file.encoding", _("is no encoding: %(why)s") % {"why": error})

    def _check_dates(self, where: str, rules: DateRules | Cell) -> None:
        if rules.order and rules.order not in ORDERS:
            known = {"known": ", ".join(ORDERS)}
            self._refuse(f"{where}.order", _("must be one of: %(known)s") % known)
        if rules.two_digit_years and rules.two_digit_years not in _CENTURY:
            sentence = _(
                "must be the last year that two digits can mean, such as 2049, between %(first)d and %(last)d"
            )
            years = {"first": _CENTURY[0], "last": _CENTURY[-1]}
            self._refuse(f"{where}.two_digit_years", sentence % years)

    def _check_entry(self, where: str, cell: Cell, kind: int) -> None:
        """Refuse keys that mean nothing for this kind of entry, and values that none of them can have."""
        for key, kinds in _ONLY_FOR.items():
            if getattr(cell, key) and kind not in kinds:
                self._refuse(f"{where}.{key}", _("does not apply to this entry: leave it out"))
        self._check_dates(where, cell)
        if cell.unit and cell.unit not in UNITS:
            known = {"known": ", ".join(UNITS)}
            self._refuse(f"{where}.unit", _("must be one of: %(known)s") % known)
        if cell.labelled and cell.pattern:
            self._refuse(where, _("has both labelled and pattern: leave one of them out"))
        if cell.until and (cell.until == where.partition(".")[2] or not _is_date(cell.until)):
            dates = ", ".join(filter(_is_date, ENTERED))
            sentence = _("must name another date: one of %(known)s")
            self._refuse(f"{where}.until", sentence % {"known": dates})

    def _check_parties(self, profile: Profile) -> None:
        known: dict[str, str] = {}
        for where, rules in _numbered("parties", profile.parties):
            if len(profile.parties) > 1 and not rules:
                self._refuse(where, _("needs a column, columns, like, or a value in “always”"))
            if rules.like and rules.columns:
                self._refuse(where, _("has both like and columns: leave one of them out"))
            for name, meant in rules.known.items():
                if known.setdefault(key_of(name), meant) != meant:
                    said = {"name": quoted(name)}
                    self._refuse(
                        f"{where}.known", _("gives “%(name)s” another meaning than before") % said
                    )
            for text in _values_of(rules.country):
                if text and not country_meant(text):
                    sentence = _("“%(text)s” is no country: write its name or its ISO code")
                    self._refuse(f"{where}.country", sentence % {"text": quoted(text)})

    def _check_words(self, profile: Profile) -> None:
        """Check what the profile says in words about the duration and the status."""
        for text in filter(None, _values_of(profile.duration)):
            try:
                read_term(text, profile.duration.unit)
            except DurationError as error:
                sentence = _("cannot be read: %(why)s")
                self._refuse(f"fields.{DURATION}", sentence % {"why": str(error).rstrip(".")})
        for code in filter(None, _values_of(profile.status)):
            if code not in OF_FILES:
                known = {"code": quoted(code), "known": ", ".join(OF_FILES)}
                self._refuse(f"fields.{STATUS}", _("“%(code)s” is not one of: %(known)s") % known)

    # Tables

    def _record(self, kind: type[_Rules], value: object, where: str) -> _Rules:
        table = self._table(value, where)
        made = kind(**self._entries(kind, table, where))
        if isinstance(made, Cell):
            self._check_cell(made, table, where)
            self._check_formats(f"{where}.formats", made.formats)
            made = replace(
                made,
                values=_folded_keys(made.values),
                beginning=_longest_first(_folded_beginnings(made.beginning)),
                replace=_longest_first(made.replace),
                naming=_folded_keys(made.naming),
                naming_until=tuple(word.casefold() for word in made.naming_until),
            )
            if made.pattern:
                made = replace(made, columns=self._columns_of(made, where))
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
        if column and entries.get("columns"):
            self._refuse(where, _("has both column and columns: leave one of them out"))
        return {**entries, "columns": (column,)} if column else entries

    def _columns_of(self, cell: Cell, where: str) -> tuple[str, ...]:
        """Return the columns that the pattern of an entry names."""
        if cell.columns:
            self._refuse(where, _("has both a pattern and columns: leave one of them out"))
        if not is_well_formed(cell.pattern):
            sentence = _(
                "must name its columns in braces, as in “{Type} with {Partner}”; every brace needs its pair"
            )
            self._refuse(f"{where}.pattern", sentence)
        return columns_of(cell.pattern)

    def _check_cell(self, cell: Cell, entry: Table, where: str) -> None:
        if cell.take not in TAKES:
            self._refuse(
                f"{where}.take", _("must be one of: %(known)s") % {"known": ", ".join(TAKES)}
            )
        is_read = entry.keys() & {"column", *Cell.__dataclass_fields__}
        if not (cell or cell.pattern) and (is_read or type(cell) is Cell):
            self._refuse(where, _("needs a column, columns, or a value in “always”"))

    def _cell(self, entry: object, where: str) -> Cell:
        """Read an entry: the name of a column, or a table with more detail."""
        if isinstance(entry, str):
            return Cell(columns=(entry,) if entry else ())
        table = self._table(entry, where, _("must be the name of a column or a table"))
        return self._record(Cell, table, where)

    def _fields(self, value: object, where: str) -> dict[str, Cell]:
        table = self._table(value, where)
        self._refuse_unknown(table, where, [*ENTERED, *FORMER, DURATION, STATUS])
        return {name: self._cell(entry, f"{where}.{name}") for name, entry in table.items()}

    def _events(self, tables: object, where: str) -> tuple[EventRules, ...]:
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            self._refuse(where, _("must be a list of tables: write [[events]]"))
        return tuple(
            self._record(EventRules, _with_own_code(table), f"{where} {n}")
            for n, table in enumerate(tables, 1)
        )

    def _parties(self, value: object, where: str) -> tuple[PartyRules, ...]:
        """Read `[parties]`, or a list of tables `[[parties]]`."""
        if isinstance(value, dict):
            return (self._record(PartyRules, value, where),)
        if not isinstance(value, list):
            self._refuse(where, _("must be a table, or a list of tables: write [[parties]]"))
        return tuple(
            self._record(PartyRules, table, f"{where} {n}") for n, table in enumerate(value, 1)
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

    def _flag(self, value: object, where: str) -> bool:
        if not isinstance(value, bool):
            self._refuse(where, _("must be true or false"))
        return value

    def _number(self, value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self._refuse(where, _("must be a whole number above 0"))
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
    for where, rules in _numbered("parties", profile.parties):
        yield f"{where}.kind", [rules.kind], PartyKind
        yield f"{where}.role", [rules.role], Role
    for number, event in enumerate(profile.events, 1):
        yield f"events {number}.kind", _values_of(event.kind), EventKind
    for name, cell in profile.facts.items():
        if isinstance(codes := ENTERED[today_called(name)].type, Codes):
            yield f"fields.{name}", _values_of(cell), codes
    yield "source.basis", [profile.source.basis], Basis
    yield "source.inferred", profile.source.inferred, EvidenceCode


def _values_of(cell: Cell) -> list[str]:
    """Return the values that an entry itself gives, rather than a column."""
    given = (cell.values, cell.beginning, cell.naming)
    return [cell.always, cell.otherwise, *(value for table in given for value in table.values())]


def _numbered(name: str, tables: tuple[_Rules, ...]) -> Iterator[tuple[str, _Rules]]:
    """Yield what to call each table of a list; a single one needs no number."""
    for number, table in enumerate(tables, 1):
        yield (f"{name} {number}" if len(tables) > 1 else name), table


def _is_date(name: str) -> bool:
    return name in ENTERED and ENTERED[name].type is PART_DATE


def _entries_of(profile: Profile) -> Iterator[tuple[str, Cell, int]]:
    """Yield every entry with its place in the file and what it is for."""
    for name, cell in profile.fields.items():
        yield f"fields.{name}", cell, _kind_of(name)
    for number, event in enumerate(profile.events, 1):
        for name, cell in vars(event).items():
            kinds = {"date": _EVENT_DATE, "note": _NOTE, "place": _NOTE}
            yield f"events {number}.{name}", cell, kinds.get(name, _OTHER)
    for name, cell in vars(profile.source).items():
        if isinstance(cell, Cell):
            yield f"source.{name}", cell, _TITLE
    for where, rules in _numbered("parties", profile.parties):
        yield where, rules, _OTHER
        yield f"{where}.country", rules.country, _OTHER
    yield "identifier", profile.identifier, _OTHER
    yield "areas", profile.areas, _OTHER
    for number, further in enumerate(profile.identifiers, 1):
        yield f"identifiers {number}", further, _OTHER


def _kind_of(name: str) -> int:
    if name in (DURATION, STATUS):
        return _WORDS if name == DURATION else _OTHER
    if name == "title":
        return _TITLE
    # those of earlier releases are numbers
    of_type = {PART_DATE: _DATE, LENGTH: _LENGTH, TEXT: _NOTE}
    return of_type.get(ENTERED[name].type, _OTHER) if name in ENTERED else _OTHER


def _with_own_code(table: Table) -> Table:
    """Return the table of an event, whose kind may be a code that stands for itself."""
    kind = table.get("kind")
    is_code = isinstance(kind, str) and kind in EventKind.values
    return {**table, "kind": {"always": kind}} if is_code else table


def _longest_first(table: Mapping[str, str]) -> dict[str, str]:
    """Order what is applied in turn by itself: PostgreSQL does not keep the order of a kept profile."""
    return dict(sorted(table.items(), key=lambda each: (-len(each[0]), each[0])))


def _folded_beginnings(table: Mapping[str, str]) -> dict[str, str]:
    """Fold them, but keep a blank at the end, which makes a beginning a whole word."""
    return {key.lstrip().casefold(): value for key, value in table.items()}


def _folded_keys(table: Mapping[str, str]) -> dict[str, str]:
    return {key.strip().casefold(): value for key, value in table.items()}
