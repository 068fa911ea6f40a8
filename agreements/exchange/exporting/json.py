"""The register's JSON: one streamed document that describes the selection and contains every record.

`{"selection": {…}, "agreements": [{…}, …], "count": …}`. The count comes last because it is the number of records
written: a truncated document has none, and is not valid JSON either.
"""

import json
from collections.abc import Iterator

from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.records import record_blocks

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
