"""Compares what a file states with the register, and says what importing it would do: created, changed, kept, refused.

Nothing is written here. A preview plans and stops; applying plans again, with the records locked, and writes. An import
remembers what its file stated. Next time this tells what the file has changed from what staff have changed, which is kept.

For each block of rows: `recognition` finds the records, `resolution` the parties and sources, `comparison` the changes,
`checking` asks the models, and `findings` counts what looks wrong.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from agreements.domain.choices import RowOutcome
from agreements.exchange.importing.checking import ModelChecks
from agreements.exchange.importing.comparison import Comparison, RowWords
from agreements.exchange.importing.findings import Findings
from agreements.exchange.importing.planned import Planned, Wishes
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.recognition import Recognition
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot, Values
from agreements.exchange.importing.resolution import Resolution
from agreements.exchange.importing.sources import SourceBook
from agreements.exchange.importing.statements import Mapping, Statement

BLOCK = 500


class Planner:
    """Plans a file block by block. `book` and `sources` collect the parties and sources that will have to be made.

    `last_given` is the number of the last reference that was given before the import took any. `lock` keeps the records
    from other writers, as applying needs it; only a preview, without it, collects `findings`.
    """

    def __init__(
        self,
        mapping: Mapping,
        book: PartyBook,
        wishes: Wishes,
        *,
        last_given: int,
        lock: bool = False,
    ) -> None:
        self.mapping = mapping
        self.book = book
        self.sources = SourceBook()
        self.findings = Findings(book, at=wishes.at)
        self.recognition = Recognition(mapping, last_given=last_given, lock=lock)
        self.is_preview = not lock
        self._resolution = Resolution(book, self.sources, mapping.remarks)
        self._words = RowWords(book, self.sources)
        self._comparison = Comparison(mapping.profile_name, wishes, self._words)
        self._checks = ModelChecks()

    def blocks(self, rows: Iterable[Row]) -> Iterator[list[Planned]]:
        """Yield what becomes of the agreements of the file, in its order, a few hundred at a time."""
        groups = iter(self.mapping.grouped(rows))
        while some := list(islice(groups, BLOCK)):
            yield self._block(some)

    def _block(self, groups: list[list[Row]]) -> list[Planned]:
        found = self.recognition.find(groups)
        statements = self.mapping.statements(groups, found)
        self._resolution.look_up(statements)
        bases = self.recognition.bases([one.key for one in found if one])
        self._words.look_up(found)
        planned = [
            self._planned(statement, one, bases.get(one.key, {}) if one else {})
            for statement, one in zip(statements, found, strict=True)
        ]
        if self.is_preview:
            new = [one for one in planned if one.outcome == RowOutcome.CREATED]
            self.findings.note_look_alikes(new)
        return planned

    def _planned(self, statement: Statement, found: Snapshot | None, base: Values) -> Planned:
        planned = Planned(statement, RowOutcome.UNCHANGED if found else RowOutcome.CREATED, found)
        self.recognition.check(statement, found)
        self._resolution.resolve(statement, found)
        if not statement.problems:
            if found is None:
                self._comparison.plan_new(planned)
            else:
                self._comparison.plan_changes(planned, found, base)
        if not statement.problems and planned.outcome in (RowOutcome.CREATED, RowOutcome.CHANGED):
            self._checks.check(statement, planned.as_agreement(), planned.written)
        if statement.problems:
            planned.outcome, planned.problems = RowOutcome.REFUSED, statement.problems
        elif planned.outcome == RowOutcome.CREATED:
            self.recognition.note_given(statement.ref)
            if self.is_preview:
                self.findings.look_at(planned)
        return planned
