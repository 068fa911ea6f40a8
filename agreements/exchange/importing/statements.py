"""What a file states about one agreement, and what becomes of it.

The mappings turn rows into statements: facts, rows, and the cells they come from. `planning` compares them with the
register and notes in each what to write, and `writing` writes that. What a statement does not mention stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from agreements.domain.choices import RowOutcome, Status
from agreements.exchange.importing.corrected import CorrectedRow, as_filed
from agreements.exchange.importing.differences import RowChanges, details_of, keys_of
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import FACETS, Snapshot, Values, as_json
from agreements.exchange.importing.refusals import Problem
from agreements.exchange.importing.remarks import Question, Remarks
from agreements.models import Agreement


@dataclass(frozen=True)
class Named:
    """A party as the file names it, with what else the file says about it; `row` is where."""

    name: str
    slug: str = ""
    kind: str = ""
    country: str = ""
    row: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        return self.name


@dataclass(frozen=True)
class Cited:
    """A source as the file gives it; `slug` if the file is the register's own; `row` is where."""

    publisher: str = ""
    title: str = ""
    url: str = ""
    language: str = ""
    slug: str = ""
    more: tuple[tuple[str, str], ...] = ()
    row: int = field(default=0, compare=False, repr=False)

    @property
    def label(self) -> str:
        return self.url or self.title


@dataclass
class Statement:
    """One agreement as the file has it, and what becomes of it.

    `facts` are columns of the agreement; `rows` are its rows by their facet in `records.FACETS`, with parties as
    `Named` and sources as `Cited` until `planning` finds them. The rows of facets in `added_only` are not the complete
    list. `columns` are the headings that a fact or facet comes from, `known_at` is the moment at which the file was
    current. `found` is the stored record, None for a new one.

    `new_facts` and `new_rows` are what the import writes; `changes` and `kept` say in words what changes, and what
    stays as staff have it. `key` is the id of the agreement once it is written, and 0 until then.

    `origin` are its rows. `filed` are the facts as the file itself has them, where staff corrected its cells.
    """

    row: int
    found: Snapshot | None = None
    facts: Values = field(default_factory=dict)
    rows: dict[str, list[Values]] = field(default_factory=dict)
    added_only: frozenset[str] = frozenset()
    ref: str = ""
    identifier: tuple[str, str] | None = None
    columns: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known_at: datetime | None = None
    # the facts that the file does not say, but a profile assumes
    assumed: set[str] = field(default_factory=set)
    # the status that the file states, its column and the text there; the register computes it itself
    status_said: tuple[Status, str, str] | None = None

    outcome: RowOutcome = RowOutcome.UNCHANGED
    new_facts: Values = field(default_factory=dict)
    new_rows: dict[str, RowChanges] = field(default_factory=dict)
    changes: list[list[str]] = field(default_factory=list)
    kept: list[list[str]] = field(default_factory=list)
    key: int = 0
    origin: Sequence[Row] = ()
    filed: Values = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.facts.get("title", ""))

    @property
    def new_parties(self) -> list[Values]:
        """The participations that would be created."""
        return self.new_rows["parties"].create if "parties" in self.new_rows else []

    @property
    def is_written(self) -> bool:
        return self.outcome in (RowOutcome.CREATED, RowOutcome.CHANGED)

    @property
    def facts_written(self) -> Values:
        """The facts of the agreement as it would be stored."""
        return {**self.found.facts, **self.new_facts} if self.found else self.new_facts

    def as_agreement(self) -> Agreement:
        """Return the agreement as it would be stored, unsaved and without its rows."""
        return Agreement(pk=self.found.key if self.found else None, **self.facts_written)

    def refuse(self, name: str, value: object, remedy: str, *, row: int = 0) -> None:
        """Refuse a value; `name` is its fact or facet. Each value is reported once."""
        problem = Problem(row or self.row, self.columns.get(name, name), str(value)[:200], remedy)
        told = {(known.value, known.remedy) for known in self.problems}
        if (problem.value, problem.remedy) not in told:
            self.problems.append(problem)

    def stated(self) -> Values:
        """Return what the file states, in the form its next import compares.

        What staff corrected is theirs: the file goes on saying what it said, and the next import keeps the correction.
        """
        facts = {name: as_json(value) for name, value in {**self.facts, **self.filed}.items()}
        rows = {f"rows:{name}": keys_of(FACETS[name], rows) for name, rows in self.rows.items()}
        details = {
            f"details:{name}": details_of(FACETS[name], rows)
            for name, rows in self.rows.items()
            if name in self.added_only and FACETS[name].details
        }
        return {**facts, **rows, **details}

    def before(self) -> Values:
        """Return what a change replaces: the facts it changes, and all rows of each facet it writes."""
        if self.found is None:
            return {}
        facts = {name: as_json(self.found.facts[name]) for name in self.new_facts}
        rows = {f"rows:{name}": as_json(self.found.rows[name]) for name in self.new_rows}
        return {**facts, **rows}


class Mapping:
    """Turns the rows of a file into statements; `areas` maps the slugs of the register's areas to ids.

    `remarks` are those on rows, as they are read. `questions`, `conclusions` and `warnings` are about the file as far as it
    has been read: what must be answered first, how columns were understood, and what looks wrong.

    In a subclass, `keys` returns the reference or identifier that names the record, `look_up` fetches what the
    statements of a block need, `statement` returns what the rows of one agreement state, and `facts` what they state about
    the agreement itself.
    """

    profile_name: str

    def __init__(self, areas: dict[str, int]) -> None:
        self.areas = areas
        self.remarks = Remarks()

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Yield the rows of each agreement, in the order of their first row."""
        return ([row] for row in rows)

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]:
        raise NotImplementedError

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]:
        self.look_up([group[0] for group in groups], [one for one in found if one])
        made = []
        for group, one in zip(groups, found, strict=True):
            statement = self.statement(group, one)
            statement.origin = group
            if any(isinstance(row, CorrectedRow) for row in group):
                statement.filed = self._filed(group, one)
            made.append(statement)
        return made

    def _filed(self, group: Sequence[Row], found: Snapshot | None) -> Values:
        """Return the facts that the file states without corrections; nothing is remarked about them."""
        remarks, self.remarks = self.remarks, Remarks()
        try:
            return self.facts([as_filed(row) for row in group], found)
        finally:
            self.remarks = remarks

    def facts(self, group: Sequence[Row], found: Snapshot | None) -> Values:
        """Return the facts that these rows state, by themselves."""
        raise NotImplementedError

    def questions(self) -> list[Question]:
        return []

    def conclusions(self) -> Remarks:
        return Remarks()

    def warnings(self) -> Remarks:
        return Remarks()

    def look_at(self, statement: Statement) -> None:
        """Note what the plan of a statement shows about the file; nothing by default."""

    def look_up(self, rows: Sequence[Row], found: Sequence[Snapshot]) -> None:
        """Fetch what the statements of these rows need; nothing by default."""

    def statement(self, group: Sequence[Row], found: Snapshot | None) -> Statement:
        raise NotImplementedError


class _Unsaved(Protocol):
    pk: int | None


_New = TypeVar("_New", bound=_Unsaved)


def unsaved(statements: Iterable[Statement], kind: type[_New]) -> list[_New]:
    """Return the new parties or sources (by their class, `kind`) that these write and nothing has stored yet, each once."""
    changes = (changes for each in statements for changes in each.new_rows.values())
    values = (value for each in changes for row in each.written for value in row.values())
    new = dict.fromkeys(value for value in values if isinstance(value, kind))
    return [one for one in new if one.pk is None]
