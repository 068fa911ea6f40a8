"""What the register's own formats share: how their records are recognised, and what a new one needs.

`own_rows` reads the CSV and the XLSX of a list, `own_records` its JSON. Each cell is first compared with what the
register would write there now. Only where they differ does the file state something, so an untouched file changes
nothing, whatever it contains. Columns that the register computes are never read; the preview names any that were
edited.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.foreign import ROW_SCHEME, digest_of
from agreements.exchange.importing.profiles import REGISTER
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.statements import Remarks, Statement
from agreements.exchange.importing.values import plain, value_of


class OwnMapping:
    """What the register's own formats share."""

    profile_name = REGISTER

    def __init__(self, headings: Sequence[str], book: PartyBook, areas: dict[str, int], day: date):
        """`day` is the day of the status where the file does not give one. Raises `ProfileError` for other files.

        JSON without records has no headings and states nothing.
        """
        self.headings = headings
        self.book = book
        self.areas = areas
        self.day = day
        self.remarks = Remarks()
        if headings and not {"ref", "title"} & set(headings):
            raise ProfileError(
                _(
                    "These are not the register's columns, since there is neither a ref nor a title: "
                    "%(headings)s. A file from elsewhere needs a profile: see docs/importing.md."
                )
                % {"headings": ", ".join(map(quoted, headings[:30]))}
            )

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        return ([row] for row in rows)

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]:
        ref = plain(group[0].cells.get("ref"))
        return ref, None if ref else (ROW_SCHEME, digest_of(REGISTER, group[0].cells))

    def begun(self, row: Row, found: Snapshot | None) -> Statement:
        ref, identifier = self.keys([row])
        statement = Statement(row=row.number, ref=ref, identifier=identifier)
        statement.problems += row.problems
        statement.known_at = moment_or_none(row.cells.get("updated_at"))
        if found is None and identifier:
            scheme, value = identifier
            statement.rows["identifiers"] = [{"scheme": scheme, "value": value}]
        if found is None and not plain(row.cells.get("title")):
            statement.refuse("title", "", _("A new agreement needs a title. Add one in the file."))
        return statement

    def state(self, statement: Statement, name: str, value: Any) -> None:
        try:
            statement.facts[name] = value_of(name, plain(value))
        except ValueError as error:
            statement.refuse(name, value, str(error))

    def area_rows(self, statement: Statement, slugs: Iterable[str]) -> list[dict[str, Any]]:
        rows = []
        for slug in dict.fromkeys(slugs):
            if slug in self.areas:
                rows.append({"area_id": self.areas[slug]})
            else:
                statement.refuse(
                    "areas",
                    slug,
                    _(
                        "There is no cooperation area with this code. You find the codes at /areas/."
                    ),
                )
        return rows


def day_or_none(value: Any) -> date | None:
    try:
        return date.fromisoformat(plain(value))
    except ValueError:
        return None


def moment_or_none(value: Any) -> datetime | None:
    """Return the moment in `updated_at`, in UTC; None if there is none."""
    text = plain(value).replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else datetime.fromisoformat(f"{moment.isoformat()}+00:00")
