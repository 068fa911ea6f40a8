"""What a file states about one agreement: facts, rows, and the cells they come from.

The mappings turn rows into statements; `planning` compares them with the register. The import leaves alone whatever a
statement does not mention.
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
    """A party as the file names it, with what else the file says about it; `row` is where."""

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

    `facts` are columns of the agreement; `rows` are its rows by their facet in `records.FACETS`, with parties as
    `Named` and sources as `Cited`. The rows of facets in `added_only` are not the complete list. `columns` are the
    headings that a fact or facet comes from, `known_at` is the moment at which the file was current.
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
        """Note that a value cannot be taken; `name` is its fact or facet. Each value is reported once."""
        problem = Problem(row or self.row, self.columns.get(name, name), str(value)[:200], remedy)
        told = {(known.value, known.remedy) for known in self.problems}
        if (problem.value, problem.remedy) not in told:
            self.problems.append(problem)


@dataclass
class Remarks:
    """Remarks on a file as a whole, each with its count and its first few rows."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)

    def note(self, what: str, row: int) -> None:
        self.counts[what] += 1
        rows = self.examples.setdefault(what, [])
        if len(rows) < FEW and row not in rows:
            rows.append(row)


FEW = 5


class Mapping(Protocol):
    """Turns rows into statements. `keys` names the records in question before they are looked up."""

    profile_name: str
    remarks: Remarks

    def grouped(self, rows: Iterable[Row]) -> Iterable[list[Row]]: ...

    def keys(self, group: Sequence[Row]) -> tuple[str, tuple[str, str] | None]: ...

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]: ...
