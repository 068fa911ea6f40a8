"""Replaces the names that a statement gives with the ids of the parties and sources they mean."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.importing.reconciling import PartyBook, Unknown
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values
from agreements.exchange.importing.sources import SourceBook
from agreements.exchange.importing.statements import Cited, Named, Remarks, Statement

_PARTY, _SOURCE = "party", "source"


class Resolution:
    """Names made ids; `book` and `sources` collect the parties and sources that the import will have to make."""

    def __init__(self, book: PartyBook, sources: SourceBook, remarks: Remarks) -> None:
        self.book = book
        self.sources = sources
        self.remarks = remarks

    def look_up(self, statements: Sequence[Statement]) -> None:
        """Find the sources that these statements cite, together; a few queries."""
        rows = [row for s in statements for facet in s.rows.values() for row in facet]
        self.sources.look_up(row[_SOURCE] for row in rows if isinstance(row.get(_SOURCE), Cited))

    def resolve(self, statement: Statement, found: Snapshot | None) -> None:
        """Replace names by ids in all rows of a statement, or refuse those that nothing is found for."""
        for facet, rows in statement.rows.items():
            among, sources = _parties_of(found), _sources_of(found)
            for row in rows:
                self._resolve_party(statement, facet, row, among)
                self._resolve_source(statement, facet, row, sources)
            if not statement.problems:
                statement.rows[facet] = self._each_once(statement, FACETS[facet], rows)

    def _resolve_party(
        self, statement: Statement, facet: str, row: Values, among: list[int]
    ) -> None:
        if _PARTY not in row:
            return
        named = row.pop(_PARTY)
        row["party_id"] = None
        if isinstance(named, Named):
            meant = self.book.find(named, among)
            if isinstance(meant, Unknown):
                statement.refuse(facet, named.name, meant.remedy, row=named.row)
            else:
                row["party_id"] = meant

    def _resolve_source(
        self, statement: Statement, facet: str, row: Values, among: set[int]
    ) -> None:
        if _SOURCE not in row:
            return
        cited = row.pop(_SOURCE)
        meant = self.sources.find(cited, among) if isinstance(cited, Cited) else None
        if isinstance(meant, str):
            statement.refuse(facet, cited.label, meant)
        row["source_id"] = None if isinstance(meant, str) else meant

    def _each_once(self, statement: Statement, facet: Facet, rows: list[Values]) -> list[Values]:
        once: dict[Any, Values] = {}
        for row in rows:
            if facet.key_of(row) in once and facet.name == "parties":
                self.remarks.note(_("parties named twice in a row; entered once"), statement.row)
            once.setdefault(facet.key_of(row), row)
        return list(once.values())


def _parties_of(found: Snapshot | None) -> list[int]:
    if found is None:
        return []
    own = (found.rows[facet] for facet in ("parties", "signatories", "events", "commitments"))
    return [row["party_id"] for rows in own for row in rows if row["party_id"]]


def _sources_of(found: Snapshot | None) -> set[int]:
    facets = [found.rows[facet] for facet in ("evidence", "events")] if found else []
    return {row["source_id"] for rows in facets for row in rows if row["source_id"]}
