"""Compares what a statement says with the record it is of: what changes, what stays as staff have it, what is refused."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from agreements.curation.history.completeness import sentence
from agreements.domain import permissions
from agreements.domain.choices import ImportState, Publication, Role, RowOutcome
from agreements.domain.completeness import Need, needs_of
from agreements.domain.value_types import same
from agreements.exchange.importing.differences import (
    Additions,
    RowChanges,
    keys_of,
    named_keys_of,
    row_changes,
)
from agreements.exchange.importing.planned import Planned, Wishes
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values, as_json
from agreements.exchange.importing.sources import SourceBook
from agreements.exchange.importing.statements import Statement
from agreements.exchange.importing.words import (
    LONGEST_SHOWN,
    fact_in_words,
    field_label,
    row_in_words,
)
from agreements.models import Agreement, Area, ImportedRecord


class RowWords:
    """Rows in words: each id by the name of what it stands for."""

    def __init__(self, book: PartyBook, sources: SourceBook) -> None:
        self.book = book
        self.sources = sources
        self._refs: dict[int, str] = {}

    def look_up(self, found: Sequence[Snapshot | None]) -> None:
        """Fetch the references of the related agreements that changes may name."""
        rows = [one.rows for one in found if one]
        targets = {row["target_id"] for facets in rows for row in facets["relations"]}
        if targets:
            self._refs |= dict(Agreement.objects.filter(pk__in=targets).values_list("pk", "ref"))

    def of_changes(self, facet: Facet, changes: RowChanges) -> list[str]:
        after = self.of_rows(facet.name, [*changes.create, *changes.update])
        if changes.order and not after and not changes.delete:
            after = _("in another order")
        return [str(facet.label), self.of_rows(facet.name, changes.delete), after]

    def of_rows(self, facet: str, rows: list[Values]) -> str:
        names = {
            "party_id": self.book.name_of,
            "source_id": lambda key: self.sources.label(key) if key else "",
            "area_id": lambda key: self._areas.get(key, ""),
            "target_id": lambda key: self._refs.get(key, ""),
        }
        return row_in_words(facet, rows, names)

    @cached_property
    def _areas(self) -> dict[int, str]:
        return dict(Area.objects.values_list("pk", "name"))


class Comparison:
    """Plans the changes that one statement asks for, to a new record or to a known one."""

    def __init__(self, profile_name: str, wishes: Wishes, words: RowWords) -> None:
        self.profile_name = profile_name
        self.wishes = wishes
        self.words = words

    def plan_new(self, planned: Planned) -> None:
        removed = self._removed_by_staff.get(planned.statement.identifier or ("", ""))
        if removed and not self.wishes.overwrites:
            planned.outcome = RowOutcome.KEPT
            words = _("nothing: %(ref)s was deleted") % {"ref": removed}
            planned.kept.append([_("record"), words, planned.statement.title[:LONGEST_SHOWN]])
            return
        planned.facts = dict(planned.statement.facts)
        planned.rows = {
            name: RowChanges(create=rows) for name, rows in planned.statement.rows.items() if rows
        }
        planned.changes = [
            [field_label(name), "", fact_in_words(name, value)]
            for name, value in planned.facts.items()
            if value not in ("", None)
        ]
        planned.changes += [
            [str(FACETS[name].label), "", self.words.of_rows(name, rows.create)]
            for name, rows in planned.rows.items()
        ]

    @cached_property
    def _removed_by_staff(self) -> dict[tuple[str, str], str]:
        """The references of records that such a file brought and somebody has deleted since, by identifier."""
        lines = ImportedRecord.objects.filter(
            agreement=None,
            run__state=ImportState.APPLIED,
            run__profile=self.profile_name,
        )
        stated = lines.values_list("ref", "stated__rows:identifiers")
        return {(scheme, value): ref for ref, rows in stated for scheme, value in rows or ()}

    def plan_changes(self, planned: Planned, found: Snapshot, base: Values) -> None:
        differing = [*self._facts_that_differ(planned, found, base)]
        differing += [*self._rows_that_differ(planned, found, base)]
        if differing:
            planned.outcome = RowOutcome.CHANGED
            self._check_rights(planned, found)
            _check_completeness(planned, found)
            self._check_fresh(planned, found)
        elif planned.kept:
            planned.outcome = RowOutcome.KEPT

    def _facts_that_differ(self, planned: Planned, found: Snapshot, base: Values) -> Iterator[str]:
        for name, value in planned.statement.facts.items():
            current = found.facts[name]
            if same(value, current):
                continue
            words = [field_label(name), fact_in_words(name, current), fact_in_words(name, value)]
            if self._is_kept(planned, found, base, name, as_json(value), as_json(current)):
                planned.kept.append(words)
                continue
            self._note_conflict(planned, found, base, name, as_json(current), words)
            planned.facts[name] = value
            planned.changes.append(words)
            yield name

    def _is_kept(
        self, planned: Planned, found: Snapshot, base: Values, name: str, stated: Any, current: Any
    ) -> bool:  # fmt: skip
        """Whether the file says what it said before, so that the difference is the work of staff."""
        if self.wishes.overwrites or self._is_fresh(planned.statement, found):
            return False
        return name in base and same(base[name], stated)

    def _note_conflict(
        self, planned: Planned, found: Snapshot, base: Values, name: str, current: Any, words: list[str]
    ) -> None:  # fmt: skip
        """Refuse what both the file and the staff have changed since the last import."""
        is_settled = self.wishes.overwrites or self._is_fresh(planned.statement, found)
        if is_settled or name not in base or same(base[name], current):
            return
        _refuse_disputed(planned.statement, name, words[2], words[1])

    def _is_fresh(self, statement: Statement, found: Snapshot) -> bool:
        """Whether the file was made from the record as it stands now."""
        known_at = statement.known_at
        return known_at is not None and known_at == found.updated_at.astimezone(UTC).replace(
            microsecond=0
        )

    def _check_fresh(self, planned: Planned, found: Snapshot) -> None:
        """Refuse to change a record from a file that is older than its last change, even one made by an import."""
        statement = planned.statement
        if statement.known_at is None or self._is_fresh(statement, found) or self.wishes.overwrites:
            return
        statement.refuse(
            "updated_at",
            statement.known_at.isoformat(),
            _(
                "The record was changed on %(at)s, after this file was made. Export it again, or choose "
                "to overwrite what staff changed."
            )
            % {"at": found.updated_at.astimezone(UTC).isoformat(timespec="seconds")},
        )

    def _check_rights(self, planned: Planned, found: Snapshot) -> None:
        if self.wishes.by is None or permissions.may_change(self.wishes.by, found):
            return
        planned.statement.refuse(
            "ref",
            found.ref,
            _(
                "%(ref)s is %(publication)s: only a publisher may change it. Ask one, or leave the row out."
            )
            % {"ref": found.ref, "publication": Publication(found.publication).label},
        )

    def _rows_that_differ(self, planned: Planned, found: Snapshot, base: Values) -> Iterator[str]:
        for name, stated in planned.statement.rows.items():
            facet, current, wanted = FACETS[name], found.rows[name], stated
            if name in planned.statement.added_only:
                said = base.get(f"rows:{name}", ()), base.get(f"details:{name}", ())
                additions = Additions(facet, stated, *said)
                wanted = additions.wanted(current, overwrites=self.wishes.overwrites)
                self._note_disputes(planned, additions, current)
            changes = row_changes(facet, wanted, current)
            if not changes:
                continue
            words = self.words.of_changes(facet, changes)
            is_list_kept = name not in planned.statement.added_only and self._is_kept(
                planned,
                found,
                named_keys_of(base),
                name,
                keys_of(facet, stated),
                keys_of(facet, current),
            )
            if is_list_kept:
                planned.kept.append(words)
                continue
            if name not in planned.statement.added_only:
                self._note_conflict(
                    planned, found, named_keys_of(base), name, keys_of(facet, current), words
                )
            planned.rows[name] = changes
            planned.changes.append(words)
            yield f"rows:{name}"

    def _note_disputes(self, planned: Planned, additions: Additions, current: list[Values]) -> None:
        disputes = () if self.wishes.overwrites else additions.disputed(current)
        for stands, stated in disputes:
            _refuse_disputed(planned.statement, additions.facet.name, str(stated), str(stands))


def _refuse_disputed(statement: Statement, name: str, stated: str, stands: str) -> None:
    statement.refuse(
        name,
        stated,
        _(
            "Staff have changed this since the last import, to: %(now)s. The file changed it too. "
            "Correct the file, or choose to overwrite what staff changed."
        )
        % {"now": stands or _("nothing")},
    )


def _check_completeness(planned: Planned, found: Snapshot) -> None:
    """Refuse to take away what a published record needs to be public."""
    if found.publication != Publication.PUBLISHED:
        return
    had_not = _needs(found.facts, found.rows)
    left = {name: _rows_left(found.rows[name], planned.rows.get(name)) for name in _NEEDED}
    for need in _needs({**found.facts, **planned.facts}, left):
        if need not in had_not:
            planned.statement.refuse(_NEEDED_FOR[need], "", sentence(need, [found.ref]))


_NEEDED = ("parties", "evidence")
_NEEDED_FOR = {Need.TITLE: "title", Need.PARTIES: "parties", Need.SOURCE: "evidence"}


def _needs(facts: Values, rows: dict[str, list[Values]]) -> list[Need]:
    return needs_of(
        title=facts["title"],
        parties=sum(row["role"] == Role.PARTY for row in rows["parties"]),
        parties_note=facts["parties_note"],
        evidence=len(rows["evidence"]),
    )


def _rows_left(current: list[Values], changes: RowChanges | None) -> list[Values]:
    if changes is None:
        return current
    updated = {row["id"]: row for row in changes.update}
    gone = {row["id"] for row in changes.delete}
    kept = [updated.get(row["id"], row) for row in current if row["id"] not in gone]
    return [*kept, *changes.create]
