"""Turns the rows of another register's file into statements, following a profile."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.curation.party_guesses import kind_of
from agreements.domain.choices import TermKind
from agreements.domain.durations import DurationError
from agreements.domain.facts import ENTERED, VALUES, facts_given
from agreements.domain.identifiers import IMPORTED_ROW, SCHEMES
from agreements.domain.partial_dates.values import quoted
from agreements.domain.value_types import PART_DATE, Codes
from agreements.exchange.exporting.csv import rearm
from agreements.exchange.importing.corrected import as_filed
from agreements.exchange.importing.date_columns import DateColumns, DateRead
from agreements.exchange.importing.names import (
    countries_of,
    country_meant,
    key_of,
    presentable,
)
from agreements.exchange.importing.profile_rules import (
    Cell,
    EventRules,
    PartyRules,
    Profile,
    Reading,
)
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.readers.heads import REASON, ROW
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot, Values
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.remarks import Question, Remarks
from agreements.exchange.importing.statements import Cited, Mapping, Named, Statement
from agreements.exchange.importing.status_words import stage_of, status_meant
from agreements.exchange.importing.term_words import is_without_end, read_term
from agreements.exchange.importing.values import (
    is_placeholder,
    plain,
    today_called,
    value_of,
)
from agreements.exchange.importing.whole_file import RunningNumbers, disagreeing_end, disagreement
from agreements.models import Evidence, Source

# Rows of one agreement may be anywhere in the file, so all rows are held in memory.
MOST_GROUPED_ROWS = 250_000
_URL = Source._meta.get_field("url")
END_OF_TERM = "expires_stated"
LONGEST_LOCATOR = Evidence._meta.get_field("locator").max_length or 0
MOST_REMEMBERED = 5_000
_ADDED_ONLY = frozenset({"events", "evidence", "identifiers"})


class ForeignMapping(Mapping):
    """What the rows of a file state according to a profile, on the day of the import."""

    def __init__(self, profile: Profile, book: PartyBook, areas: dict[str, int], day: date) -> None:
        super().__init__(areas)
        self.profile = profile
        self.book = book
        self.profile_name = profile.remembered_as or profile.name
        self._read = frozenset(profile.columns)
        # files repeat their codes and dates
        self._value_of = lru_cache(MOST_REMEMBERED)(value_of)
        periods = (name for cell in profile.facts.values() if cell.until for name in cell.columns)
        self._dates = DateColumns(profile.dates, periods)
        self._numbers = RunningNumbers(profile.identifier.heading)
        self._day = day

    # The file as a whole

    def questions(self) -> list[Question]:
        return self._dates.questions()

    def conclusions(self) -> Remarks:
        return self._dates.conclusions()

    def warnings(self) -> Remarks:
        return self._numbers.warnings()

    def look_at(self, statement: Statement) -> None:
        if self.profile.identifier.scheme:
            self._numbers.look_at(statement)
        for remark in (disagreement(statement, self._day), disagreeing_end(statement)):
            if remark:
                self.remarks.note(remark, statement.row)

    # Grouping rows into agreements

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        wanted = (row for row in map(_as_it_was, rows) if self._is_wanted(row))
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
        if not is_filled:
            empty = next(name for name in rules.filled if not plain(row.cells.get(name)))
            said = next(filter(None, map(plain, row.cells.values())), "")
            self.remarks.note_text(
                empty,
                said,
                _("row left out, because its “%(name)s” is empty: “%(text)s”")
                % {"name": empty, "text": quoted(said)},
                _("further rows left out, because their “%(name)s” is empty") % {"name": empty},
                row.number,
            )
        elif not is_meant:
            self.remarks.note(_("rows left out, as the profile specifies"), row.number)
        return is_filled and is_meant

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str]]:
        identifier = self.profile.identifier
        if identifier.scheme:
            return "", (identifier.scheme, identifier.text(group[0].cells))
        # of rows without an identifier, the digest of their contents
        return "", (
            IMPORTED_ROW,
            digest_of(self.profile_name, [as_filed(row).cells for row in group]),
        )

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
        self._state_source(statement, group[0])
        statement.rows["identifiers"] = [
            {"scheme": scheme, "value": value},
            *self._further_identifiers(group),
        ]
        return statement

    def facts(self, group: Sequence[Row], found: Snapshot | None) -> Values:
        statement = Statement(group[0].number, found)
        # what these rows show about their columns counts nothing
        dates, self._dates = self._dates, DateColumns(self.profile.dates)
        try:
            self._state_facts(statement, group)
        finally:
            self._dates = dates
        return statement.facts

    def _remark_on(self, group: Sequence[Row]) -> None:
        """Count the cells that say nothing although something stands there, and those that the profile does not read."""
        lost = _("column “%(name)s”: %(why)s; taken for empty")
        unread = _("column “%(name)s” is not taken")
        for row in group:
            self._remark_on_links(row)
            for each in row.lost:
                self.remarks.note(lost % {"name": each.column, "why": each.remedy}, row.number)
            for name, cell in row.cells.items():
                if name not in self._read and plain(cell):
                    self.remarks.note(unread % {"name": name}, row.number, is_trivial=True)

    def _further_identifiers(self, group: Sequence[Row]) -> Iterator[Values]:
        """Yield what other registers call the agreement, by the columns that the profile names for them."""
        for rules in self.profile.identifiers:
            known = SCHEMES.get(rules.scheme)
            for value in dict.fromkeys(rules.text(row.cells) for row in group):
                if value:
                    tidied = known.tidied(value) if known else value
                    yield {"scheme": rules.scheme, "value": tidied}

    def _state_facts(self, statement: Statement, group: Sequence[Row]) -> None:
        ends: dict[str, list[tuple[str, DateRead]]] = {}
        for name, cell in self.profile.facts.items():
            today = today_called(name)
            if ENTERED[today].type is PART_DATE:
                read = [each for row in group for each in self._date(statement, name, cell, row)]
                dates = [each for each in read if each.date]
                if dates:
                    statement.facts[today] = _taken([each.date for each in dates], cell.take)
                if name == END_OF_TERM and not dates:
                    # what no date says, such as that there is no end
                    ends.setdefault(name, []).extend((name, each) for each in read)
                if cell.until:
                    same = [each for each in dates if each.date == statement.facts.get(today)]
                    self._note_end(ends, name, cell, same or read)
                continue
            values = [value for row in group for value in self._value(statement, name, cell, row)]
            if values:
                statement.facts[today] = _taken(values, cell.take)
        self._state_duration(statement, group)
        self._state_status(statement, group)
        self._state_ends(statement, ends)
        if not statement.facts.get("title"):
            statement.refuse("title", "", _("The row has no title. Add one in the file."))

    def _value(self, statement: Statement, name: str, cell: Cell, row: Row) -> Iterator[Any]:
        """Yield the value a row states for a field, if there is one and it can be read."""
        today = today_called(name)
        statement.columns[today] = column = cell.heading or name
        read = self._read_in(cell, row)
        if not read.text:
            return
        try:
            value = self._value_of(name, _with_unit(read.text, cell.unit))
        except ValueError as error:
            self._refuse(statement, column, read, row, error)
            return
        # a code may be called what people write for nothing, such as unknown
        if not isinstance(ENTERED[today].type, Codes) and self._says_nothing(read, row):
            return
        if read.unknown:
            self._remark_on_unknown(column, read, row)
        if read.is_assumed and cell.columns:
            statement.assumed.add(today)
        yield value

    def _read_in(self, cell: Cell, row: Row) -> Reading:
        """Return what an entry reads from a row; of a text made of several columns, placeholders are no part."""
        if not cell.is_composed:
            return cell.read(row.cells)
        filled = cell.filled(row.cells)
        return cell.composed(
            {
                name: text
                for name, text in filled.items()
                if not self._says_nothing(Reading(text, name), row)
            }
        )

    def _refuse(
        self, statement: Statement, column: str, read: Reading, row: Row, error: ValueError
    ) -> None:
        """Refuse a text that cannot be read, unless people write it for nothing."""
        if not self._says_nothing(read, row):
            problem = Problem(row.number, column, read.text[:200], str(error))
            statement.problems.append(problem)

    def _date(
        self, statement: Statement, name: str, cell: Cell, row: Row, entry: str = ""
    ) -> Iterator[DateRead]:
        """Yield what a row states for a date, if it states anything that can be read."""
        statement.columns[name] = column = cell.heading or name
        read = cell.read(row.cells)
        if not read.text:
            return
        if name == END_OF_TERM and is_without_end(read.text):
            yield DateRead(None, is_without_end=True)
            return
        try:
            # a real date needs neither a format nor an order
            if read.column in row.dates:
                found = DateRead(value_of(name, read.text))
            else:
                found = self._dates.read(
                    read.text,
                    cell,
                    entry=entry or f"fields.{name}",
                    column=read.column if not read.unknown else "",
                    row=row.number,
                )
        except ValueError as error:
            self._refuse(statement, column, read, row, error)
            return
        if self._says_nothing(read, row):
            return
        if read.unknown:
            self._remark_on_unknown(column, read, row)
        if found.place:
            self._remark_on_place(read, found.place, row)
        if read.is_assumed and cell.columns:
            statement.assumed.add(name)
        yield found

    def _remark_on_place(self, read: Reading, place: str, row: Row) -> None:
        """Offer a place that stands behind a date, unless the row states it as its place."""
        stated = self.profile.fields.get("place", Cell()).text(row.cells)
        if stated.casefold() == place.casefold():
            return
        remark = _(
            "column “%(name)s”: “%(text)s” stands behind the date and is not taken; if it is the place, move it to a "
            "column of its own"
        )
        if stated:
            remark = _(
                "column “%(name)s”: “%(text)s” stands behind the date and is not taken, as another column states the place"
            )
        self.remarks.note(remark % {"name": read.column, "text": quoted(place)}, row.number)

    def _note_end(
        self,
        ends: dict[str, list[tuple[str, DateRead]]],
        name: str,
        cell: Cell,
        read: Sequence[DateRead],
    ) -> None:
        noted = [(name, each) for each in read if each.end or each.is_without_end]
        ends.setdefault(cell.until, []).extend(noted[:1])

    def _state_ends(
        self, statement: Statement, ends: dict[str, list[tuple[str, DateRead]]]
    ) -> None:
        """State the ends of periods, and that there is none, where no other column says it."""
        for until, noted in ends.items():
            for name, read in noted:
                fact, value = (
                    (until, read.end) if read.end else ("term_kind", TermKind.INDEFINITE.value)
                )
                if fact not in statement.facts:
                    statement.facts[fact] = value
                    statement.columns[fact] = statement.columns[name]

    def _state_duration(self, statement: Statement, group: Sequence[Row]) -> None:
        """State the term, its kind and the renewal, as far as no other column does; the first row that says it counts."""
        cell = self.profile.duration
        read, row = self._first(cell, group)
        if not read.text:
            return
        column = cell.heading or "duration"
        try:
            term = read_term(read.text, cell.unit)
        except DurationError as error:
            self._refuse(statement, column, read, row, error)
            return
        if read.unknown:
            self._remark_on_unknown(column, read, row)
        if term.unread:
            remark = _(
                "column “%(name)s”: “%(text)s” does not say that the term is renewed by itself; read as a fixed term"
            )
            self.remarks.note(remark % {"name": column, "text": quoted(term.unread)}, row.number)
        said = {"term_kind": term.kind, "term": term.length, "renewal": term.renewal}
        for name, value in said.items():
            if value and name not in statement.facts:
                statement.facts[name] = value
                statement.columns[name] = column
                if read.is_assumed and cell.columns:
                    statement.assumed.add(name)

    def _first(self, cell: Cell, group: Sequence[Row]) -> tuple[Reading, Row]:
        """Return what the first row says that says something, and that row."""
        read = ((cell.read(row.cells), row) for row in group)
        return next(((each, row) for each, row in read if each.text), (Reading(), group[0]))

    def _state_status(self, statement: Statement, group: Sequence[Row]) -> None:
        """Note the status that a file states, and state the stage that follows from it, if nothing else gives it."""
        cell = self.profile.status
        read, row = self._first(cell, group)
        if not read.text or self._says_nothing(read, row):
            return
        column = cell.heading or "status"
        status = status_meant(read.text)
        if status is None:
            remark = _(
                "column “%(name)s”: “%(text)s” is no status that the register knows; not taken. Say what it means in the "
                "profile's values"
            )
            self._remark_on_text(remark, column, read.text, row)
            return
        if read.unknown:
            self._remark_on_unknown(column, read, row)
        written = next(filter(None, (plain(row.cells.get(n)) for n in cell.columns)), read.text)
        statement.status_said = (status, column, written)
        if "stage" not in statement.facts:
            statement.facts["stage"] = stage_of(status).value
            statement.columns["stage"] = column
            # the file says something else, from which it follows
            statement.assumed.add("stage")

    def _remark_on_unknown(self, column: str, read: Reading, row: Row) -> None:
        """Count a text that fell to `otherwise`: by itself, if few texts of the column did, and with the others beyond."""
        said = {"name": column, "text": quoted(read.unknown), "value": read.text}
        remark = _(
            "column “%(name)s”: “%(text)s” has no value in the profile; taken for “%(value)s”"
        )
        further = _("column “%(name)s”: further texts without a value; taken for “%(value)s”")
        self.remarks.note_text(column, read.unknown, remark % said, further % said, row.number)

    def _says_nothing(self, read: Reading, row: Row) -> bool:
        """Whether a column holds a placeholder, such as N/A; such cells are counted."""
        if not (read.column and is_placeholder(read.text)):
            return False
        remark = _("column “%(name)s”: “%(text)s” says nothing")
        said = {"name": read.column, "text": quoted(read.text)}
        self.remarks.note(remark % said, row.number, is_trivial=True)
        return True

    def _state_parties(self, statement: Statement, group: Sequence[Row]) -> None:
        named = [
            (one, rules)
            for row in group
            for rules in self.profile.parties
            for one in self._named(rules, row)
        ]
        for one, _rules in named:
            if one.name.endswith("]"):
                remark = _("“%(name)s”: what is in brackets is no role; it stays part of the name")
                self.remarks.note(remark % {"name": quoted(one.name)}, one.row)
        if named:
            headings = [each.heading for each in self.profile.parties if each.heading]
            statement.columns["parties"] = " / ".join(dict.fromkeys(headings)) or "parties"
            roles = dict.fromkeys((one, rules.role) for one, rules in named)
            statement.rows["parties"] = [{"party": one, "role": role} for one, role in roles]

    def _named(self, rules: PartyRules, row: Row) -> Iterator[Named]:
        """Yield the parties that a row names by these rules."""
        parts = rules.parts(row.cells)
        countries = rules.countries(row.cells, len(parts))
        for part, said in zip(parts, countries, strict=True):
            if self._says_nothing(Reading(part, rules.heading), row):
                continue
            country = self._country(rules, said, row) if said else ""
            for name in self.book.names_in(part, row.number):
                yield self._as_named(rules, name, country, row)

    def _as_named(self, rules: PartyRules, name: str, country: str, row: Row) -> Named:
        """Return the party of this name; a country is one of its own, whatever kind the others of the table are."""
        own = self.book.rules
        if rules.tidy_capitals and not own.tidy_capitals:
            name = presentable(name, tidies_capitals=True)
        usual = self.book.known.get(key_of(name), name)
        states = countries_of(usual)
        if states and (not country or country in states):
            return Named(name, country=country if len(states) > 1 else "", row=row.number)
        if not country and rules.kind == own.kind:
            return Named(name, row=row.number)
        kind = rules.kind or kind_of(usual)
        return Named(name, kind=kind, country=country, row=row.number)

    def _country(self, rules: PartyRules, text: str, row: Row) -> str:
        """Return the code of the country that a text means; one that means none is counted."""
        said = Reading(text, rules.country.heading)
        if code := country_meant(text):
            return code
        if not self._says_nothing(said, row):
            remark = _("column “%(name)s”: “%(text)s” is no country; its party gets none")
            self._remark_on_text(remark, said.column or "country", text, row)
        return ""

    def _remark_on_text(self, remark: str, column: str, text: str, row: Row) -> None:
        """Count a text of a column: by itself, if few of the column were, and with the others beyond."""
        further = _("column “%(name)s”: further texts that mean nothing to the register")
        said = {"name": column, "text": quoted(text)}
        self.remarks.note_text(column, text, remark % said, further % said, row.number)

    def _state_areas(self, statement: Statement, group: Sequence[Row]) -> None:
        cell = self.profile.areas
        words = [word for row in group for word in cell.parts(row.cells)]
        # without values in the profile, the column holds the codes themselves
        slugs = [
            cell.values.get(word.casefold(), cell.otherwise or ("" if cell.values else word))
            for word in words
        ]
        for word, slug in zip(words, slugs, strict=True):
            if not slug:
                remark = _("column “%(name)s”: “%(text)s” has no cooperation area in the profile")
                self._remark_on_text(remark, cell.heading, word, group[0])
        meant = list(dict.fromkeys(filter(None, slugs)))
        known = [slug for slug in meant if slug in self.areas]
        if len(known) < len(meant):
            self.remarks.note(_("rows whose areas the register does not have"), statement.row)
        if known:
            statement.columns["areas"] = cell.heading
            statement.rows["areas"] = [{"area_id": self.areas[slug]} for slug in known]

    def _state_events(self, statement: Statement, group: Sequence[Row]) -> None:
        parties = {each["party"].name: each["party"] for each in statement.rows.get("parties", ())}
        events = [
            event
            for row in group
            for rules in self.profile.events
            for event in self._event(statement, rules, row, parties)
        ]
        if events:
            statement.columns["events"] = _("timeline")
            statement.rows["events"] = events

    def _event(
        self, statement: Statement, rules: EventRules, row: Row, parties: dict[str, Named]
    ) -> Iterator[Values]:
        """Yield the event that a row reports; a party that takes part is the one of `parties`, with its country."""
        entry = f"events {self.profile.events.index(rules) + 1}.date"
        columns = dict(statement.columns)
        days = [each.date for each in self._date(statement, "signed", rules.date, row, entry)]
        statement.columns = columns
        for day in filter(None, days):
            said = {"place": rules.place.text(row.cells), "note": rules.note.text(row.cells)}
            written = rules.party.text(row.cells)
            names = self.book.names_meant(written, row.number) if written else ()
            for name in names or [""]:
                party = replace(parties.get(name) or Named(name), row=row.number) if name else None
                yield {
                    "kind": rules.kind.text(row.cells),
                    "date": day,
                    "party": party,
                    **{name: text for name, text in said.items() if text},
                }

    def _state_source(self, statement: Statement, row: Row) -> None:
        rules, cells = self.profile.source, row.cells
        publisher, title = rules.publisher.text(cells), rules.title.text(cells)
        url = self._address(rules.url, row) if rules.url else ""
        if not publisher or not (title or url):
            return
        locator = self._locator(rules.where, row)
        # values that the profile fills in for every row do not come from the source
        constants = {
            today_called(name) for name, cell in self.profile.facts.items() if not cell.columns
        }
        are_parties_read = any(each.columns for each in self.profile.parties)
        rows = {n: r for n, r in statement.rows.items() if n != "parties" or are_parties_read}
        inferred = {*rules.inferred, *facts_given(statement.assumed)}
        statement.columns["evidence"] = _("source")
        statement.rows["evidence"] = [
            {
                "fact": fact,
                "source": Cited(publisher, title, url, rules.language),
                "locator": locator,
                "basis": "inferred" if fact in inferred else rules.basis,
            }
            for fact in facts_stated(statement.facts, rows, constants)
        ]

    def _address(self, cell: Cell, row: Row) -> str:
        """Return the web address that a row gives: what the cell says, or else where its link leads."""
        read = cell.read(row.cells)
        if _is_address(read.text):
            return read.text
        link = next((row.links[name] for name in cell.columns if name in row.links), "")
        if link and _is_address(link):
            return link
        if read.text and not self._says_nothing(read, row):
            remark = _("column “%(name)s”: texts that are no web address; left out of the source")
            self.remarks.note(remark % {"name": read.column or cell.heading}, row.number)
        return ""

    def _locator(self, cell: Cell, row: Row) -> str:
        """Return the place in the source, empty if it is too long to be stored."""
        text = cell.text(row.cells)
        if len(text) <= LONGEST_LOCATOR:
            return text
        remark = _(
            "column “%(name)s”: texts of more than %(most)d characters, too long for a place in a source; left out of the "
            "source"
        )
        self.remarks.note(remark % {"name": cell.heading, "most": LONGEST_LOCATOR}, row.number)
        return ""

    def _remark_on_links(self, row: Row) -> None:
        """Count the links that are lost, because their columns are read for something else."""
        remark = _(
            "column “%(name)s” holds links that are not read; to keep them, choose it at “Links that lead to the source”, "
            "or name it as the source's URL in the profile"
        )
        for name, link in row.links.items():
            is_taken = name in self.profile.source.url.columns
            if name in self._read and not is_taken and link not in plain(row.cells.get(name)):
                self.remarks.note(remark % {"name": name}, row.number)


def _as_it_was(row: Row) -> Row:
    """Return a row of our own list of refused rows without the marks by which no cell of it is a formula."""
    if not {ROW, REASON} <= row.cells.keys():
        return row
    cells = {
        name: rearm(cell) if isinstance(cell, str) else cell for name, cell in row.cells.items()
    }
    return replace(row, cells=cells)


@lru_cache(maxsize=10_000)
def _is_address(text: str) -> bool:
    """Whether a source can have this as its URL."""
    try:
        return bool(text and _URL.clean(text, None))
    except ValidationError:
        return False


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


def _with_unit(text: str, unit: str) -> str:
    """Return a number alone with its unit."""
    return f"{text} {unit}" if unit and text.isascii() and text.isdigit() else text


def _taken(values: list[Any], take: str) -> Any:
    if take == "first":
        return values[0]
    return min(values) if take == "earliest" else max(values)
