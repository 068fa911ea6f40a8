"""An agreement as nested values for JSON: every public fact with the evidence it rests on.

The names are those of the CSV where it has them; codes are codes, dates known in part are EDTF texts, and what is not
known is null. The list's JSON and the JSON of one agreement both hold these records.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from agreements.addresses import permanent
from agreements.exporting.blocks import Block, Values, blocks
from agreements.exporting.rows import countries_of, day_or_nothing, moment
from agreements.querysets import AgreementQuerySet

Record = dict[str, Any]


def record_blocks(agreements: AgreementQuerySet, day: date) -> Iterator[list[Record]]:
    """Yield the records of these agreements in their order, a block at a time, as JSON can hold them.

    `day` is the day the status is computed for. Costs eleven queries for each thousand records.
    """
    for block in blocks(agreements, day):
        yield [_record(row, block, day) for row in block.rows]


def _record(row: Values, block: Block, day: date) -> Record:
    key = row["id"]
    parties = block.participations.get(key, [])
    evidence, events = block.evidence.get(key, []), block.events.get(key, [])
    return {
        **_facts(row, day),
        "parties": [_plain(party, "role", "slug", "name", "kind", "country") for party in parties],
        **_plain(row, "parties_note"),
        "countries": sorted(countries_of(parties)),
        "areas": [_plain(area, "slug", "name") for area in block.areas.get(key, [])],
        "signatories": [
            _plain(signatory, "name", "title", "as_published", "signed", party="party_slug")
            for signatory in block.signatories.get(key, [])
        ],
        "events": [
            _plain(event, "kind", "date", "place", "note", party="party_slug", source="source_slug")
            for event in events
        ],
        "relations": [_related(other) for other in block.relations.get(key, [])],
        "inverse_relations": [_related(other) for other in block.inverse_relations.get(key, [])],
        "commitments": [
            _plain(promise, "text", "due", "progress", "reviewed", "note", party="party_slug")
            for promise in block.commitments.get(key, [])
        ],
        "documents": [_document(text, row["ref"]) for text in block.documents.get(key, [])],
        **_plain(row, "verification"),
        "evidence": [
            _plain(piece, "fact", "basis", "locator", "note", source="source_slug")
            for piece in evidence
        ],
        "sources": [_source(block.sources[slug]) for slug in _slugs([*evidence, *events])],
        **_plain(row, "responsible_unit", "public_notes"),
        "url": _page(row["ref"]),
        **_plain(row, "published_at", "updated_at"),
    }


def _facts(row: Values, day: date) -> Record:
    return {
        **_plain(row, "ref", "title", "summary", "kind", "legal_nature", "stage", "status"),
        "status_as_of": day.isoformat(),
        "signed": row["signed_text"] or None,
        "signed_earliest": day_or_nothing(row["signed_earliest"]) or None,
        "signed_latest": day_or_nothing(row["signed_latest"]) or None,
        "place": row["place"] or None,
        "in_force": row["in_force_text"] or None,
        **_plain(row, "term_kind", "term_months"),
        "expires_stated": row["expires_stated_text"] or None,
        "expires": row["expires_text"] or None,
        "notice_days": row["notice_days"],
        "terminated": row["terminated_text"] or None,
        "superseded_on": _value(row["superseded_on"]),
        "review_due": row["review_due_text"] or None,
    }


def _related(other: Values) -> Record:
    return {**_plain(other, "kind", "ref", "title", "note"), "url": _page(other["ref"])}


def _document(text: Values, ref: str) -> Record:
    download = reverse("agreements:document_download", args=[ref, text["id"]])
    return {
        **_plain(text, "kind", "title", "language", "size", "sha256"),
        "url": text["address"] or permanent(download),
    }


def _source(source: Values) -> Record:
    return {name: _value(value) for name, value in source.items()}


def _slugs(resting: Iterable[Values]) -> list[str]:
    return list(dict.fromkeys(row["source_slug"] for row in resting if row["source_slug"]))


def _page(ref: str) -> str:
    return permanent(reverse("agreements:agreement_detail", args=[ref]))


def _plain(values: Values, *names: str, **renamed: str) -> Record:
    """Return these of the values, under their names or other ones, as JSON can hold them."""
    stored_as = {**{name: name for name in names}, **renamed}
    return {name: _value(values[stored]) for name, stored in stored_as.items()}


def _value(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, int):
        return value
    return str(value) if value else None
