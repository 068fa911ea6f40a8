"""What the register's own formats share: how their records are recognised, and what a new one needs.

`own_rows` reads the CSV and the XLSX of a list, `own_records` its JSON. Each cell is first compared with what the
register would write there now. Only a difference is a statement, so an unedited file changes nothing, whatever it
contains. Columns that the register computes are never read; the preview names any that were edited.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from django.utils.translation import gettext as _

from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.corrected import as_filed
from agreements.exchange.importing.foreign import digest_of
from agreements.exchange.importing.profiles import REGISTER
from agreements.exchange.importing.readers import Row, Table
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot, Values
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.statements import Mapping, Statement
from agreements.exchange.importing.values import plain, today_called, value_of
from agreements.models import Evidence

# instead of a reference, in the rows of the template that show how to fill it in
EXAMPLE = "EXAMPLE"


class OwnMapping(Mapping):
    """What the register's own formats share."""

    profile_name = REGISTER

    def __init__(self, table: Table, book: PartyBook, areas: dict[str, int], day: date) -> None:
        """`day` is the day of the status where the file does not give one. Raises `ProfileError` for other files.

        JSON without records has no headings and states nothing.
        """
        super().__init__(areas)
        self.table = table
        self.book = book
        self.day = day
        if table.headings and not {"ref", "title"} & set(table.headings):
            sentence = _(
                "These are not the register's columns, since there is neither a ref nor a title: "
                "%(headings)s. A file from elsewhere needs a profile: see docs/importing.md."
            )
            raise ProfileError(sentence % {"headings": ", ".join(map(quoted, table.headings[:30]))})

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Yield each row by itself, without the examples of the template."""
        for row in rows:
            if plain(row.cells.get("ref")).upper() == EXAMPLE:
                remark = _("examples left out: empty the cell “ref” to import such a row")
                self.remarks.note(remark, row.number)
            else:
                yield [row]

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]:
        ref = plain(group[0].cells.get("ref"))
        return ref, None if ref else (IMPORTED_ROW, digest_of(REGISTER, as_filed(group[0]).cells))

    def facts(self, group: Sequence[Row], found: Snapshot | None) -> Values:
        # the names of parties are counted only once
        rows = [replace(row, cells={**row.cells, "parties": None}) for row in group]
        facts: Values = self.statement(rows, found).facts
        return facts

    def reads(self, column: str) -> bool:
        """Whether a column is read, rather than computed by the register."""
        return True

    def begun(self, row: Row, found: Snapshot | None) -> Statement:
        ref, identifier = self.keys([row])
        known_at = moment_or_none(row.cells.get("updated_at"))
        statement = Statement(row.number, found, ref=ref, identifier=identifier, known_at=known_at)
        statement.problems += row.problems
        remedy = _("The cell holds %(what)s. Type its value.")
        for lost in row.lost:
            if self.reads(lost.column):
                statement.refuse(lost.column, "", remedy % {"what": lost.remedy})
        if found is None and identifier:
            scheme, value = identifier
            statement.rows["identifiers"] = [{"scheme": scheme, "value": value}]
        if found is None and not plain(row.cells.get("title")):
            statement.refuse("title", "", _("A new agreement needs a title. Add one in the file."))
        return statement

    def state(self, statement: Statement, name: str, value: object) -> None:
        try:
            statement.facts[today_called(name)] = value_of(name, plain(value))
        except ValueError as error:
            statement.refuse(name, value, str(error))

    def state_areas(self, statement: Statement, slugs: Iterable[str]) -> None:
        remedy = _("There is no cooperation area with this code. The codes are listed at /areas/.")
        rows: list[Values] = []
        for slug in dict.fromkeys(slugs):
            if slug in self.areas:
                rows.append({"area_id": self.areas[slug]})
            else:
                statement.refuse("areas", slug, remedy)
        statement.rows["areas"] = rows


def shown_evidence(found: Sequence[Snapshot]) -> set[int]:
    """Return the ids of the evidence of these agreements that files show; what they do not show stays. One query."""
    shown = Evidence.objects.in_public().filter(agreement__in=[one.key for one in found])
    return set(shown.filter(document=None).values_list("pk", flat=True))


def own_identifiers(statement: Statement) -> list[Values]:
    """Return the identifiers that no file shows and only imports use: they stay."""
    stored = statement.found.rows["identifiers"] if statement.found else []
    rows = statement.rows.get("identifiers", []) or stored
    return [
        {"scheme": row["scheme"], "value": row["value"]}
        for row in rows
        if row["scheme"] == IMPORTED_ROW
    ]


def moment_or_none(value: object) -> datetime | None:
    """Return the moment in `updated_at`, in UTC if the file names no time zone; None if there is none."""
    try:
        moment = datetime.fromisoformat(plain(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
