"""Turns the rows of another register's file into statements, following a profile."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.facts import facts_given
from agreements.exchange.importing.profiles import Cell, EventRules, Profile
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import Snapshot
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.statements import Cited, Named, Remarks, Statement
from agreements.exchange.importing.values import parted, text_of, value_of

# Rows of one agreement may be anywhere in the file, so all rows are held in memory.
MOST_GROUPED_ROWS = 250_000
# For a row without an identifier of its own: the digest of its contents.
ROW_SCHEME = "imported-row"


class ForeignMapping:
    """What the rows of a file state according to a profile; `areas` maps the slugs of the register's areas to ids."""

    def __init__(self, profile: Profile, areas: dict[str, int]) -> None:
        self.profile = profile
        self.profile_name = profile.name
        self.areas = areas
        self.remarks = Remarks()

    # Grouping rows into agreements

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Yield the rows of each agreement, in the order of their first row."""
        wanted = (row for row in rows if self._is_wanted(row))
        if not self.profile.group_by:
            yield from ([row] for row in wanted)
            return
        groups: dict[tuple[str, ...], list[Row]] = {}
        for count, row in enumerate(wanted, start=1):
            if count > MOST_GROUPED_ROWS:
                raise FileRefusedError(
                    _(
                        "The profile groups rows, and the file has more than %(most)d. Split the file."
                    )
                    % {"most": MOST_GROUPED_ROWS}
                )
            key = tuple(_said(row, name).casefold() for name in self.profile.group_by)
            groups.setdefault(key, []).append(row)
        yield from groups.values()

    def _is_wanted(self, row: Row) -> bool:
        is_filled = all(_said(row, name) for name in self.profile.filled)
        is_meant = all(_said(row, name) in values for name, values in self.profile.only.items())
        if not (is_filled and is_meant):
            self.remarks.note(_("rows left out, as the profile specifies"), row.number)
        return is_filled and is_meant

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]:
        return "", self._identifier(group)

    def _identifier(self, group: Sequence[Row]) -> tuple[str, str]:
        if not self.profile.scheme:
            return ROW_SCHEME, digest_of(self.profile_name, [row.cells for row in group])
        return self.profile.scheme, text_of(group[0].cells, self.profile.identifier)

    # Statements

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]:
        return [self._statement(group) for group in groups]

    def _statement(self, group: Sequence[Row]) -> Statement:
        statement = Statement(row=group[0].number, identifier=self._identifier(group))
        statement.problems += [problem for row in group for problem in row.problems]
        statement.added_only = frozenset({"events", "evidence", "identifiers"})
        if not statement.identifier or not statement.identifier[1]:
            statement.refuse("identifier", "", _("The row has no identifier. Fill it in."))
            return statement
        self._state_facts(statement, group)
        self._state_parties(statement, group)
        self._state_areas(statement, group)
        self._state_events(statement, group)
        self._state_source(statement, group)
        scheme, value = statement.identifier
        statement.rows["identifiers"] = [{"scheme": scheme, "value": value}]
        return statement

    def _state_facts(self, statement: Statement, group: Sequence[Row]) -> None:
        for name, cell in self.profile.fields.items():
            values = [value for row in group for value in self._value(statement, name, cell, row)]
            if values:
                statement.facts[name] = _taken(values, cell.take)
        if not statement.facts.get("title"):
            statement.refuse("title", "", _("The row has no title. Add one in the file."))

    def _value(self, statement: Statement, name: str, cell: Cell, row: Row) -> Iterator[Any]:
        """Yield the value a row states for a field, if there is one and it can be read."""
        statement.columns[name] = " / ".join(cell.columns) or name
        text = text_of(row.cells, cell)
        if not text:
            return
        try:
            yield value_of(name, text, cell.formats or self.profile.formats)
        except ValueError as error:
            column = statement.columns[name]
            statement.problems.append(Problem(row.number, column, text[:200], str(error)))

    def _state_parties(self, statement: Statement, group: Sequence[Row]) -> None:
        rules = self.profile.parties
        if not rules.cell.columns and not rules.cell.always:
            return
        statement.columns["parties"] = " / ".join(rules.cell.columns)
        named = [Named(name, row=row.number) for row in group for name in _names(row, rules.cell)]
        if named:
            statement.rows["parties"] = [
                {"party": one, "role": rules.role} for one in dict.fromkeys(named)
            ]

    def _state_areas(self, statement: Statement, group: Sequence[Row]) -> None:
        cell = self.profile.areas
        if cell is None:
            return
        meant = [slug for row in group for slug in _areas(row, cell)]
        known = [slug for slug in dict.fromkeys(meant) if slug in self.areas]
        if len(known) < len(set(meant)):
            self.remarks.note(_("rows whose areas the register does not have"), group[0].number)
        if known:
            statement.columns["areas"] = " / ".join(cell.columns)
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

    def _event(self, statement: Statement, rules: EventRules, row: Row) -> Iterator[dict[str, Any]]:
        for day in self._value(statement, "signed", rules.date, row):
            party = text_of(row.cells, rules.party) if rules.party else ""
            said = {
                "place": text_of(row.cells, rules.place) if rules.place else "",
                "note": text_of(row.cells, rules.note) if rules.note else "",
            }
            yield {
                "kind": text_of(row.cells, rules.kind),
                "date": day,
                "party": Named(party, row=row.number) if party else None,
                **{name: text for name, text in said.items() if text},
            }

    def _state_source(self, statement: Statement, group: Sequence[Row]) -> None:
        rules = self.profile.source
        if rules is None:
            return
        cells = group[0].cells
        source = Cited(
            publisher=text_of(cells, rules.publisher),
            title=text_of(cells, rules.title) if rules.title else "",
            url=text_of(cells, rules.url) if rules.url else "",
            language=rules.language,
        )
        if not source.publisher or not source.label:
            return
        statement.columns["evidence"] = _("source")
        where = text_of(cells, rules.where) if rules.where else ""
        statement.rows["evidence"] = [
            {
                "fact": fact,
                "source": source,
                "locator": where,
                "basis": "inferred" if fact in rules.inferred else rules.basis,
            }
            for fact in facts_stated(statement, self._constants)
        ]

    @property
    def _constants(self) -> set[str]:
        """Fields the profile fills for every row: no source in the file states them."""
        return {name for name, cell in self.profile.fields.items() if not cell.columns}


def facts_stated(statement: Statement, besides: Iterable[str] = ()) -> list[str]:
    """Return the facts of evidence (`Fact` codes) that a statement gives, in the order of their declarations."""
    given = {name for name, value in statement.facts.items() if value} - set(besides)
    # what else stands in rows has evidence of its own, or none
    given |= {facet for facet in ("parties", "areas", "events") if statement.rows.get(facet)}
    return facts_given(given)


def digest_of(profile: str, cells: Any) -> str:
    """Return a digest of an agreement's rows, by which a second run recognises them."""
    said = repr([profile, cells]).encode()
    return hashlib.sha256(said).hexdigest()[:40]


def _said(row: Row, name: str) -> str:
    return text_of(row.cells, Cell(columns=(name,)))


def _taken(values: list[Any], take: str) -> Any:
    if take == "first":
        return values[0]
    return min(values) if take == "earliest" else max(values)


def _names(row: Row, cell: Cell) -> list[str]:
    text = text_of(row.cells, Cell(columns=cell.columns, always=cell.always, replace=cell.replace))
    return parted(text, cell.separators) if text else []


def _areas(row: Row, cell: Cell) -> Iterator[str]:
    """Yield the areas a row names, where the profile or the register knows the word."""
    source = Cell(columns=cell.columns, always=cell.always, replace=cell.replace)
    text = text_of(row.cells, source)
    for word in parted(text, cell.separators) if text else []:
        slug = cell.values.get(word.casefold(), cell.otherwise or ("" if cell.values else word))
        if slug:
            yield slug
