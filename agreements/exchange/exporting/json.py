"""The register's JSON: one streamed document that describes the selection and contains every record.

`{"selection": {…}, "agreements": [{…}, …], "count": …}`. The count comes last because it is the number of records
written: a truncated document has none, and is not valid JSON either. With `updated_since` it is preceded by `"gone"`, the
records withdrawn since then, as `gone.gone_record` describes them.

A record is an agreement as nested values: every public fact with its evidence. Names are those of the CSV where it has
them; codes are codes, partial dates are EDTF texts, and unknown values are null. The JSON of one agreement and the API
contain these records too.
"""

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from agreements.domain.choices import Takes
from agreements.domain.durations import Duration
from agreements.domain.facts import PUBLIC
from agreements.domain.identifiers import url_of
from agreements.domain.partial_dates import PartialDate
from agreements.domain.participation import OVER_TIME, takes_part_as
from agreements.domain.urls import permanent
from agreements.exchange.exporting.blocks import RELATED, Block, Values, blocks
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.gone import gone_since
from agreements.exchange.exporting.rows import countries_of, plurality_of
from agreements.models import Participation
from agreements.models.querysets import AgreementQuerySet

Record = dict[str, Any]

_NAMES = [value.name for value in PUBLIC]
_encode = json.JSONEncoder(ensure_ascii=False).encode


def stream_json(extract: Extract) -> Iterator[str]:
    """Yield the JSON document of this extract, a block of records at a time, one record per line.

    Fourteen queries per thousand records.
    """
    yield f'{{"selection": {encoded(described(extract))},\n"agreements": ['
    count = 0
    for records in record_blocks(extract.agreements, extract.day):
        yield ("," if count else "") + "\n" + ",\n".join(map(_encode, records))
        count += len(records)
    if extract.since is not None:
        yield '\n],\n"gone": ['
        for number, record in enumerate(gone_since(extract.since)):
            yield ("," if number else "") + "\n" + _encode(record)
    yield f'\n],\n"count": {count}}}\n'


def encoded(value: object, indent: int | None = None) -> str:
    """Return the value as JSON, with letters of any script unescaped."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def described(extract: Extract) -> dict[str, str | int]:
    """Return the description of the selection, as the document and the API give it."""
    return {
        "words": extract.words,
        "query": extract.query,
        "url": extract.page,
        "as_of": extract.day.isoformat(),
        "undetermined": extract.undetermined,
        "licence": LICENCE_ADDRESS,
    }


def record_blocks(agreements: AgreementQuerySet, day: date) -> Iterator[list[Record]]:
    """Yield the records of these agreements in their order, a block at a time, as values for JSON.

    `day` is the day the status is computed for. Fourteen queries per thousand records.
    """
    list_url = permanent(reverse("agreements:agreement_list"))
    for block in blocks(agreements, day):
        yield [_record(row, block, day, list_url) for row in block.rows]


def _record(row: Values, block: Block, day: date, list_url: str) -> Record:
    related = {name: block.related(name).get(row["id"], []) for name in RELATED}
    # without duplicates; a source renamed since the rows were read is left out
    slugs = dict.fromkeys(each["source"] for each in related["evidence"] + related["events"])
    related["parties"] = [with_standing(each, day, row["in_force"]) for each in related["parties"]]
    values = {
        **row,
        **related,
        "status_as_of": day.isoformat(),
        "term_months": _number(row["term"], "months"),
        "notice_days": _number(row["notice"], "days"),
        "countries": countries_of(related["parties"]),
        "plurality": plurality_of(row, related["parties"]),
        "documents": [_document(each, row["ref"]) for each in related["documents"]],
        "evidence": [_evidence(each, row["ref"]) for each in related["evidence"]],
        "identifiers": [
            {**each, "url": url_of(each["scheme"], each["value"]) or None}
            for each in related["identifiers"]
        ],
        "sources": [block.sources[slug] for slug in slugs if slug in block.sources],
        "url": f"{list_url}{row['ref']}/",
    }
    for name in ("relations", "inverse_relations"):
        values[name] = [{**each, "url": f"{list_url}{each['ref']}/"} for each in related[name]]
    return {name: values[name] for name in _NAMES}


@lru_cache(maxsize=10_000)
def _number(text: str | None, unit: str) -> int | None:
    """Return the number of a length that is counted in this unit; None without one."""
    length = Duration.parse(text) if text else None
    if length is None or (unit == "days" and length.months) or (unit == "months" and length.days):
        return None
    number: int = getattr(length, unit)
    return number


def with_standing(party: Values, day: date, in_force: str | None) -> Record:
    """Return a participant of a block with the code of `Takes`: as what it takes part on the day.

    `in_force` is the entry into force of the agreement as the block has it.
    """
    if not any(party[name] for name in OVER_TIME):
        return {**party, "takes_part_as": Takes.PART.value}
    entry = PartialDate.parse(str(in_force)) if in_force else None
    return {**party, "takes_part_as": takes_part_as(_as_participant(party), day, entry).value}


def _as_participant(party: Values) -> Any:
    columns: list[Any] = [Participation._meta.get_field(name) for name in OVER_TIME]
    return SimpleNamespace(
        **{column.name: column.to_python(party[column.name] or "") for column in columns}
    )


def _document(document: Values, ref: str) -> Record:
    url = _document_url(document["url"], ref, document["id"])
    return {name: value for name, value in document.items() if name != "id"} | {"url": url}


def _document_url(address: str | None, ref: str, key: int) -> str:
    return address or permanent(reverse("agreements:document_download", args=[ref, key]))


def _evidence(row: Values, ref: str) -> Record:
    """Return the evidence with the URL of its document; of a document that is not public, nothing."""
    key, is_public = row["document"], row["is_document_public"]
    told = {name: row[name] for name in ("fact", "basis", "locator", "note", "source")}
    if key is None:
        return {**told, "document": None}
    if not is_public:
        return {**told, "locator": None, "document": None}
    return {**told, "document": _document_url(row["address"], ref, key)}
