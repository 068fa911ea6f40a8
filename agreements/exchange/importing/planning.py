"""Compares what a file states with the register, and says what importing it would do: created, changed, kept, refused.

Nothing is written here. A preview plans and stops; applying plans again, with the records locked, and writes. An import
remembers what its file stated: next time, this distinguishes the changes of the file from those of staff, which are
kept.

For each block of rows, `recognition` finds the records, the books find the parties and sources, `comparison` finds the
changes, `checking` asks the models, and `findings` counts what looks wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.domain.choices import RowOutcome
from agreements.domain.chunks import in_chunks
from agreements.exchange.importing.checking import Checks
from agreements.exchange.importing.comparison import Comparison, keep_removed, plan_new
from agreements.exchange.importing.findings import Findings
from agreements.exchange.importing.foreign import ForeignMapping
from agreements.exchange.importing.own_records import OwnRecords
from agreements.exchange.importing.own_rows import OwnRows
from agreements.exchange.importing.profiles import Profile
from agreements.exchange.importing.readers import Row, Table, where
from agreements.exchange.importing.recognition import Recognition, owners_of
from agreements.exchange.importing.reconciling import NewParty, PartyBook, Unknown
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values
from agreements.exchange.importing.sources import SourceBook
from agreements.exchange.importing.statements import Mapping, Statement, unsaved
from agreements.exchange.importing.words import RowWords
from agreements.models import Area, Erasure, Import

BLOCK = 500
_NEEDED_TO_MAKE_PARTIES = "agreements.add_party"


@dataclass(frozen=True)
class Incoming:
    """A file that the user `by` imports at the moment `at`.

    `profile` is None for the register's own columns, and `by` is None at the command line.
    """

    table: Table
    profile: Profile | None
    by: User | None
    at: datetime


class Planner:
    """Plans a file block by block. `book` and `sources` collect the parties and sources to create.

    `last_given` is the number of the last reference that was given before the import took any. `lock` keeps the records
    from other writers, as applying needs it; only a preview, without it, collects `findings`.
    """

    def __init__(self, run: Import, file: Incoming, *, last_given: int, lock: bool = False) -> None:
        self.by = file.by
        self.overwrites = run.overwrites
        may_make = self.by is None or self.by.has_perm(_NEEDED_TO_MAKE_PARTIES)
        self.book = PartyBook(
            file.profile.party_rules if file.profile else None,
            answers=run.answers,
            may_make=may_make,
            creates=run.creates_parties,
        )
        self.mapping = _mapping(file, self.book)
        self.sources = SourceBook()
        self.findings = Findings(self.book, at=file.at)
        self._sheets = file.table.sheets
        self.recognition = Recognition(
            self.mapping, last_given=last_given, lock=lock, sheets=self._sheets
        )
        self.is_preview = not lock
        # those of the rows that are not refused
        self.new_parties: dict[NewParty, None] = {}
        self._erased = set(Erasure.objects.values_list("replacement", flat=True))
        parties = dict.fromkeys(("party", "second_party", "third_party"), self.book)
        self._books: dict[str, Any] = {**parties, "source": self.sources}
        self._words = RowWords(self.book, self.sources)
        # the agreement of each identifier that the present block states, and the row that first took one
        self._owners: dict[tuple[str, str], int] = {}
        self._taken: dict[tuple[str, str], int] = {}
        self._checks = Checks()

    def blocks(self, rows: Iterable[Row]) -> Iterator[list[Statement]]:
        """Yield the planned statements in the order of the file, a few hundred at a time."""
        for groups in in_chunks(self.mapping.grouped(rows), BLOCK):
            yield self._block(groups)

    def _block(self, groups: list[list[Row]]) -> list[Statement]:
        found = self.recognition.find(groups)
        known = [one for one in found if one]
        statements = self.mapping.statements(groups, found)
        rows = [row for each in statements for some in each.rows.values() for row in some]
        self.sources.look_up(row["source"] for row in rows if row.get("source"))
        bases = self.recognition.bases([one.key for one in known])
        self._words.look_up(known)
        self._owners = owners_of(
            (row["scheme"], row["value"])
            for each in statements
            for row in each.rows.get("identifiers", ())
        )
        for statement in statements:
            self._plan(statement, bases)
        written = [each for each in statements if each.is_written]
        self.new_parties.update(dict.fromkeys(unsaved(written, NewParty)))
        if self.is_preview:
            new = [each for each in statements if each.outcome == RowOutcome.CREATED]
            self.findings.note_look_alikes(new)
        return statements

    def _plan(self, statement: Statement, bases: dict[int, Values]) -> None:
        self.recognition.check(statement)
        self._resolve(statement)
        if not statement.problems:
            self._compare(statement, bases)
        if not statement.problems and statement.is_written:
            self._checks.check(statement)
            self._check_identifiers(statement)
        if statement.problems:
            statement.outcome = RowOutcome.REFUSED
        elif statement.outcome == RowOutcome.CREATED:
            self.recognition.note_given(statement.ref)
            if self.is_preview:
                self.findings.look_at(statement)
        if self.is_preview and not statement.problems:
            self.mapping.look_at(statement)

    def _check_identifiers(self, statement: Statement) -> None:
        """Refuse an identifier that another agreement has, or another row of the file states."""
        new = statement.new_rows.get("identifiers")
        for row in new.create if new else ():
            one = (row["scheme"], row["value"])
            if one in self._owners:
                remedy = _(
                    "Another agreement already has this identifier. Correct it, or remove it there first."
                )
                statement.refuse("identifiers", " ".join(one), remedy)
            elif (first := self._taken.setdefault(one, statement.row)) != statement.row:
                remedy = _("Row %(row)s already states this identifier. Keep it in one of the two.")
                told = remedy % {"row": where(first, self._sheets)}
                statement.refuse("identifiers", " ".join(one), told)

    def _compare(self, statement: Statement, bases: dict[int, Values]) -> None:
        found, overwrites = statement.found, self.overwrites
        removed = self.recognition.removed_ref(statement) if found is None else ""
        if found:
            base = bases.get(found.key, {})
            comparison = Comparison(
                statement, found, base, self._words, overwrites=overwrites, erased=self._erased
            )
            comparison.plan(self.by)
        elif removed and not overwrites:
            keep_removed(statement, removed)
        else:
            plan_new(statement, self._words)

    # From names to ids

    def _resolve(self, statement: Statement) -> None:
        """Replace the names of parties and sources with ids in all rows, and refuse those that cannot be found."""
        among = {name: _linked(statement.found, f"{name}_id") for name in self._books}
        for facet, rows in statement.rows.items():
            for row in rows:
                for name in [name for name in among if name in row]:
                    named = row.pop(name)
                    found = self._books[name].find(named, among[name]) if named else None
                    if isinstance(found, Unknown | str):
                        remedy = found if isinstance(found, str) else found.remedy
                        statement.refuse(facet, named.label, remedy, row=named.row)
                        found = None
                    row[f"{name}_id"] = found
            if not statement.problems:
                statement.rows[facet] = self._each_once(statement, FACETS[facet], rows)

    def _each_once(self, statement: Statement, facet: Facet, rows: list[Values]) -> list[Values]:
        once: dict[tuple[object, ...], Values] = {}
        for row in rows:
            is_repeated = once.setdefault(facet.key_of(row), row) is not row
            if is_repeated and facet.name == "parties":
                remark = _("parties named twice in the same row; entered once")
                self.mapping.remarks.note(remark, statement.row)
        return list(once.values())


def _linked(found: Snapshot | None, column: str) -> list[int]:
    rows = [row for some in found.rows.values() for row in some] if found else []
    return [row[column] for row in rows if row.get(column)]


def _mapping(file: Incoming, book: PartyBook) -> Mapping:
    areas = dict(Area.objects.values_list("slug", "pk"))
    if file.profile:
        profile = file.profile.resolved(file.table.headings)
        return ForeignMapping(profile, book, areas, timezone.localdate(file.at))
    own = OwnRecords if file.table.format == "json" else OwnRows
    return own(file.table, book, areas, timezone.localdate(file.at))
