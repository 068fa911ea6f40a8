"""Turns the register's JSON into statements, including what does not fit into a table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _

from agreements.domain.facts import ENTERED, FORMER
from agreements.domain.participation import OVER_TIME
from agreements.domain.value_types import DAY, Codes, type_of
from agreements.exchange.exporting.json import Record, record_blocks
from agreements.exchange.importing.own import OwnMapping, own_identifiers, shown_evidence
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values
from agreements.exchange.importing.statements import Cited, Named, Statement
from agreements.exchange.importing.values import day_or_none, plain
from agreements.models import Agreement, Period, Person

_FACTS = [name for name, value in ENTERED.items() if value.is_public]
# Columns of which files say nothing, as all rows in them have the same value.
_ALWAYS = {"document_id": None, "is_public": True}
_TOLD = ("expires", "countries", "verification")


class OwnRecords(OwnMapping):
    """Records of the JSON."""

    def look_up(self, rows: Sequence[Row], found: Sequence[Snapshot]) -> None:
        """Fetch the register's own records of these agreements, and the ids of those that the file relates them to."""
        stored = Agreement.objects.filter(pk__in=[one.key for one in found])
        blocks = record_blocks(stored, self.day)
        self._exported = {record["ref"]: record for block in blocks for record in block}
        self._shown = shown_evidence(found)
        refs = {
            plain(other.get(name))
            for row in rows
            for facet, name in (("relations", "ref"), ("periods", "by"))
            for other in _dicts(row.cells.get(facet))
        }
        signatories = [other for row in rows for other in _dicts(row.cells.get("signatories"))]
        slugs = {plain(one.get("person")) for one in signatories}
        people = Person.objects.filter(slug__in=slugs - {""})
        self._people: dict[str, int] = dict(people.values_list("slug", "pk"))
        self._targets = dict(Agreement.objects.filter(ref__in=refs).values_list("ref", "pk"))

    def statement(self, group: Sequence[Row], found: Snapshot | None) -> Statement:
        [row] = group
        statement = self.begun(row, found)
        record, exported = row.cells, self._exported.get(found.ref, {}) if found else {}
        for name in _FACTS:
            if name in record and record[name] != exported.get(name):
                self.state(statement, name, record[name])
        for former, (name, _form) in FORMER.items():
            if (
                former in record
                and record[former] != exported.get(former)
                and name not in statement.facts
            ):
                self.state(statement, former, record[former])
        for facet in FACETS.values():
            if facet.name in record and record[facet.name] != exported.get(facet.name, []):
                self._state_rows(statement, facet, record, exported)
        if _dicts(record.get("documents")) and record["documents"] != exported.get("documents"):
            remark = _(
                "documents are never imported, so those in the file are left out. Add them on the "
                "agreement's page"
            )
            self.remarks.note(remark, row.number)
        for name in _TOLD:
            if name in record and exported and record[name] != exported.get(name):
                remark = _("“%(name)s” is not imported; it differs from the register")
                self.remarks.note(remark % {"name": name}, row.number)
        return statement

    def _state_rows(
        self, statement: Statement, facet: Facet, record: Record, exported: Record
    ) -> None:
        entries = _dicts(record[facet.name])
        if facet.name == "areas":
            self.state_areas(statement, (plain(entry.get("slug")) for entry in entries))
            return
        hidden = own_identifiers(statement) if facet.name == "identifiers" else []
        rows = statement.rows[facet.name] = hidden
        for entry in entries:
            if facet.name == "relations" and plain(entry.get("ref")) not in self._targets:
                remark = _("relations to records that are not in the register")
                self.remarks.note(remark, statement.row)
                continue
            if facet.name == "periods" and plain(entry.get("by")) not in {
                "",
                *self._targets,
            }:
                remark = _("periods decided by records that are not in the register")
                self.remarks.note(remark, statement.row)
                continue
            if facet.name == "evidence" and "document" in entry and not plain(entry.get("source")):
                if entry not in _dicts(exported.get("evidence")):
                    remark = _("evidence by documents is never imported, as documents are not")
                    self.remarks.note(remark, statement.row)
                continue
            try:
                row = self._row(facet, entry, record)
                rows += self._for_each_party(facet, row, statement.row)
            except ValueError as error:
                statement.refuse(facet.name, entry, str(error))
        if facet.name == "relations" and statement.found:
            rows += _unpublished_relations(statement.found, exported)
        if statement.found:
            rows += _hidden_rows(facet, statement.found, stated=rows, shown=self._shown)

    def _for_each_party(self, facet: Facet, row: Values, number: int) -> list[Values]:
        """Return the row once for each party that its name means, as staff have said."""
        named = row.get("party")
        if named is None:
            return [row]
        names = self.book.names_meant(named.name, number)
        if names == [named.name]:
            return [{**row, "party": replace(named, row=number)}]
        if not names and facet.name != "parties":
            return [{**row, "party": None}]
        return [{**row, "party": Named(name, row=number)} for name in names]

    def _row(self, facet: Facet, entry: Record, record: Record) -> Values:
        """Return the columns of a row. Raises `ValueError` for a value that cannot be read."""
        row: Values = {}
        for name in facet.columns:
            match name:
                case "party_id":
                    row["party"] = _party(entry, record, facet)
                case "second_party_id" | "third_party_id" | "person_id":
                    row |= self._signed_as(name, entry, record)
                case "source_id":
                    row["source"] = _source(plain(entry.get("source")), record)
                case "target_id":
                    row["target_id"] = self._targets[plain(entry.get("ref"))]
                case "by_id":
                    row["by_id"] = self._targets.get(plain(entry.get("by")))
                case _ if name in _ALWAYS:
                    row[name] = _ALWAYS[name]
                case _ if name in OVER_TIME and name not in entry:
                    # files of earlier releases say nothing about it, so it stays as it is
                    continue
                case _:
                    row[name] = _value(facet.model._meta.get_field(name), plain(entry.get(name)))
        return row

    def _signed_as(self, column: str, entry: Record, record: Record) -> Values:
        """Return a further party, or the person, that a signatory names by its slug; files of earlier releases have none."""
        name = column.removesuffix("_id")
        if name not in entry:
            return {}
        slug = plain(entry[name])
        if name != "person":
            return {name: _party_named(slug, record)}
        return {column: self._person(slug) if slug else None}

    def _person(self, slug: str) -> int:
        if (found := self._people.get(slug)) is None:
            sentence = _(
                "“%(slug)s” is not in the register. Enter it there first, or leave it out."
            )
            raise ValueError(sentence % {"slug": slug[:120]})
        return found


def _value(column: Field, text: str) -> Any:
    kind = type_of(column)
    if kind is DAY:
        return day_or_none(text)
    if not text and column.has_default():
        return column.get_default()
    return kind.read(text) if text or isinstance(kind, Codes) else kind.nothing


def _party(entry: Record, record: Record, facet: Facet) -> Named | None:
    """Return the party of a row. Rows name it by its slug; the list of parties says more about it."""
    if facet.name == "parties":
        name, slug, kind, country = _texts(entry, "name", "slug", "kind", "country")
        return Named(name, slug, kind, country)
    return _party_named(plain(entry.get("party")), record)


def _party_named(slug: str, record: Record) -> Named | None:
    described = _described(slug, record.get("parties"))
    name, kind, country = _texts(described, "name", "kind", "country")
    return Named(name or slug, slug, kind, country) if slug else None


def _source(slug: str, record: Record) -> Cited | None:
    if not slug:
        return None
    described = _described(slug, record.get("sources"))
    publisher, title, url, language = _texts(described, "publisher", "title", "url", "language")
    names = ("author", "published", "published_at", "retrieved", "note")
    more = tuple((name, plain(described[name])) for name in names if described.get(name))
    return Cited(publisher, title, url, language, slug, more)


def _texts(entry: Record, *names: str) -> list[str]:
    return [plain(entry.get(name)) for name in names]


def _described(slug: str, entries: object) -> Record:
    return next((entry for entry in _dicts(entries) if entry.get("slug") == slug), {})


def _unpublished_relations(found: Snapshot, exported: Record) -> list[Values]:
    """Return the relations to unpublished agreements, which no file shows: they stay."""
    shown = [relation["ref"] for relation in _dicts(exported.get("relations"))]
    keys = set(Agreement.objects.filter(ref__in=shown).values_list("pk", flat=True))
    return [
        {name: row[name] for name in FACETS["relations"].columns}
        for row in found.rows["relations"]
        if row["target_id"] not in keys
    ]


def _hidden_rows(
    facet: Facet, found: Snapshot, *, stated: list[Values], shown: set[int]
) -> list[Values]:
    """Return the rows that no file shows, or not so that they could be read again: they stay.

    These are internal commitments, periods decided by agreements that do not count, evidence by documents, and evidence
    that would tell of hidden rows.
    """
    rows = found.rows[facet.name]
    if facet.name == "commitments":
        keys = {facet.key_of(row) for row in stated}
        rows = [row for row in rows if not row["is_public"] and facet.key_of(row) not in keys]
    elif facet.name == "periods":
        hidden = _hidden_periods(rows)
        rows = [row for row in rows if row["id"] in hidden]
    elif facet.name == "evidence":
        rows = [row for row in rows if row["id"] not in shown]
    else:
        return []
    return [{name: row[name] for name in facet.columns} for row in rows]


def _hidden_periods(rows: list[Values]) -> set[int]:
    ids = {row["id"] for row in rows if row["by_id"]}
    return set(Period.objects.filter(pk__in=ids, is_public=False).values_list("pk", flat=True))


def _dicts(value: object) -> list[Record]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
