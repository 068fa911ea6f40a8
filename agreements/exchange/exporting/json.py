"""The register's JSON: one streamed document that describes the selection and contains every record.

`{"selection": {…}, "agreements": [{…}, …], "count": …}`. The count comes last because it is the number of records
written: a truncated document has none, and is not valid JSON either.

A record is an agreement as nested values: every public fact with its evidence. Names are those of the CSV where it has
them; codes are codes, partial dates are EDTF texts, and unknown values are null. The JSON of one agreement and the API
contain these records too.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from agreements.domain.facts import PUBLIC
from agreements.domain.urls import permanent
from agreements.exchange.exporting.blocks import RELATED, Block, Values, blocks
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.rows import countries_of
from agreements.models.querysets import AgreementQuerySet

Record = dict[str, Any]

_NAMES = [value.name for value in PUBLIC]
_encode = json.JSONEncoder(ensure_ascii=False).encode


def stream_json(extract: Extract) -> Iterator[str]:
    """Yield the JSON document of this extract, a block of records at a time, one record per line.

    Eleven queries per thousand records.
    """
    yield f'{{"selection": {encoded(described(extract))},\n"agreements": ['
    count = 0
    for records in record_blocks(extract.agreements, extract.day):
        yield ("," if count else "") + "\n" + ",\n".join(map(_encode, records))
        count += len(records)
    yield f'\n],\n"count": {count}}}\n'


def encoded(value: object, indent: int | None = None) -> str:
    """Return the value as JSON, with letters of any script unescaped."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def described(extract: Extract) -> dict[str, str]:
    """Return the description of the selection, as the document and the API give it."""
    return {
        "words": extract.words,
        "query": extract.query,
        "url": extract.page,
        "as_of": extract.day.isoformat(),
        "licence": LICENCE_ADDRESS,
    }


def record_blocks(agreements: AgreementQuerySet, day: date) -> Iterator[list[Record]]:
    """Yield the records of these agreements in their order, a block at a time, as values for JSON.

    `day` is the day the status is computed for. Eleven queries per thousand records.
    """
    list_url = permanent(reverse("agreements:agreement_list"))
    for block in blocks(agreements, day):
        yield [_record(row, block, day.isoformat(), list_url) for row in block.rows]


def _record(row: Values, block: Block, as_of: str, list_url: str) -> Record:
    related = {name: block.related(name).get(row["id"], []) for name in RELATED}
    # without duplicates; a source renamed since the rows were read is left out
    slugs = dict.fromkeys(each["source"] for each in related["evidence"] + related["events"])
    values = {
        **row,
        **related,
        "status_as_of": as_of,
        "countries": countries_of(related["parties"]),
        "documents": [_document(each, row["ref"]) for each in related["documents"]],
        "sources": [block.sources[slug] for slug in slugs if slug in block.sources],
        "url": f"{list_url}{row['ref']}/",
    }
    for name in ("relations", "inverse_relations"):
        values[name] = [{**each, "url": f"{list_url}{each['ref']}/"} for each in related[name]]
    return {name: values[name] for name in _NAMES}


def _document(document: Values, ref: str) -> Record:
    url = document["url"] or permanent(
        reverse("agreements:document_download", args=[ref, document["id"]])
    )
    return {name: value for name, value in document.items() if name != "id"} | {"url": url}
