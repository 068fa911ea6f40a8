"""Compares what a file states with the register, and says what taking it in would do: created, changed, kept, refused.

Nothing is written here. A preview plans and stops; applying plans again, with the records locked, and writes. What a
file stated when it was last taken in is remembered: by that an import tells what its file has changed from what staff
have changed since, and keeps the latter.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Value
from django.db.models.functions import Left, StrIndex
from django.utils.translation import gettext as _
from reversion.models import Version

from agreements.curation.history.completeness import sentence
from agreements.curation.quality_checks import Oddity, oddities_of_facts
from agreements.domain import permissions
from agreements.domain.choices import ImportState, Publication, Role, RowOutcome
from agreements.domain.completeness import Need, needs_of
from agreements.exchange.importing.checking import ModelChecks
from agreements.exchange.importing.differences import (
    Additions,
    RowChanges,
    details_of,
    keys_of,
    named_keys_of,
    row_changes,
    same,
)
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.reconciling import NewParty, PartyBook, Unknown
from agreements.exchange.importing.records import (
    FACETS,
    Facet,
    Snapshot,
    Values,
    as_json,
    snapshots,
)
from agreements.exchange.importing.refusals import Problem
from agreements.exchange.importing.sources import SourceBook
from agreements.exchange.importing.statements import Cited, Mapping, Named, Statement
from agreements.exchange.importing.words import (
    LONGEST_SHOWN,
    fact_in_words,
    field_label,
    row_in_words,
)
from agreements.models import (
    Agreement,
    Area,
    ExternalIdentifier,
    ImportedRecord,
    Participation,
    Party,
)
from agreements.models.references import REF_PATTERN, number_of

BLOCK = 500
LONGEST_REF = 24
# So far beyond the last one may a file give a reference: what is further off is mistyped, and would move every later one.
FURTHEST_REF = 100_000
MOST_LOOK_ALIKES = 20
_WELL_FORMED = re.compile(REF_PATTERN)
_PARTY, _SOURCE = "party", "source"


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
    def digest_part(self) -> str:
        """What the preview shows, with all of what it would replace: words are cut short."""
        facts = {name: as_json(value) for name, value in self.facts.items()}
        replaced = before_as_json(self)
        return repr((self.statement.row, self.outcome.value, self.changes, facts, replaced))


@dataclass(frozen=True)
class Wishes:
    """What the person who imports has said, and when: who they are (None at the command line), and how to go about it."""

    at: datetime
    by: Any = None
    overwrites: bool = False
    creates_parties: bool = False


class Planner:
    """Plans a file block by block. `book` and `sources` collect what will have to be made.

    `last_given` is the number of the last reference that was given before the import took any.
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
        self.wishes = wishes
        self.lock = lock
        self.last_given = self.highest_given = last_given
        self.oddities: Counter[str] = Counter()
        self.odd_examples: dict[str, list[int]] = {}
        # the row of a new record, and the references of those that are there and say the same
        self.look_alikes: list[tuple[int, list[str]]] = []
        self.further_look_alikes = 0
        self._seen: dict[Any, int] = {}
        self._removed_refs: set[str] = set()
        self._twins: Counter[tuple[str, str]] = Counter()
        self._checks = ModelChecks()
        self._labels: dict[str, dict[int, str]] = {"areas": {}, "relations": {}}

    def blocks(self, rows: Iterable[Row]) -> Iterator[list[Planned]]:
        """Yield what becomes of the agreements of the file, in its order, a few hundred at a time."""
        groups = iter(self.mapping.grouped(rows))
        while some := list(islice(groups, BLOCK)):
            yield self._block(some)

    def _block(self, groups: list[list[Row]]) -> list[Planned]:
        found = self._found(groups)
        statements = self.mapping.statements(groups, found)
        self._look_up(statements)
        bases = self._bases([one.key for one in found if one])
        self._note_names(found)
        planned = [
            self._planned(statement, one, bases.get(one.key) if one else None)
            for statement, one in zip(statements, found, strict=True)
        ]
        if not self.lock:
            self._note_look_alikes([one for one in planned if one.outcome == RowOutcome.CREATED])
        return planned

    # Which agreements the rows are

    def _found(self, groups: Sequence[Sequence[Row]]) -> list[Snapshot | None]:
        keys = [self.mapping.keys(group) for group in groups]
        refs = {ref for ref, _identifier in keys if ref}
        identifiers = {identifier for _ref, identifier in keys if identifier}
        by_ref = (
            dict(Agreement.objects.filter(ref__in=refs).values_list("ref", "pk")) if refs else {}
        )
        by_identifier = _by_identifier(identifiers)
        self._removed_refs = _removed(refs - by_ref.keys())
        ids = [by_ref.get(ref) or by_identifier.get(identifier) for ref, identifier in keys]  # type: ignore[arg-type]
        known = snapshots([key for key in ids if key], lock=self.lock)
        return [known.get(key) if key else None for key in ids]

    def _look_up(self, statements: Sequence[Statement]) -> None:
        rows = [row for s in statements for facet in s.rows.values() for row in facet]
        self.sources.look_up(row[_SOURCE] for row in rows if isinstance(row.get(_SOURCE), Cited))

    def _bases(self, keys: list[int]) -> dict[int, Values]:
        """Return what the file of this kind stated of these records when it was last taken in."""
        if not keys:
            return {}
        stated = ImportedRecord.objects.filter(
            agreement__in=keys,
            run__state=ImportState.APPLIED,
            run__profile=self.mapping.profile_name,
        )
        merged: dict[int, Values] = {}
        for key, values in stated.order_by("pk").values_list("agreement_id", "stated"):
            merged.setdefault(key, {}).update(values)
        return merged

    def _note_names(self, found: Sequence[Snapshot | None]) -> None:
        """Fetch the names that changes are told in: of areas and of related agreements."""
        rows = [one.rows for one in found if one]
        targets = {row["target_id"] for facets in rows for row in facets["relations"]}
        if targets:
            self._labels["relations"] |= dict(
                Agreement.objects.filter(pk__in=targets).values_list("pk", "ref")
            )

    # What becomes of one

    def _planned(
        self, statement: Statement, found: Snapshot | None, base: Values | None
    ) -> Planned:
        planned = Planned(statement, RowOutcome.UNCHANGED if found else RowOutcome.CREATED, found)
        self._refuse_twice(statement, found)
        if found is None:
            self._check_new_ref(statement)
        self._resolve(statement, found)
        if not statement.problems:
            if found is None:
                self._plan_new(planned)
            else:
                self._plan_changes(planned, found, base or {})
        if not statement.problems:
            self._check(planned)
        if statement.problems:
            planned.outcome, planned.problems = RowOutcome.REFUSED, statement.problems
        elif planned.outcome == RowOutcome.CREATED:
            self.highest_given = max(self.highest_given, number_of(statement.ref) or 0)
            if not self.lock:
                self._count_oddities(planned)
        return planned

    def _refuse_twice(self, statement: Statement, found: Snapshot | None) -> None:
        """Refuse a second row of one record: of the same name, or of another that leads to it as well."""
        keys = [statement.ref or statement.identifier, *([found.key] if found else [])]
        first = min(self._seen.setdefault(key, statement.row) for key in keys)
        if first != statement.row:
            shown = statement.ref or " ".join(statement.identifier or ())
            statement.refuse(
                "ref", shown, _("Row %(row)d is the same agreement. Leave one of the two.") % {"row": first}
            )  # fmt: skip

    def _check_new_ref(self, statement: Statement) -> None:
        """A reference that the register never gave may be kept, as when a register moves; one that it gave may not."""
        if not statement.ref:
            return
        if not _WELL_FORMED.fullmatch(statement.ref) or len(statement.ref) > LONGEST_REF:
            statement.refuse(
                "ref",
                statement.ref,
                _("A reference looks like AGR-0001. Correct it, or leave it empty for a new one."),
            )
        elif self._is_given(statement.ref):
            statement.refuse(
                "ref",
                statement.ref,
                _(
                    "The record of this reference was removed, or its number was passed over; "
                    "no reference is given twice. Leave it empty for a new one."
                ),
            )
        else:
            self._check_distance(statement)

    def _is_given(self, ref: str) -> bool:
        """Whether a record had this reference: of our own kind all up to the last, of another one if it was deleted."""
        number = number_of(ref)
        return ref in self._removed_refs if number is None else number <= self.last_given

    def _check_distance(self, statement: Statement) -> None:
        if (number_of(statement.ref) or 0) > self.highest_given + FURTHEST_REF:
            statement.refuse(
                "ref",
                statement.ref,
                _(
                    "This reference is more than %(most)s beyond the last one, AGR-%(last)04d, and all later ones would "
                    "follow it. Correct it; if it is right, sort the file by its references."
                )
                % {"most": f"{FURTHEST_REF:,}", "last": self.highest_given},
            )

    # Names made ids

    def _resolve(self, statement: Statement, found: Snapshot | None) -> None:
        for facet, rows in statement.rows.items():
            among, sources = self._parties_of(found), _sources_of(found)
            for row in rows:
                self._resolve_party(statement, facet, row, among)
                self._resolve_source(statement, facet, row, sources)
            if not statement.problems:
                statement.rows[facet] = self._each_once(statement, FACETS[facet], rows)

    def _parties_of(self, found: Snapshot | None) -> list[int]:
        if found is None:
            return []
        own = (found.rows[facet] for facet in ("parties", "signatories", "events", "commitments"))
        return [row["party_id"] for rows in own for row in rows if row["party_id"]]

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
                self.mapping.remarks.note(
                    _("names that mean a party of the row again; entered once"), statement.row
                )
            once.setdefault(facet.key_of(row), row)
        return list(once.values())

    # A new agreement

    def _plan_new(self, planned: Planned) -> None:
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
            [str(FACETS[name].label), "", self._in_words(name, rows.create)]
            for name, rows in planned.rows.items()
        ]

    @cached_property
    def _removed_by_staff(self) -> dict[tuple[str, str], str]:
        """The identifiers of what a file of this kind brought and somebody has deleted since, with the references."""
        lines = ImportedRecord.objects.filter(
            agreement=None,
            run__state=ImportState.APPLIED,
            run__profile=self.mapping.profile_name,
        )
        stated = lines.values_list("ref", "stated__rows:identifiers")
        return {(scheme, value): ref for ref, rows in stated for scheme, value in rows or ()}

    # A known one

    def _plan_changes(self, planned: Planned, found: Snapshot, base: Values) -> None:
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
        return name in base and (base[name] or None) == (stated or None)

    def _note_conflict(
        self, planned: Planned, found: Snapshot, base: Values, name: str, current: Any, words: list[str]
    ) -> None:  # fmt: skip
        """Refuse what both the file and the staff have changed since the last import."""
        is_settled = self.wishes.overwrites or self._is_fresh(planned.statement, found)
        if is_settled or name not in base or (base[name] or None) == (current or None):
            return
        _refuse_disputed(planned.statement, name, words[2], words[1])

    def _is_fresh(self, statement: Statement, found: Snapshot) -> bool:
        """Whether the file was made from the record as it stands now."""
        known_at = statement.known_at
        return known_at is not None and known_at == found.updated_at.astimezone(UTC).replace(
            microsecond=0
        )

    def _check_fresh(self, planned: Planned, found: Snapshot) -> None:
        """Refuse to change a record from a file that is older, be it an import that has changed it since."""
        statement = planned.statement
        if statement.known_at is None or self._is_fresh(statement, found) or self.wishes.overwrites:
            return
        statement.refuse(
            "updated_at",
            statement.known_at.isoformat(),
            _(
                "The record was changed after this file was made, on %(at)s. Export it anew, or overwrite what "
                "staff changed."
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

    # Its rows

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
            words = self._row_words(facet, changes)
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

    def _row_words(self, facet: Facet, changes: RowChanges) -> list[str]:
        after = self._in_words(facet.name, [*changes.create, *changes.update])
        if changes.order and not after and not changes.delete:
            after = _("in another order")
        return [str(facet.label), self._in_words(facet.name, changes.delete), after]

    def _in_words(self, facet: str, rows: list[Values]) -> str:
        if facet == "areas" and not self._labels["areas"]:
            self._labels["areas"] = dict(Area.objects.values_list("pk", "name"))
        names = {
            "party_id": self.book.name_of,
            "source_id": lambda key: self.sources.label(key) if key else "",
            "area_id": lambda key: self._labels["areas"].get(key, ""),
            "target_id": lambda key: self._labels["relations"].get(key, ""),
        }
        return row_in_words(facet, rows, names)

    # What the model says of it

    def _check(self, planned: Planned) -> None:
        if planned.outcome in (RowOutcome.CREATED, RowOutcome.CHANGED):
            self._checks.check(planned.statement, self._agreement(planned), _written(planned))

    def _agreement(self, planned: Planned) -> Agreement:
        facts = {**(planned.found.facts if planned.found else {}), **planned.facts}
        return Agreement(pk=planned.found.key if planned.found else None, **facts)

    # What is odd about it

    def _count_oddities(self, planned: Planned) -> None:
        agreement = self._agreement(planned)
        parties = planned.rows["parties"].create if "parties" in planned.rows else []
        agreement.updated_at = self.wishes.at
        rows = [
            Participation(party=self._party(row["party_id"]), role=row["role"]) for row in parties
        ]
        for oddity in oddities_of_facts(agreement, rows):
            self._note_oddity(oddity, planned.statement.row)
        twin = (agreement.title.casefold(), str(agreement.signed or ""))
        self._twins[twin] += 1
        if agreement.signed and self._twins[twin] > 1:
            self._note_oddity(Oddity("title", "same_title_and_date", ""), planned.statement.row)

    def _note_look_alikes(self, new: Sequence[Planned]) -> None:
        """Note which new records have the title, parties and date of one that is there; two queries for a block.

        A row without a reference is known again by all that it says: edited since, it counts as new.
        """
        there: dict[Any, list[str]] = defaultdict(list)
        for ref, *likeness in _stored_like(one.facts.get("title", "") for one in new):
            there[tuple(likeness)].append(ref)
        for one in new:
            if refs := there.get(_likeness(one)):
                if len(self.look_alikes) < MOST_LOOK_ALIKES:
                    self.look_alikes.append((one.statement.row, refs))
                else:
                    self.further_look_alikes += 1

    def _party(self, key: "int | NewParty") -> Party:
        if not isinstance(key, NewParty):
            return self.book.outline_of(key)
        new = key.party
        # a party that is not stored has no id, by which oddities tell parties apart
        return Party(pk=-id(key), name=new.name, kind=new.kind, country=new.country)

    def _note_oddity(self, oddity: Oddity, row: int) -> None:
        self.oddities[oddity.code] += 1
        examples = self.odd_examples.setdefault(oddity.code, [])
        if len(examples) < 5:
            examples.append(row)


def _sources_of(found: Snapshot | None) -> set[int]:
    facets = [found.rows[facet] for facet in ("evidence", "events")] if found else []
    return {row["source_id"] for rows in facets for row in rows if row["source_id"]}


def _refuse_disputed(statement: Statement, name: str, stated: str, stands: str) -> None:
    statement.refuse(
        name,
        stated,
        _(
            "Staff have changed this since the last import, to: %(now)s. The file has changed it too. "
            "Correct the file, or overwrite what staff changed."
        )
        % {"now": stands or _("nothing")},
    )


def _check_completeness(planned: Planned, found: Snapshot) -> None:
    """Refuse to take from a published record what it had to have to be published."""
    if found.publication != Publication.PUBLISHED:
        return
    had_not = _needs(found.facts, found.rows)
    left = {name: _rows_left(found.rows[name], planned.rows.get(name)) for name in _NEEDED}
    for need in _needs({**found.facts, **planned.facts}, left):
        if need not in had_not:
            planned.statement.refuse(_NEEDED_FOR[need], "", sentence(need, [found.ref]))


def _likeness(planned: Planned) -> tuple[str, str, frozenset[Any]]:
    parties = planned.rows["parties"].create if "parties" in planned.rows else []
    of_them = frozenset(row["party_id"] for row in parties if row["role"] == Role.PARTY)
    facts = planned.facts
    return facts.get("title", ""), str(facts.get("signed") or ""), of_them


def _stored_like(titles: Iterable[str]) -> Iterator[tuple[str, str, str, frozenset[Any]]]:
    """Yield the records of these very titles: reference, title, date of signature, ids of the parties."""
    wanted = {title for title in titles if title}
    if not wanted:
        return
    found = Agreement.objects.filter(title__in=wanted).order_by("pk")
    stored = list(found.values_list("pk", "ref", "title", "signed"))
    parties: dict[int, set[int]] = defaultdict(set)
    rows = Participation.objects.filter(agreement__in=found.values("pk"), role=Role.PARTY)
    for key, party in rows.order_by().values_list("agreement_id", "party_id"):
        parties[key].add(party)
    for key, ref, title, signed in stored:
        yield ref, title, str(signed or ""), frozenset(parties[key])


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


def _written(planned: Planned) -> dict[str, list[Values]]:
    return {name: [*rows.create, *rows.update] for name, rows in planned.rows.items()}


def _removed(refs: set[str]) -> set[str]:
    """Return which of these references, of other kinds than our own, records once had.

    They are not in the counter, so the versions are asked; one query over all of them, and none for references of ours.
    """
    of_others = {ref for ref in refs if number_of(ref) is None}
    if not of_others:
        return set()
    # as an agreement is called: reference, blank, title
    ref = Left("object_repr", StrIndex("object_repr", Value(" ")) - 1)
    versions = Version.objects.get_for_model(Agreement).order_by().annotate(ref=ref)
    return set(versions.filter(ref__in=of_others).values_list("ref", flat=True))


def _by_identifier(identifiers: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for scheme in {scheme for scheme, _value in identifiers}:
        values = [value for of, value in identifiers if of == scheme]
        rows = ExternalIdentifier.objects.filter(scheme=scheme, value__in=values)
        found |= {(scheme, value): key for value, key in rows.values_list("value", "agreement_id")}
    return found


def stated_as_json(statement: Statement) -> Values:
    """Return what a file has stated of an agreement, as its next import will compare it."""
    facts = {name: as_json(value) for name, value in statement.facts.items()}
    rows = {f"rows:{name}": keys_of(FACETS[name], rows) for name, rows in statement.rows.items()}
    details = {
        f"details:{name}": details_of(FACETS[name], rows)
        for name, rows in statement.rows.items()
        if name in statement.added_only and FACETS[name].details
    }
    return {**facts, **rows, **details}


def before_as_json(planned: Planned) -> Values:
    """Return what a change replaces: the facts as they are, and all rows of each facet that it writes."""
    if planned.found is None:
        return {}
    facts = {name: as_json(planned.found.facts[name]) for name in planned.facts}
    rows = {f"rows:{name}": as_json(planned.found.rows[name]) for name in planned.rows}
    return {**facts, **rows}
