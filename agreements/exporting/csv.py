"""The register's CSV (RFC 4180, UTF-8): the contract's columns, streamed in constant memory.

The list's download and the admin's export of chosen rows call `stream_csv`. Rows are read as plain values in blocks,
with what belongs to a block fetched in one query a relation, so a register of any size passes through a few megabytes.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.choices import Role
from agreements.models import Agreement, Evidence, Participation, Signatory
from agreements.partial_dates import OPEN_END, OPEN_START
from agreements.querysets import AgreementQuerySet

BLOCK_ROWS = 1000
SEPARATOR = "; "
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Column:
    """A column of the contract, and what a cell of it means."""

    name: str
    meaning: str | Promise


COLUMNS = (
    Column("ref", _("Public reference: stable, never used again.")),
    Column("title", _("Title, in the register's own words or the official one.")),
    Column("kind", _("Code of the kind of instrument.")),
    Column("legal_nature", _("Code of the legal nature, as an editor assessed it.")),
    Column("stage", _("Code of the stage that an editor states.")),
    Column("status", _("Code of the status, computed for the day in status_as_of.")),
    Column("status_as_of", _("The day the status is computed for (YYYY-MM-DD).")),
    Column(
        "signed",
        _("Date of signature as an EDTF text, as much of it as is known; empty if unknown."),
    ),
    Column(
        "signed_earliest", _("The first day the signature can have been; empty if unknown or open.")
    ),
    Column(
        "signed_latest", _("The last day the signature can have been; empty if unknown or open.")
    ),
    Column("in_force", _("Date of entry into force as an EDTF text; empty if unknown.")),
    Column(
        "expires",
        _(
            "End by the agreement's own terms as an EDTF text; empty if it has none or none is known."
        ),
    ),
    Column(
        "terminated",
        _("Date on which a termination took effect as an EDTF text; empty if none is known."),
    ),
    Column(
        "parties",
        _(
            "Names of the participants in their order; a role other than party follows in square brackets."
        ),
    ),
    Column(
        "countries",
        _("Countries of the participants, as ISO 3166-1 alpha-2 codes in alphabetical order."),
    ),
    Column(
        "areas",
        _("Codes (slugs) of the cooperation areas in alphabetical order; empty if not known."),
    ),
    Column("signatories", _("Names of those who signed, in their order.")),
    Column("place", _("Place of signature; empty if not stated.")),
    Column("verification", _("Code of how well the record is supported.")),
    Column("sources", _("Addresses (or titles) of the sources that the evidence names.")),
    Column("summary", _("What was agreed, in the register's own words.")),
    Column("url", _("Permanent address of the agreement's page.")),
    Column("updated_at", _("When the record was last changed (ISO 8601, UTC).")),
)

# A spreadsheet takes a cell that begins so for a formula. The quotes before it are counted in, so that the one which
# is added can be taken off again without touching those that were there.
_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
_NAMED_ALREADY = re.compile(r"'+[=+\-@\t\r]")


def defuse(text: str) -> str:
    """Return the text with a leading quote if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA_LIKE.match(text) else text


def rearm(cell: str) -> str:
    """Return the text that `defuse` was given; the importer's half."""
    return cell[1:] if _NAMED_ALREADY.match(cell) else cell


def stream_csv(
    agreements: AgreementQuerySet,
    *,
    day: date,
    absolute_url: Callable[[str], str],
    excel: bool = False,
) -> Iterator[str]:
    """Yield the CSV of these agreements in their order, a block of rows at a time, header first.

    `day` is the day the status is computed for; `absolute_url` makes a full address of a path; `excel` puts a byte
    order mark in front, by which Excel recognises UTF-8. Costs five queries for each thousand rows.
    """
    writer = csv.writer(_Echo())
    yield (BYTE_ORDER_MARK if excel else "") + writer.writerow([c.name for c in COLUMNS])
    for block in _blocks(_stored_rows(agreements, day)):
        yield "".join(map(writer.writerow, _finished(block, day, absolute_url)))


class _Echo:
    """A file whose `write` returns the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


_TEXT_DATES = ("signed", "in_force", "expires", "terminated")


def _stored_rows(agreements: AgreementQuerySet, day: date) -> Iterator[dict[str, Any]]:
    # The dates are read as the text they are stored as: a million of them need not be parsed to be written again.
    as_text = {f"{name}_text": Cast(name, TextField()) for name in _TEXT_DATES}
    return (
        agreements.with_status(day)
        .annotate(**as_text)
        .values(
            "id", "ref", "title", "kind", "legal_nature", "stage", "status", *as_text,
            "signed_earliest", "signed_latest", "place", "verification", "summary", "updated_at",
        )
        .iterator(chunk_size=BLOCK_ROWS)
    )  # fmt: skip


def _blocks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while block := list(islice(rows, BLOCK_ROWS)):
        yield block


def _finished(
    block: list[dict[str, Any]], day: date, absolute_url: Callable[[str], str]
) -> Iterator[list[str]]:
    ids = [row["id"] for row in block]
    parties, countries = _participants(ids)
    areas, signatories, sources = _areas(ids), _signatories(ids), _sources(ids)
    list_url = absolute_url(reverse("agreements:agreement_list"))
    for row in block:
        key = row["id"]
        yield [
            row["ref"],
            defuse(row["title"]),
            row["kind"],
            row["legal_nature"],
            row["stage"],
            row["status"],
            day.isoformat(),
            row["signed_text"],
            _day(row["signed_earliest"]),
            _day(row["signed_latest"]),
            row["in_force_text"],
            row["expires_text"],
            row["terminated_text"],
            defuse(SEPARATOR.join(parties[key])),
            SEPARATOR.join(sorted(countries[key])),
            SEPARATOR.join(areas[key]),
            defuse(SEPARATOR.join(signatories[key])),
            defuse(row["place"]),
            row["verification"],
            defuse(SEPARATOR.join(sources[key])),
            defuse(row["summary"]),
            f"{list_url}{row['ref']}/",
            _moment(row["updated_at"]),
        ]


def _participants(ids: list[int]) -> tuple[dict[int, list[str]], dict[int, set[str]]]:
    names: dict[int, list[str]] = defaultdict(list)
    countries: dict[int, set[str]] = defaultdict(set)
    found = Participation.objects.filter(agreement__in=ids).order_by("position", "id")
    for key, role, name, country in found.values_list(
        "agreement", "role", "party__name", "party__country"
    ):
        names[key].append(name if role == Role.PARTY else f"{name} [{role}]")
        if country:
            countries[key].add(str(country))
    return names, countries


def _areas(ids: list[int]) -> dict[int, list[str]]:
    links = Agreement.areas.through.objects.filter(agreement__in=ids).order_by("area__slug")
    return _gathered(links.values_list("agreement", "area__slug"))


def _signatories(ids: list[int]) -> dict[int, list[str]]:
    found = Signatory.objects.filter(agreement__in=ids).order_by("position", "id")
    return _gathered(found.values_list("agreement", "name"))


def _sources(ids: list[int]) -> dict[int, list[str]]:
    found = Evidence.objects.filter(agreement__in=ids).order_by("id")
    named = found.values_list("agreement", "source__url", "source__title")
    return _gathered((key, url or title) for key, url, title in named)


def _gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    """Gather the values of each key in their order, each value once."""
    gathered: dict[int, dict[str, None]] = defaultdict(dict)
    for key, value in pairs:
        gathered[key][value] = None
    return defaultdict(list, {key: list(values) for key, values in gathered.items()})


def _day(value: date | None) -> str:
    return "" if value in (None, OPEN_START, OPEN_END) else value.isoformat()


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
