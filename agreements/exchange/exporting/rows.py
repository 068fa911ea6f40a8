"""The rows of files with one line per agreement: a cell for each declared column.

The columns are a contract: none is renamed or moved, since people script against them. CSV and XLSX contain these
rows.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from operator import itemgetter

from django.urls import reverse

from agreements.domain.choices import Role
from agreements.domain.facts import COLUMNS
from agreements.exchange.exporting.blocks import Block, Values, blocks
from agreements.models.querysets import AgreementQuerySet

SEPARATOR = "; "


_stored_as_columns = itemgetter(*(column.name for column in COLUMNS))


def row_blocks(
    agreements: AgreementQuerySet, day: date, absolute_url: Callable[[str], str]
) -> Iterator[list[list[str]]]:
    """Yield the rows of these agreements in their order, a block at a time: a text for each of `COLUMNS`.

    `day` is the day the status is computed for; `absolute_url` makes a full URL of a path. Five queries per thousand
    rows.
    """
    list_url, as_of = absolute_url(reverse("agreements:agreement_list")), day.isoformat()
    for block in blocks(agreements, day):
        yield [_cells(row | _beside(row, block, as_of, list_url)) for row in block.rows]


def _cells(row: Values) -> list[str]:
    return ["" if value is None else str(value) for value in _stored_as_columns(row)]


def _beside(row: Values, block: Block, as_of: str, list_url: str) -> Values:
    """Return the cells that come from other tables or are computed here."""
    key = row["id"]
    parties = block.participations.get(key, ())
    return {
        "status_as_of": as_of,
        "parties": SEPARATOR.join([_with_role(party) for party in parties]),
        "countries": SEPARATOR.join(sorted(countries_of(parties))),
        "areas": _joined([area["slug"] for area in block.areas.get(key, ())]),
        "signatories": _joined([signatory["name"] for signatory in block.signatories.get(key, ())]),
        "sources": _joined(block.addresses.get(key, ())),
        "url": f"{list_url}{row['ref']}/",
    }


def _with_role(party: Values) -> str:
    name: str = party["name"]
    return name if party["role"] == Role.PARTY.value else f"{name} [{party['role']}]"


def _joined(values: Collection[str]) -> str:
    """Join the values in their order, without duplicates."""
    return SEPARATOR.join(dict.fromkeys(values) if len(values) > 1 else values)


def countries_of(parties: Iterable[Values]) -> set[str]:
    """Return the codes of the countries that these participants belong to."""
    return {party["country"] for party in parties if party["country"]}


def moment(value: datetime) -> str:
    """Return the timestamp in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
