"""Writes what was planned: new parties and sources, then agreements and their rows, a few hundred records at a time.

Nothing is decided here. Every block becomes a version of each of its records (`history.recorded`) within the import's
one transaction, so history needs no more memory for a hundred thousand records than for one block.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements.curation.history import note_about_to_change, note_written, recorded
from agreements.domain.choices import Publication, RelationKind, RowOutcome
from agreements.domain.partial_dates import PartialDateField
from agreements.domain.permissions import may_change_shared
from agreements.exchange.importing.differences import RowChanges
from agreements.exchange.importing.planned import Planned, before_as_json, stated_as_json
from agreements.exchange.importing.planning import Planner
from agreements.exchange.importing.reconciling import LONGEST_NAME, NewParty
from agreements.exchange.importing.records import FACETS, Facet, Values
from agreements.exchange.importing.refusals import RegisterChangedError
from agreements.exchange.importing.sources import NewSource
from agreements.models import (
    Agreement,
    Import,
    ImportedAddition,
    ImportedRecord,
    Party,
    PartyName,
    Relation,
    Source,
)
from agreements.models.references import ReferenceCounter, number_of
from agreements.search import fold

_BATCH = 200
# Marks a change that is not made because staff have a different value.
KEPT = "kept"
_WRITTEN = (RowOutcome.CREATED, RowOutcome.CHANGED)


class Writer:
    """Writes the blocks of one import within a transaction; `refs` are for new records, taken before it began."""

    def __init__(self, run: Import, planner: Planner, *, by: Any, refs: list[str]) -> None:
        self.run = run
        self.planner = planner
        self.by = by
        self.refs = refs[::-1]
        self._remembered: set[str] = set()

    def write(self, block: Sequence[Planned]) -> None:
        """Write a block in constant memory, with a number of queries that does not grow with it."""
        written = [planned for planned in block if planned.outcome in _WRITTEN]
        with recorded(by=self.by, why=self._why()):
            self._make_parties(written)
            self._make_sources(written)
            self._remember_choices()
            # by relations that are about to be deleted
            superseded = superseded_by(one.found.key for one in written if one.found)
            created = self._create([p for p in written if p.outcome == RowOutcome.CREATED])
            changed = self._change([p for p in written if p.outcome == RowOutcome.CHANGED])
            self._refresh([*created, *changed], superseded)
        self._note(block, created | changed)

    def _why(self) -> str:
        return _("Import %(number)d: %(file)s") % {
            "number": self.run.pk,
            "file": self.run.file_name,
        }

    # Parties and sources

    def _make_parties(self, written: Iterable[Planned]) -> None:
        # A refused row creates no party: only the used ones are created.
        new = _unique(_used(written, "party_id", NewParty))
        book = self.planner.book
        Party.objects.bulk_create([one.party for one in new], batch_size=_BATCH)
        names = [name for one in new for name in book.spellings_to_keep(one)]
        PartyName.objects.bulk_create(names, batch_size=_BATCH)
        self._add(ImportedAddition.What.PARTY, [one.party for one in new])
        note_written(Party, [one.party.pk for one in new])
        for one in new:
            book.settle(one)

    def _make_sources(self, written: Iterable[Planned]) -> None:
        new = _unique(_used(written, "source_id", NewSource))
        rows = [one.as_row() for one in new]
        Source.objects.bulk_create(rows, batch_size=_BATCH)
        self._add(ImportedAddition.What.SOURCE, rows)
        note_written(Source, [row.pk for row in rows])
        for one, row in zip(new, rows, strict=True):
            one.pk = row.pk
            self.planner.sources.settle(one)

    def _remember_choices(self) -> None:
        """Keep the spelling that someone assigned to a party in the preview."""
        for spelling, key in self.planner.book.chosen.items():
            if spelling in self._remembered or len(spelling) > LONGEST_NAME:
                continue
            self._remembered.add(spelling)
            party = Party.objects.get(pk=key)
            known = {party.name, *party.names.values_list("name", flat=True)}
            if fold(spelling) in map(fold, known) or not self._may_name(party):
                continue
            name = PartyName.objects.create(party=party, name=spelling, kind="as_published")
            self._add(ImportedAddition.What.PARTY_NAME, [name])

    def _may_name(self, party: Party) -> bool:
        return self.by is None or may_change_shared(self.by, party)

    def _add(self, what: str, rows: Iterable[Any]) -> None:
        ImportedAddition.objects.bulk_create(
            (
                ImportedAddition(
                    run=self.run, what=what, key=row.pk, token=getattr(row, "edit_token", "")
                )
                for row in rows
            ),
            batch_size=_BATCH,
        )

    # Agreements

    def _create(self, planned: Sequence[Planned]) -> dict[int, Planned]:
        if not planned:
            return {}
        given = [one.statement.ref for one in planned if one.statement.ref]
        if given:
            ReferenceCounter.mark_given(max(given, key=lambda ref: number_of(ref) or 0))
        for one in planned:
            one.statement.ref = one.statement.ref or self._next_ref()
        agreements = [
            Agreement(ref=one.statement.ref, publication=Publication.DRAFT, **one.facts)
            for one in planned
        ]
        Agreement.objects.bulk_create(agreements, batch_size=_BATCH)
        keys = [agreement.pk for agreement in agreements]
        self._write_rows({key: one.rows for key, one in zip(keys, planned, strict=True)})
        note_written(Agreement, keys)
        return dict(zip(keys, planned, strict=True))

    def _next_ref(self) -> str:
        if not self.refs:
            raise RegisterChangedError
        return self.refs.pop()

    def _change(self, planned: Sequence[Planned]) -> dict[int, Planned]:
        by_key = {one.found.key: one for one in planned if one.found}
        if not by_key:
            return {}
        note_about_to_change(Agreement, by_key)
        self._update_facts({key: one.facts for key, one in by_key.items() if one.facts})
        self._write_rows({key: one.rows for key, one in by_key.items()})
        Agreement.objects.filter(pk__in=by_key).renew_edit_tokens()
        note_written(Agreement, by_key)
        return by_key

    def _update_facts(self, facts: dict[int, Values]) -> None:
        if not facts:
            return
        agreements = list(Agreement.objects.filter(pk__in=facts))
        for agreement in agreements:
            for name, value in facts[agreement.pk].items():
                setattr(agreement, name, value)
            agreement.expires = agreement.end_of_term()
        names = {name for values in facts.values() for name in values} | {"expires"}
        Agreement.objects.bulk_update(
            agreements, sorted(with_days(Agreement, names)), batch_size=100
        )

    # Rows

    def _write_rows(self, rows: dict[int, dict[str, RowChanges]]) -> None:
        for facet in FACETS.values():
            changes = {key: each[facet.name] for key, each in rows.items() if facet.name in each}
            write_rows(facet, changes)

    # What follows

    def _refresh(self, keys: Sequence[int], superseded: set[int]) -> None:
        if not keys:
            return
        affected = {*keys, *superseded, *superseded_by(keys)}
        Agreement.objects.filter(pk__in=affected).refresh_derived()
        Agreement.objects.filter(pk__in=keys).refresh_search()

    def _note(self, block: Sequence[Planned], written: dict[int, Planned]) -> None:
        tokens = dict(Agreement.objects.filter(pk__in=written).values_list("pk", "edit_token"))
        keys = {id(one): key for key, one in written.items()}
        ImportedRecord.objects.bulk_create(
            (
                noted(self.run, one, keys.get(id(one)), tokens)
                for one in block
                if one.outcome != RowOutcome.UNCHANGED
            ),
            batch_size=_BATCH,
        )


def noted(
    run: Import, planned: Planned, key: int | None = None, tokens: dict[int, str] | None = None
) -> ImportedRecord:
    """Return an import's line about one record: planned if it has no `key`, otherwise written."""
    found, statement = planned.found, planned.statement
    # once created, the record itself holds the facts
    changes = planned.changes if found or not key else []
    return ImportedRecord(
        run=run,
        row=statement.row,
        outcome=planned.outcome,
        agreement_id=key or (found.key if found else None),
        ref=found.ref if found else statement.ref,
        title=statement.title or (found.facts["title"] if found else ""),
        changes=[*changes, *([*words, KEPT] for words in planned.kept)],
        problems=[problem.as_list() for problem in planned.problems],
        stated=stated_as_json(statement) if key else {},
        before=before_as_json(planned) if key and found else None,
        token=(tokens or {}).get(key, "") if key else "",
        token_before=found.edit_token if key and found else "",
    )


def write_rows(facet: Facet, changes: dict[int, RowChanges]) -> None:
    """Create, change and delete the rows of one facet of many agreements, in three statements for a few hundred."""
    gone = [row["id"] for each in changes.values() for row in each.delete]
    for start in range(0, len(gone), 500):
        # no signals: what depends on these rows is refreshed for the whole block
        rows = facet.model.objects.filter(pk__in=gone[start : start + 500])
        rows._raw_delete(rows.db)  # noqa: SLF001
    updated = [_row(facet, key, row) for key, each in changes.items() for row in each.update]
    if updated:
        names = with_days(facet.model, {name.removesuffix("_id") for name in facet.details})
        facet.model.objects.bulk_update(updated, sorted(names), batch_size=100)
    created = [
        _row(facet, key, row, position)
        for key, each in changes.items()
        for position, row in enumerate(each.create, start=each.next_position)
    ]
    facet.model.objects.bulk_create(created, batch_size=_BATCH)
    if facet.is_ordered:
        _put_in_order(facet, {key: each.order for key, each in changes.items() if each.order})


def _put_in_order(facet: Facet, orders: dict[int, list[Any]]) -> None:
    if not orders:
        return
    rows: dict[int, dict[Any, Any]] = defaultdict(dict)
    for row in facet.model.objects.filter(agreement_id__in=orders):
        values = {name: getattr(row, name) for name in facet.key}
        rows[row.agreement_id][facet.key_of(values)] = row
    moved = []
    for key, order in orders.items():
        for position, wanted in enumerate(map(_settled_key, order)):
            row = rows[key][wanted]
            row.position = position
            moved.append(row)
    facet.model.objects.bulk_update(moved, ["position"], batch_size=_BATCH)


def _settled_key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_settled(part) for part in key)


def _settled(value: Any) -> Any:
    return value.pk if isinstance(value, (NewParty, NewSource)) else value


def _row(facet: Facet, agreement: int, values: Values, position: int | None = None) -> Any:
    settled = {name: _settled(value) for name, value in values.items()}
    if facet.is_ordered and position is not None:
        settled["position"] = position
    known = {name: value for name, value in settled.items() if value is not None}
    return facet.model(agreement_id=agreement, **known)


def superseded_by(keys: Iterable[int]) -> set[int]:
    """Return which agreements these ones supersede by their relations, as these are stored."""
    relations = Relation.objects.filter(agreement__in=list(keys), kind=RelationKind.SUPERSEDES)
    return set(relations.values_list("target_id", flat=True))


def with_days(model: Any, names: Iterable[str]) -> set[str]:
    """Return the names of these fields, and of the day columns that are written with a partial date."""
    found = set(names)
    for field in model._meta.get_fields():
        if isinstance(field, PartialDateField) and field.name in found:
            found |= set(field.day_names)
    return found


def _used(written: Iterable[Planned], column: str, kind: type[Any]) -> Iterable[Any]:
    for planned in written:
        for changes in planned.rows.values():
            for row in [*changes.create, *changes.update]:
                value = row.get(column)
                if isinstance(value, kind) and value.pk is None:
                    yield value


def _unique(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
