"""Turns the register's JSON into statements: what a table holds, and what does not fit into one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.choices import Basis, EventKind, Progress, RelationKind, Role
from agreements.domain.facts import ENTERED, EvidenceCode
from agreements.domain.value_types import PART_DATE
from agreements.exchange.exporting.json import record_blocks
from agreements.exchange.importing.own import OwnMapping, day_or_none
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import Snapshot
from agreements.exchange.importing.statements import Cited, Named, Statement
from agreements.exchange.importing.values import code_of, plain
from agreements.models import Agreement

_JSON_FACTS = [name for name, value in ENTERED.items() if value.is_public]
_JSON_ROWS = (
    "parties",
    "areas",
    "signatories",
    "events",
    "relations",
    "commitments",
    "evidence",
)
_JSON_TOLD = ("expires", "countries", "verification")


class OwnRecords(OwnMapping):
    """Records of the JSON, including what does not fit into a table."""

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]:
        keys = [one.key for one in found if one]
        exported = {
            record["ref"]: record
            for block in (
                record_blocks(Agreement.objects.filter(pk__in=keys), self.day) if keys else ()
            )
            for record in block
        }
        targets = self._targets([group[0] for group in groups])
        return [
            self._statement(group[0], one, exported.get(one.ref, {}) if one else {}, targets)
            for group, one in zip(groups, found, strict=True)
        ]

    def _targets(self, rows: Sequence[Row]) -> dict[str, int]:
        refs = {
            plain(relation.get("ref"))
            for row in rows
            for relation in _dicts(row.cells.get("relations"))
        }
        return dict(Agreement.objects.filter(ref__in=refs).values_list("ref", "pk")) if refs else {}

    def _statement(
        self, row: Row, found: Snapshot | None, exported: dict[str, Any], targets: dict[str, int]
    ) -> Statement:
        statement = self.begun(row, found)
        record = row.cells
        for name in _JSON_FACTS:
            if name in record and record[name] != exported.get(name):
                self.state(statement, name, record[name])
        for name in _JSON_ROWS:
            if name in record and record[name] != exported.get(name, []):
                self._state_rows(statement, name, record, found, exported, targets)
        self._tell_of_documents(row, record, exported)
        for name in _JSON_TOLD:
            if name in record and exported and record[name] != exported.get(name):
                self.remarks.note(
                    _("“%(name)s” is not imported; it differs from the register") % {"name": name}, row.number
                )  # fmt: skip
        return statement

    def _tell_of_documents(
        self, row: Row, record: dict[str, Any], exported: dict[str, Any]
    ) -> None:
        """Say plainly that documents are left out: a file holds only their URLs."""
        if _dicts(record.get("documents")) and record["documents"] != exported.get("documents"):
            self.remarks.note(
                _(
                      "documents are never imported, so those in the file are left out. Add them on the "
                      "agreement's page"
                  ),
                row.number,
            )  # fmt: skip

    def _state_rows(
        self,
        statement: Statement,
        name: str,
        record: dict[str, Any],
        found: Snapshot | None,
        exported: dict[str, Any],
        targets: dict[str, int],
    ) -> None:
        readers: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "parties": _json_party,
            "signatories": lambda row: _json_signatory(row, record),
            "events": lambda row: _json_event(row, record),
            "commitments": lambda row: _json_commitment(row, record),
            "evidence": lambda row: _json_evidence(row, record),
            "relations": lambda row: self._relation(row, statement, targets),
        }
        entries = _dicts(record[name])
        if name == "areas":
            statement.rows["areas"] = self.area_rows(
                statement, (plain(entry.get("slug")) for entry in entries)
            )
            return
        rows = []
        for entry in entries:
            try:
                rows.append(readers[name](entry))
            except ValueError as error:
                statement.refuse(name, entry, str(error))
        hidden = _unpublished_relations(found, exported) if name == "relations" else []
        statement.rows[name] = [row for row in rows if row] + hidden

    def _relation(
        self, row: dict[str, Any], statement: Statement, targets: dict[str, int]
    ) -> dict[str, Any] | None:
        target = targets.get(plain(row.get("ref")))
        if target is None:
            self.remarks.note(_("relations to records that are not in the register"), statement.row)
            return None
        kind = code_of(RelationKind, plain(row.get("kind")))
        return {"kind": kind, "target_id": target, "note": plain(row.get("note"))}


def _json_party(row: dict[str, Any]) -> dict[str, Any]:
    role = code_of(Role, plain(row.get("role")) or Role.PARTY.value)
    name, slug, kind, country = (
        plain(row.get(part)) for part in ("name", "slug", "kind", "country")
    )
    named = Named(name, slug, kind, country)
    return {"party": named, "role": role}


def _json_signatory(row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: plain(row.get(name)) for name in ("name", "title", "as_published")},
        "signed": _date_or_none(row.get("signed")),
        "party": _party_of(row, record),
    }


def _json_event(row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": code_of(EventKind, plain(row.get("kind"))),
        "date": _date_or_none(row.get("date")),
        "place": plain(row.get("place")),
        "note": plain(row.get("note")),
        "party": _party_of(row, record),
        "source": _source_of(row, record),
    }


def _json_commitment(row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": plain(row.get("text")),
        "due": _date_or_none(row.get("due")),
        "progress": code_of(Progress, plain(row.get("progress")) or Progress.UNKNOWN.value),
        "reviewed": day_or_none(row.get("reviewed")),
        "note": plain(row.get("note")),
        "party": _party_of(row, record),
    }


def _json_evidence(row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any] | None:
    return {
        "fact": code_of(EvidenceCode, plain(row.get("fact"))),
        "basis": code_of(Basis, plain(row.get("basis")) or Basis.STATED.value),
        "locator": plain(row.get("locator")),
        "note": plain(row.get("note")),
        "source": _source_of(row, record),
    }


def _party_of(row: dict[str, Any], record: dict[str, Any]) -> Named | None:
    """Return the party a row names by its slug, with what the record says about it elsewhere."""
    slug = plain(row.get("party"))
    if not slug:
        return None
    described = next(
        (party for party in _dicts(record.get("parties")) if party.get("slug") == slug), {}
    )
    return Named(
        plain(described.get("name")) or slug,
        slug,
        plain(described.get("kind")),
        plain(described.get("country")),
    )


def _source_of(row: dict[str, Any], record: dict[str, Any]) -> Cited | None:
    slug = plain(row.get("source"))
    if not slug:
        return None
    described = next((s for s in _dicts(record.get("sources")) if s.get("slug") == slug), {})
    more = ("author", "published", "published_at", "retrieved", "note")
    return Cited(
        publisher=plain(described.get("publisher")),
        title=plain(described.get("title")),
        url=plain(described.get("url")),
        language=plain(described.get("language")),
        slug=slug,
        more=tuple((name, plain(described.get(name))) for name in more if described.get(name)),
    )


def _unpublished_relations(
    found: Snapshot | None, exported: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the relations that no file shows because their other side is not published: they stay."""
    if found is None:
        return []
    shown = [relation["ref"] for relation in _dicts(exported.get("relations"))]
    keys = set(Agreement.objects.filter(ref__in=shown).values_list("pk", flat=True))
    return [
        {name: row[name] for name in ("kind", "target_id", "note")}
        for row in found.rows["relations"]
        if row["target_id"] not in keys
    ]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _date_or_none(value: Any) -> Any:
    return PART_DATE.read(plain(value)) if plain(value) else None
