"""One row per agreement and participant, as CSV: who takes part, since when, until when, and on which consent."""

from collections.abc import Iterator

from django.urls import reverse

from agreements.domain.participation import OVER_TIME
from agreements.domain.urls import permanent
from agreements.exchange.exporting.blocks import blocks
from agreements.exchange.exporting.csv import BYTE_ORDER_MARK, defuse, lines
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.json import with_standing

# A contract like the columns of the agreements: none is renamed or moved.
PARTICIPATION_COLUMNS = (
    "ref",
    "title",
    "status",
    "status_as_of",
    "order",
    "party",
    "party_slug",
    "party_kind",
    "country",
    "role",
    "takes_part_as",
    *OVER_TIME,
    "url",
)
_FREE_TEXT = ("title", "party", "name_as_signed", "reservations")


def stream_participations(extract: Extract) -> Iterator[str]:
    """Yield the CSV of the participants in these agreements, in their order, a block at a time, header first.

    Two queries per thousand agreements.
    """
    yield (BYTE_ORDER_MARK if extract.for_excel else "") + lines([PARTICIPATION_COLUMNS])
    list_url, day = permanent(reverse("agreements:agreement_list")), extract.day
    for block in blocks(extract.agreements, day):
        parties = block.related("parties")
        yield lines(
            _cells(
                {
                    **with_standing(party, day, row["in_force"]),
                    "ref": row["ref"],
                    "title": row["title"],
                    "status": row["status"],
                    "status_as_of": day.isoformat(),
                    "order": order,
                    "party": party["name"],
                    "party_slug": party["slug"],
                    "party_kind": party["kind"],
                    "url": f"{list_url}{row['ref']}/",
                }
            )
            for row in block.rows
            for order, party in enumerate(parties.get(row["id"], ()), 1)
        )


def _cells(values: dict[str, object]) -> list[str]:
    cells = (
        ("" if values[name] is None else str(values[name]), name) for name in PARTICIPATION_COLUMNS
    )
    return [defuse(cell) if name in _FREE_TEXT else cell for cell, name in cells]
