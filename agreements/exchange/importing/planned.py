"""What becomes of one agreement of a file, and what an import remembers of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agreements.domain.choices import RowOutcome
from agreements.exchange.importing.differences import RowChanges, details_of, keys_of
from agreements.exchange.importing.records import FACETS, Snapshot, Values, as_json
from agreements.exchange.importing.refusals import Problem
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement


@dataclass
class Planned:
    """What becomes of one agreement of the file. `changes` and `kept` are in words, for people."""

    statement: Statement
    outcome: RowOutcome
    found: Snapshot | None = None
    facts: Values = field(default_factory=dict)
    rows: dict[str, RowChanges] = field(default_factory=dict)
    changes: list[list[str]] = field(default_factory=list)
    kept: list[list[str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def written(self) -> dict[str, list[Values]]:
        """The rows that would be created or updated, by facet."""
        return {name: [*rows.create, *rows.update] for name, rows in self.rows.items()}

    @property
    def new_parties(self) -> list[Values]:
        """The participations that would be created."""
        return self.rows["parties"].create if "parties" in self.rows else []

    def as_agreement(self) -> Agreement:
        """Return the agreement as it would be stored, unsaved and without its rows."""
        facts = {**(self.found.facts if self.found else {}), **self.facts}
        return Agreement(pk=self.found.key if self.found else None, **facts)

    @property
    def digest_part(self) -> str:
        """What the preview shows, with everything it would replace in full: the words are cut short."""
        facts = {name: as_json(value) for name, value in self.facts.items()}
        replaced = before_as_json(self)
        return repr((self.statement.row, self.outcome.value, self.changes, facts, replaced))


@dataclass(frozen=True)
class Wishes:
    """What the person who imports asked for, and when; `by` is None at the command line."""

    at: datetime
    by: Any = None
    overwrites: bool = False
    creates_parties: bool = False


def stated_as_json(statement: Statement) -> Values:
    """Return what a file stated about an agreement, in the form its next import compares."""
    facts = {name: as_json(value) for name, value in statement.facts.items()}
    rows = {f"rows:{name}": keys_of(FACETS[name], rows) for name, rows in statement.rows.items()}
    details = {
        f"details:{name}": details_of(FACETS[name], rows)
        for name, rows in statement.rows.items()
        if name in statement.added_only and FACETS[name].details
    }
    return {**facts, **rows, **details}


def before_as_json(planned: Planned) -> Values:
    """Return what a change replaces: the facts it changes, and all rows of each facet it writes."""
    if planned.found is None:
        return {}
    facts = {name: as_json(planned.found.facts[name]) for name in planned.facts}
    rows = {f"rows:{name}": as_json(planned.found.rows[name]) for name in planned.rows}
    return {**facts, **rows}
