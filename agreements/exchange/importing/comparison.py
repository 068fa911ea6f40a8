"""Compares a statement with the stored record: what changes, what stays as staff have it, and what is refused."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC

from django.utils.translation import gettext as _

from agreements.curation.history.completeness import sentence
from agreements.domain import permissions
from agreements.domain.choices import Publication, Role, RowOutcome
from agreements.domain.completeness import Need, needs_of
from agreements.domain.value_types import same
from agreements.exchange.importing.differences import Additions, RowChanges, keys_of, row_changes
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values, as_json
from agreements.exchange.importing.statements import Statement
from agreements.exchange.importing.words import LONGEST_SHOWN, RowWords

_NEEDED_FOR = {Need.TITLE: "title", Need.PARTIES: "parties", Need.SOURCE: "evidence"}


def plan_new(statement: Statement, words: RowWords) -> None:
    """Plan a new record with all that the file states."""
    statement.outcome = RowOutcome.CREATED
    statement.new_facts = dict(statement.facts)
    statement.new_rows = {
        name: RowChanges(create=rows) for name, rows in statement.rows.items() if rows
    }
    statement.changes = [
        words.of_fact(name, None, value)
        for name, value in statement.facts.items()
        if value not in ("", None)
    ]
    told = (words.of_changes(FACETS[name], rows) for name, rows in statement.new_rows.items())
    statement.changes += filter(_says_something, told)


def _says_something(words: Sequence[str]) -> bool:
    """Whether a change in words has a value before or after."""
    _label, before, after = words
    return bool(before or after)


def keep_removed(statement: Statement, ref: str) -> None:
    """Create nothing: an earlier import of such a file created the record as `ref`, and staff have deleted it."""
    statement.outcome = RowOutcome.KEPT
    nothing = _("nothing: %(ref)s was deleted") % {"ref": ref}
    statement.kept.append([_("record"), nothing, statement.title[:LONGEST_SHOWN]])


class Comparison:
    """Plans the changes that a statement asks for.

    `base` is what the last import of such a file stated. Where the file still says the same, the difference comes from
    staff, so their value stays; where both have changed a value, the statement is refused. With `overwrites`, or if the
    file was made from the record as it is now, the file's value is taken in both cases.

    `erased` are the replacements of names that were erased. Where `base` has one, the file probably still has the name,
    so its value is refused.
    """

    def __init__(
        self, statement: Statement, found: Snapshot, base: Values, words: RowWords, *,
        overwrites: bool, erased: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.statement = statement
        self.found = found
        self.words = words
        self.overwrites = overwrites
        updated_at = found.updated_at.astimezone(UTC).replace(microsecond=0)
        self.is_fresh = statement.known_at == updated_at
        self.base = {} if overwrites or self.is_fresh else base
        # even for a fresh file, additions need to know which rows it named last time
        self.named = base
        self.erased = erased

    def plan(self, by: permissions.Person | None) -> None:
        for name in self.statement.facts:
            self._compare_fact(name)
        for name in self.statement.rows:
            self._compare_rows(FACETS[name])
        if self.statement.new_facts or self.statement.new_rows:
            self.statement.outcome = RowOutcome.CHANGED
            self._check_rights(by)
            self._check_completeness()
            self._check_fresh()
        elif self.statement.kept:
            self.statement.outcome = RowOutcome.KEPT

    def _compare_fact(self, name: str) -> None:
        value, current = self.statement.facts[name], self.found.facts[name]
        if same(value, current):
            return
        self._refuse_erased(name, name)
        words = self.words.of_fact(name, current, value)
        if self._is_taken(name, as_json(value), as_json(current), words):
            self.statement.new_facts[name] = value

    def _compare_rows(self, facet: Facet) -> None:
        stated, current = self.statement.rows[facet.name], self.found.rows[facet.name]
        is_whole = facet.name not in self.statement.added_only
        if is_whole:
            wanted = stated
        else:
            additions = Additions(facet, stated, current, self.named, overwrites=self.overwrites)
            wanted = additions.wanted
            for stands, said in additions.disputed:
                self._refuse_disputed(facet.name, str(said), str(stands))
        changes = row_changes(facet, wanted, current)
        if not changes:
            return
        self._refuse_erased(facet.name, f"rows:{facet.name}", f"details:{facet.name}")
        words = self.words.of_changes(facet, changes)
        if not is_whole:
            self.statement.changes += filter(_says_something, [words])
        elif not self._is_taken(
            f"rows:{facet.name}", keys_of(facet, stated), keys_of(facet, current), words
        ):
            return
        self.statement.new_rows[facet.name] = changes

    def _is_taken(self, name: str, stated: object, current: object, words: list[str]) -> bool:
        """Return whether the file's value replaces the record's, and describe the outcome in words."""
        if name in self.base and same(self.base[name], stated):
            self.statement.kept.append(words)
            return False
        if name in self.base and not same(self.base[name], current):
            self._refuse_disputed(name.removeprefix("rows:"), words[2], words[1])
        self.statement.changes.append(words)
        return True

    def _refuse_disputed(self, name: str, stated: str, stands: str) -> None:
        remedy = _(
            "Staff have changed this since the last import, to: %(now)s. The file changed it too. "
            "Correct the file, or choose to overwrite what staff changed."
        )
        self.statement.refuse(name, stated, remedy % {"now": stands or _("nothing")})

    def _refuse_erased(self, name: str, *remembered: str) -> None:
        """Refuse a changed value if a name was erased from it since the last import."""
        said = json.dumps([self.named.get(each) for each in remembered], ensure_ascii=False)
        texts = (json.dumps(text, ensure_ascii=False)[1:-1] for text in self.erased)
        if not self.overwrites and any(text in said for text in texts):
            remedy = _(
                "A person's name was erased here since the last import, and the file may still contain it. "
                "Correct the file, or choose to overwrite what staff changed."
            )
            self.statement.refuse(name, "", remedy)

    # What may not be changed

    def _check_fresh(self) -> None:
        """Refuse to change a record from a file that is older than its last change, even one made by an import."""
        known_at = self.statement.known_at
        if known_at is None or self.is_fresh or self.overwrites:
            return
        remedy = _(
            "The record was changed on %(at)s, after this file was made. Export it again, or choose "
            "to overwrite what staff changed."
        )
        changed_at = self.found.updated_at.astimezone(UTC).isoformat(timespec="seconds")
        self.statement.refuse("updated_at", known_at.isoformat(), remedy % {"at": changed_at})

    def _check_rights(self, by: permissions.Person | None) -> None:
        if by is None or permissions.may_change(by, self.found):
            return
        remedy = _(
            "%(ref)s is %(publication)s: only a publisher may change it. Ask one, or leave the row out."
        )
        ref, publication = self.found.ref, Publication(self.found.publication).label
        self.statement.refuse("ref", ref, remedy % {"ref": ref, "publication": publication})

    def _check_completeness(self) -> None:
        """Refuse to remove what a published record needs in order to stay public."""
        if self.found.publication != Publication.PUBLISHED:
            return
        had_not = _needs(self.found.facts, self.found.rows)
        left = {name: self._rows_left(name) for name in ("parties", "evidence")}
        for need in _needs({**self.found.facts, **self.statement.new_facts}, left):
            if need not in had_not:
                self.statement.refuse(_NEEDED_FOR[need], "", sentence(need, [self.found.ref]))

    def _rows_left(self, name: str) -> list[Values]:
        current, changes = self.found.rows[name], self.statement.new_rows.get(name, RowChanges())
        changed = {row["id"] for row in (*changes.update, *changes.delete)}
        return [*(row for row in current if row["id"] not in changed), *changes.written]


def _needs(facts: Values, rows: Mapping[str, list[Values]]) -> list[Need]:
    return needs_of(
        title=facts["title"],
        parties=sum(row["role"] == Role.PARTY for row in rows["parties"]),
        parties_note=facts["parties_note"],
        evidence=len(rows["evidence"]),
    )
