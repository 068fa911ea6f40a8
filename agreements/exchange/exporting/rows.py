"""The rows of files with one line per agreement: a cell for each declared column.

The columns are a contract: none is renamed or moved, since people script against them. CSV and XLSX contain these
rows.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from operator import itemgetter

from django.urls import reverse

from agreements.domain.choices import Plurality, Role
from agreements.domain.facts import COLUMNS
from agreements.domain.urls import permanent
from agreements.exchange.exporting.blocks import Block, Values, blocks
from agreements.models.querysets import AgreementQuerySet

SEPARATOR = "; "


def row_blocks(agreements: AgreementQuerySet, day: date) -> Iterator[list[list[str]]]:
    """Yield the rows of these agreements in their order, a block at a time: a text for each of `COLUMNS`.

    `day` is the day the status is computed for. Seven queries per thousand rows.
    """
    cells = itemgetter(*(column.name for column in COLUMNS))
    list_url, as_of = permanent(reverse("agreements:agreement_list")), day.isoformat()
    for block in blocks(agreements, day):
        values = (row | _computed(row, block, as_of, list_url) for row in block.rows)
        yield [["" if cell is None else str(cell) for cell in cells(row)] for row in values]


def _computed(row: Values, block: Block, as_of: str, list_url: str) -> Values:
    """Return the cells that come from other tables or are computed here."""
    parties, areas, signatories = (
        block.related(name).get(row["id"], []) for name in ("parties", "areas", "signatories")
    )
    identifiers, languages = (
        block.related(name).get(row["id"], []) for name in ("identifiers", "languages")
    )
    return {
        "status_as_of": as_of,
        "plurality": plurality_of(row, parties),
        "parties": SEPARATOR.join([_with_role(party) for party in parties]),
        "countries": SEPARATOR.join(countries_of(parties)),
        "areas": _joined([area["slug"] for area in areas]),
        "signatories": _joined([signatory["name"] for signatory in signatories]),
        "identifiers": _joined([f"{each['scheme']}:{each['value']}" for each in identifiers]),
        "languages": _joined([each["language"] for each in languages]),
        "sources": _joined(block.addresses.get(row["id"], ())),
        "url": f"{list_url}{row['ref']}/",
    }


def _with_role(party: Values) -> str:
    name: str = party["name"]
    return name if party["role"] == Role.PARTY.value else f"{name} [{party['role']}]"


def _joined(values: Collection[str]) -> str:
    """Join the values in their order, without duplicates."""
    return SEPARATOR.join(dict.fromkeys(values) if len(values) > 1 else values)


def countries_of(parties: Iterable[Values]) -> list[str]:
    """Return the codes of the countries that these participants belong to, in alphabetical order."""
    return sorted({party["country"] for party in parties if party["country"]})


def plurality_of(row: Values, parties: Iterable[Values]) -> str | None:
    """Return the code that a source states or, if none does, that follows from the number of parties."""
    if stated := row["plurality_stated"]:
        return str(stated)
    return counted_plurality(sum(party["role"] == Role.PARTY.value for party in parties))


def counted_plurality(parties: int) -> str | None:
    """Return the code for so many parties; None for fewer than two."""
    if parties < 2:
        return None
    return (Plurality.BILATERAL if parties == 2 else Plurality.MULTILATERAL).value


def moment(value: datetime) -> str:
    """Return the timestamp in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
