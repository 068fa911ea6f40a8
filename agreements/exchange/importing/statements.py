"""What a file states of one agreement: facts, rows, and the cells they come from.

The mappings make statements of rows; `planning` compares them with the register. What a statement does not mention, the
file says nothing of, and the import leaves alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import Snapshot
from agreements.exchange.importing.refusals import Problem

Values = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """A party as the file names it, with what else it says of it; `row` is where."""

    name: str
    slug: str = ""
    kind: str = ""
    country: str = ""
    row: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Cited:
    """A source as the file gives it; `slug` if the file is the register's own."""

    publisher: str = ""
    title: str = ""
    url: str = ""
    language: str = ""
    slug: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return self.url or self.title


@dataclass
class Statement:
    """One agreement as the file has it.

    `facts` are columns of the agreement; `rows` the rows that belong to it, by their facet in `records.FACETS`, in which
    parties are `Named` and sources `Cited`. Facets in `added_only` do not say that there is nothing else. `columns` are
    the headings that a fact or facet comes from, `known_at` the moment that the file knew the record of.
    """

    row: int
    facts: Values = field(default_factory=dict)
    rows: dict[str, list[Values]] = field(default_factory=dict)
    added_only: frozenset[str] = frozenset()
    ref: str = ""
    identifier: tuple[str, str] | None = None
    columns: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known_at: datetime | None = None

    @property
    def title(self) -> str:
        return str(self.facts.get("title", ""))

    def refuse(self, name: str, value: Any, remedy: str, *, row: int = 0) -> None:
        """Note that a value cannot be taken; `name` is the fact or facet that it is for. Said once of a value."""
        problem = Problem(row or self.row, self.columns.get(name, name), str(value)[:200], remedy)
        told = {(known.value, known.remedy) for known in self.problems}
        if (problem.value, problem.remedy) not in told:
            self.problems.append(problem)


@dataclass
class Remarks:
    """What is worth knowing of a file as a whole: how often, with the first few rows, and not a line for each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)

    def note(self, what: str, row: int) -> None:
        self.counts[what] += 1
        rows = self.examples.setdefault(what, [])
        if len(rows) < FEW and row not in rows:
            rows.append(row)


FEW = 5


class Mapping(Protocol):
    """Makes statements of rows. `keys` names the records in question, before the register is asked for them."""

    profile_name: str
    remarks: Remarks

    def grouped(self, rows: Iterable[Row]) -> Iterable[list[Row]]: ...

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]: ...

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]: ...
