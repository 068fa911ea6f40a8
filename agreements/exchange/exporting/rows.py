"""The columns that the files with one line an agreement have in common, and their cells.

CSV and XLSX write these rows, the data page and the XLSX explain the columns. The columns are a contract: none is
renamed or moved, since people script against them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Role
from agreements.exchange.exporting.blocks import Block, Values, blocks
from agreements.models.querysets import AgreementQuerySet

SEPARATOR = "; "


class Holds(Enum):
    """What the cells of a column are: fixed words, free text, a date known in part or wholly, or a moment."""

    CODES = "codes"
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """A column of the contract, and what a cell of it means."""

    name: str
    meaning: str | Promise
    holds: Holds = Holds.CODES


COLUMNS = (
    Column("ref", _("Public reference: stable, never used again.")),
    Column("title", _("Title, in the register's own words or the official one."), Holds.TEXT),
    Column("kind", _("Code of the kind of instrument.")),
    Column("legal_nature", _("Code of the legal nature, as an editor assessed it.")),
    Column("stage", _("Code of the stage that an editor states.")),
    Column("status", _("Code of the status, computed for the day in status_as_of.")),
    Column("status_as_of", _("The day the status is computed for (YYYY-MM-DD)."), Holds.DATE),
    Column(
        "signed",
        _("Date of signature as an EDTF text, as much of it as is known; empty if unknown."),
        Holds.DATE,
    ),
    Column(
        "signed_earliest",
        _("The first day the signature can have been; empty if unknown or open."),
        Holds.DATE,
    ),
    Column(
        "signed_latest",
        _("The last day the signature can have been; empty if unknown or open."),
        Holds.DATE,
    ),
    Column(
        "in_force", _("Date of entry into force as an EDTF text; empty if unknown."), Holds.DATE
    ),
    Column(
        "expires",
        _(
            "End by the agreement's own terms as an EDTF text; empty if it has none or none is known."
        ),
        Holds.DATE,
    ),
    Column(
        "terminated",
        _("Date on which a termination took effect as an EDTF text; empty if none is known."),
        Holds.DATE,
    ),
    Column(
        "parties",
        _(
            "Names of the participants in their order; a role other than party follows in square brackets."
        ),
        Holds.TEXT,
    ),
    Column(
        "countries",
        _("Countries of the participants, as ISO 3166-1 alpha-2 codes in alphabetical order."),
    ),
    Column(
        "areas",
        _("Codes (slugs) of the cooperation areas in alphabetical order; empty if not known."),
    ),
    Column("signatories", _("Names of those who signed, in their order."), Holds.TEXT),
    Column("place", _("Place of signature; empty if not stated."), Holds.TEXT),
    Column("verification", _("Code of how well the record is supported.")),
    Column(
        "sources", _("Addresses (or titles) of the sources that the evidence names."), Holds.TEXT
    ),
    Column("summary", _("What was agreed, in the register's own words."), Holds.TEXT),
    Column("url", _("Permanent address of the agreement's page.")),
    Column(
        "updated_at", _("When the record was last changed (ISO 8601, UTC)."), Holds.MOMENT
    ),
)  # fmt: skip


def row_blocks(
    agreements: AgreementQuerySet, day: date, absolute_url: Callable[[str], str]
) -> Iterator[list[list[str]]]:
    """Yield the rows of these agreements in their order, a block at a time: a text for each of `COLUMNS`.

    `day` is the day the status is computed for; `absolute_url` makes a full address of a path. Costs five queries
    for each thousand rows.
    """
    list_url, as_of = absolute_url(reverse("agreements:agreement_list")), day.isoformat()
    for block in blocks(agreements, day):
        yield [_cells(row, block, as_of, list_url) for row in block.rows]


def _cells(row: Values, block: Block, as_of: str, list_url: str) -> list[str]:
    key = row["id"]
    parties = block.participations.get(key, ())
    return [
        row["ref"],
        row["title"],
        row["kind"],
        row["legal_nature"],
        row["stage"],
        row["status"],
        as_of,
        row["signed"] or "",
        row["signed_earliest"] or "",
        row["signed_latest"] or "",
        row["in_force"] or "",
        row["expires"] or "",
        row["terminated"] or "",
        SEPARATOR.join([_with_role(party) for party in parties]),
        SEPARATOR.join(sorted(countries_of(parties))),
        _joined([area["slug"] for area in block.areas.get(key, ())]),
        _joined([signatory["name"] for signatory in block.signatories.get(key, ())]),
        row["place"] or "",
        row["verification"],
        _joined(block.addresses.get(key, ())),
        row["summary"] or "",
        f"{list_url}{row['ref']}/",
        row["updated_at"],
    ]


def _with_role(party: Values) -> str:
    name: str = party["name"]
    return name if party["role"] == Role.PARTY.value else f"{name} [{party['role']}]"


def _joined(values: Collection[str]) -> str:
    """Join the values in their order, each once."""
    return SEPARATOR.join(dict.fromkeys(values) if len(values) > 1 else values)


def countries_of(parties: Iterable[Values]) -> set[str]:
    """Return the codes of the countries that these participants belong to."""
    return {party["country"] for party in parties if party["country"]}


def moment(value: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
