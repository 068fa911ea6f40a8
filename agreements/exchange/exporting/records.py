"""An agreement as nested values for JSON: every public fact with its evidence.

Names are those of the CSV where it has them; codes are codes, partial dates are EDTF texts, and unknown values are
null. The list's JSON and the JSON of one agreement both contain these records.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from agreements.domain.facts import PUBLIC
from agreements.domain.urls import permanent
from agreements.exchange.exporting.blocks import Block, Values, blocks
from agreements.exchange.exporting.rows import countries_of
from agreements.models.querysets import AgreementQuerySet

Record = dict[str, Any]

_NAMES = [value.name for value in PUBLIC]


def record_blocks(agreements: AgreementQuerySet, day: date) -> Iterator[list[Record]]:
    """Yield the records of these agreements in their order, a block at a time, as values for JSON.

    `day` is the day the status is computed for. Eleven queries per thousand records.
    """
    list_url, as_of = permanent(reverse("agreements:agreement_list")), day.isoformat()
    for block in blocks(agreements, day):
        yield [_record(row, block, as_of, list_url) for row in block.rows]


def _record(row: Values, block: Block, as_of: str, list_url: str) -> Record:
    key, ref = row["id"], row["ref"]
    parties = block.participations.get(key, [])
    evidence, events = block.evidence.get(key, []), block.events.get(key, [])
    beside = {
        "status_as_of": as_of,
        "parties": parties,
        "countries": sorted(countries_of(parties)),
        "areas": block.areas.get(key, []),
        "signatories": block.signatories.get(key, []),
        "events": events,
        "relations": [_related(other, list_url) for other in block.relations.get(key, ())],
        "inverse_relations": [
            _related(other, list_url) for other in block.inverse_relations.get(key, ())
        ],
        "commitments": block.commitments.get(key, []),
        "documents": [_document(text, ref) for text in block.documents.get(key, ())],
        "evidence": evidence,
        "sources": _cited(block, evidence + events),
        "url": _page(ref, list_url),
    }
    return {name: beside[name] if name in beside else row[name] for name in _NAMES}


def _related(other: Values, list_url: str) -> Record:
    kind, ref, title, note = (other[name] for name in ("kind", "ref", "title", "note"))
    return {"kind": kind, "ref": ref, "title": title, "note": note, "url": _page(ref, list_url)}


def _document(text: Values, ref: str) -> Record:
    told = {name: text[name] for name in ("kind", "title", "language", "size", "sha256")}
    return {**told, "url": text["url"] or _download(ref, text["id"])}


def _download(ref: str, key: int) -> str:
    return permanent(reverse("agreements:document_download", args=[ref, key]))


def _cited(block: Block, resting: list[Values]) -> list[Values]:
    """Return the sources that these rows name, without duplicates; one renamed since the rows were read is left out."""
    slugs = dict.fromkeys(row["source"] for row in resting)
    return [block.sources[slug] for slug in slugs if slug in block.sources]


def _page(ref: str, list_url: str) -> str:
    return f"{list_url}{ref}/"
