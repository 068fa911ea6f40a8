"""The register's JSON: one document that says what it is a selection of and holds every record, streamed.

`{"selection": {…}, "agreements": [{…}, …], "count": …}`. The count comes last, since it is the number of the records
that were written: a document that was cut off has none, and is no JSON either.
"""

import json
from collections.abc import Iterator
from typing import Any

from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.records import record_blocks

_encode = json.JSONEncoder(ensure_ascii=False).encode


def stream_json(extract: Extract) -> Iterator[str]:
    """Yield the JSON document of this extract, a block of records at a time, one record a line.

    Costs eleven queries for each thousand records.
    """
    yield f'{{"selection": {encoded(described(extract))},\n"agreements": ['
    count = 0
    for records in record_blocks(extract.agreements, extract.day):
        yield ("," if count else "") + "\n" + ",\n".join(map(_encode, records))
        count += len(records)
    yield f'\n],\n"count": {count}}}\n'


def encoded(value: Any, indent: int | None = None) -> str:
    """Return the value as JSON, in which letters of any script stay what they are."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def described(extract: Extract) -> dict[str, str]:
    """Return what the extract is a selection of, as the document and the API say it."""
    return {
        "words": extract.words,
        "query": extract.query,
        "url": extract.page,
        "as_of": extract.day.isoformat(),
        "licence": LICENCE_ADDRESS,
    }
