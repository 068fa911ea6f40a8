"""Turns the rows of another register's file into statements, following a profile."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.facts import ENTERED, VALUES, facts_given
from agreements.domain.identifiers import IMPORTED_ROW, SCHEMES
from agreements.domain.partial_dates.values import quoted
from agreements.domain.value_types import Codes
from agreements.exchange.importing.names import known_parts
from agreements.exchange.importing.profiles import Cell, EventRules, Profile, Reading
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot, Values
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.statements import Cited, Mapping, Named, Statement
from agreements.exchange.importing.values import (
    is_placeholder,
    plain,
    today_called,
    value_of,
)

# Rows of one agreement may be anywhere in the file, so all rows are held in memory.
MOST_GROUPED_ROWS = 250_000
MOST_UNKNOWN_NAMED = 10
MOST_REMEMBERED = 5_000
_ADDED_ONLY = frozenset({"events", "evidence", "identifiers"})


class ForeignMapping(Mapping):
    """What the rows of a file state according to a profile."""

    def __init__(self, profile: Profile, book: PartyBook, areas: dict[str, int]) -> None:
        super().__init__(areas)
        self.profile = profile
        self.book = book
        self.profile_name = profile.name
        self._read = frozenset(profile.columns)
        # the texts of each column that the profile has no value for, the first few
        self._unknown: dict[str, set[str]] = {}
        # files repeat their codes and dates
        self._value_of = lru_cache(MOST_REMEMBERED)(value_of)

    # Grouping rows into agreements

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        wanted = (row for row in rows if self._is_wanted(row))
        names = self.profile.rows.group_by
        if not names:
            yield from ([row] for row in wanted)
            return
        groups: dict[tuple[str, ...], list[Row]] = {}
        for count, row in enumerate(wanted, start=1):
            if count > MOST_GROUPED_ROWS:
                sentence = _(
                    "The profile groups rows, and the file has more than %(most)d. Split the file."
                )
                raise FileRefusedError(sentence % {"most": MOST_GROUPED_ROWS})
            key = tuple(plain(row.cells.get(name)).casefold() for name in names)
            groups.setdefault(key, []).append(row)
        yield from groups.values()

    def _is_wanted(self, row: Row) -> bool:
        rules = self.profile.rows
        is_filled = all(plain(row.cells.get(name)) for name in rules.filled)
        is_meant = all(plain(row.cells.get(name)) in values for name, values in rules.only.items())
        if not (is_filled and is_meant):
            self.remarks.note(_("rows left out, as the profile specifies"), row.number)
        return is_filled and is_meant

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str]]:
        identifier = self.profile.identifier
        if identifier.scheme:
            return "", (identifier.scheme, identifier.text(group[0].cells))
        # of rows without an identifier, the digest of their contents
        return "", (IMPORTED_ROW, digest_of(self.profile_name, [row.cells for row in group]))

    # Statements

    def statement(self, group: Sequence[Row], found: Snapshot | None) -> Statement:
        _ref, (scheme, value) = self.keys(group)
        statement = Statement(
            group[0].number, found, identifier=(scheme, value), added_only=_ADDED_ONLY
        )
        statement.problems += [problem for row in group for problem in row.problems]
        self._remark_on(group)
        if not value:
            statement.refuse("identifier", "", _("The row has no identifier. Fill it in."))
            return statement
        self._state_facts(statement, group)
        self._state_parties(statement, group)
        self._state_areas(statement, group)
        self._state_events(statement, group)
        self._state_source(statement, group[0].cells)
        statement.rows["identifiers"] = [
            {"scheme": scheme, "value": value},
            *self._further_identifiers(group),
        ]
        return statement

    def _remark_on(self, group: Sequence[Row]) -> None:
        """Count the cells that say nothing although something stands there, and those that the profile does not read."""
        lost = _("column “%(name)s”: %(why)s; taken for empty")
        unread = _("column “%(name)s” is not read by the profile")
        for row in group:
            for each in row.lost:
                if each.column in self._read:
                    self.remarks.note(lost % {"name": each.column, "why": each.remedy}, row.number)
            for name, cell in row.cells.items():
                if name not in self._read and plain(cell):
                    self.remarks.note(unread % {"name": name}, row.number)

    def _further_identifiers(self, group: Sequence[Row]) -> Iterator[Values]:
        """Yield what other registers call the agreement, by the columns that the profile names for them."""
        for rules in self.profile.identifiers:
            known = SCHEMES.get(rules.scheme)
            for value in dict.fromkeys(rules.text(row.cells) for row in group):
                if value:
                    tidied = known.tidied(value) if known else value
                    yield {"scheme": rules.scheme, "value": tidied}

    def _state_facts(self, statement: Statement, group: Sequence[Row]) -> None:
        for name, cell in self.profile.fields.items():
            values = [value for row in group for value in self._value(statement, name, cell, row)]
            if values:
                statement.facts[today_called(name)] = _taken(values, cell.take)
        if not statement.facts.get("title"):
            statement.refuse("title", "", _("The row has no title. Add one in the file."))

    def _value(self, statement: Statement, name: str, cell: Cell, row: Row) -> Iterator[Any]:
        """Yield the value a row states for a field, if there is one and it can be read."""
        today = today_called(name)
        statement.columns[today] = column = cell.heading or name
        read = cell.read(row.cells)
        if not read.text:
            return
        # a real date needs no format
        formats = () if read.column in row.dates else cell.formats or self.profile.dates.formats
        try:
            value = self._value_of(name, read.text, formats)
        except ValueError as error:
            if not self._says_nothing(read, row):
                problem = Problem(row.number, column, read.text[:200], str(error))
                statement.problems.append(problem)
            return
        # a code may be called what people write for nothing, such as unknown
        if not isinstance(ENTERED[today].type, Codes) and self._says_nothing(read, row):
            return
        if read.unknown:
            self._remark_on_unknown(column, read, row)
        if read.is_assumed and cell.columns:
            statement.assumed.add(today)
        yield value

    def _remark_on_unknown(self, column: str, read: Reading, row: Row) -> None:
        """Count a text that fell to `otherwise`: by itself, if few texts of the column did, and with the others beyond."""
        texts = self._unknown.setdefault(column, set())
        if read.unknown in texts or len(texts) < MOST_UNKNOWN_NAMED:
            texts.add(read.unknown)
            remark = _(
                "column “%(name)s”: “%(text)s” has no value in the profile; taken for “%(value)s”"
            )
        else:
            remark = _("column “%(name)s”: further texts without a value; taken for “%(value)s”")
        said = {"name": column, "text": quoted(read.unknown), "value": read.text}
        self.remarks.note(remark % said, row.number)

    def _says_nothing(self, read: Reading, row: Row) -> bool:
        """Whether a column holds a placeholder, such as N/A; such cells are counted."""
        if not (read.column and is_placeholder(read.text)):
            return False
        remark = _("column “%(name)s”: “%(text)s” says nothing")
        self.remarks.note(remark % {"name": read.column, "text": quoted(read.text)}, row.number)
        return True

    def _state_parties(self, statement: Statement, group: Sequence[Row]) -> None:
        rules = self.profile.parties
        named = [
            Named(name, row=row.number)
            for row in group
            for part in rules.parts(row.cells)
            if not self._says_nothing(Reading(part, rules.heading), row)
            for name in known_parts(part, self.book.knows)
        ]
        for one in named:
            if one.name.endswith("]"):
                remark = _("“%(name)s”: what is in brackets is no role; it stays part of the name")
                self.remarks.note(remark % {"name": quoted(one.name)}, one.row)
        if named:
            statement.columns["parties"] = rules.heading
            statement.rows["parties"] = [
                {"party": one, "role": rules.role} for one in dict.fromkeys(named)
            ]

    def _state_areas(self, statement: Statement, group: Sequence[Row]) -> None:
        cell = self.profile.areas
        words = [word for row in group for word in cell.parts(row.cells)]
        # without values in the profile, the column holds the codes themselves
        slugs = [
            cell.values.get(word.casefold(), cell.otherwise or ("" if cell.values else word))
            for word in words
        ]
        meant = list(dict.fromkeys(filter(None, slugs)))
        known = [slug for slug in meant if slug in self.areas]
        if len(known) < len(meant):
            self.remarks.note(_("rows whose areas the register does not have"), statement.row)
        if known:
            statement.columns["areas"] = cell.heading
            statement.rows["areas"] = [{"area_id": self.areas[slug]} for slug in known]

    def _state_events(self, statement: Statement, group: Sequence[Row]) -> None:
        events = [
            event
            for row in group
            for rules in self.profile.events
            for event in self._event(statement, rules, row)
        ]
        if events:
            statement.columns["events"] = _("timeline")
            statement.rows["events"] = events

    def _event(self, statement: Statement, rules: EventRules, row: Row) -> Iterator[Values]:
        for day in self._value(statement, "signed", rules.date, row):
            party = rules.party.text(row.cells)
            said = {"place": rules.place.text(row.cells), "note": rules.note.text(row.cells)}
            yield {
                "kind": rules.kind.text(row.cells),
                "date": day,
                "party": Named(party, row=row.number) if party else None,
                **{name: text for name, text in said.items() if text},
            }

    def _state_source(self, statement: Statement, cells: Values) -> None:
        rules = self.profile.source
        publisher, title, url = (
            cell.text(cells) for cell in (rules.publisher, rules.title, rules.url)
        )
        if not publisher or not (title or url):
            return
        # values that the profile fills in for every row do not come from the source
        constants = {
            today_called(name) for name, cell in self.profile.fields.items() if not cell.columns
        }
        inferred = {*rules.inferred, *facts_given(statement.assumed)}
        statement.columns["evidence"] = _("source")
        statement.rows["evidence"] = [
            {
                "fact": fact,
                "source": Cited(publisher, title, url, rules.language),
                "locator": rules.where.text(cells),
                "basis": "inferred" if fact in inferred else rules.basis,
            }
            for fact in facts_stated(statement.facts, statement.rows, constants)
        ]


def facts_stated(facts: Values, rows: dict[str, list[Values]], constants: set[str]) -> list[str]:
    """Return the facts (`Fact` codes) for which these values need evidence, in the order of their declarations.

    A code for an unknown value needs none. `constants` are values that do not come from a source.
    """
    given = {n for n, value in facts.items() if value and VALUES[n].is_known(value)} - constants
    # other kinds of rows have their own evidence, or none
    return facts_given(given | {name for name in ("parties", "areas", "events") if rows.get(name)})


def digest_of(profile: str, cells: object) -> str:
    """Return a digest of an agreement's rows, by which a second run recognises them."""
    return hashlib.sha256(repr([profile, cells]).encode()).hexdigest()[:40]


def _taken(values: list[Any], take: str) -> Any:
    if take == "first":
        return values[0]
    return min(values) if take == "earliest" else max(values)
