"""Writes what was planned: new parties and sources, then agreements and their rows, a few hundred records at a time.

Nothing is decided here. Every block becomes a version of each of its records (`history.recorded`) within the import's
one transaction, so history needs no more memory for a hundred thousand records than for one block.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from agreements.curation.history.recording import note_about_to_change, note_written, recorded
from agreements.domain.choices import Publication, RelationKind, RowOutcome
from agreements.domain.partial_dates import PartialDateField
from agreements.domain.permissions import may_change_shared
from agreements.exchange.importing.answers import LONGEST_NAME
from agreements.exchange.importing.corrected import CorrectedTable
from agreements.exchange.importing.differences import RowChanges
from agreements.exchange.importing.inserting import insert
from agreements.exchange.importing.kept_cells import Room
from agreements.exchange.importing.planning import Incoming, Planner
from agreements.exchange.importing.profiles import Cell
from agreements.exchange.importing.reconciling import NewParty
from agreements.exchange.importing.records import FACETS, Facet, Key, Values, settled
from agreements.exchange.importing.refusals import RegisterChangedError
from agreements.exchange.importing.removal import remove
from agreements.exchange.importing.sources import NewSource
from agreements.exchange.importing.statements import Statement, unsaved
from agreements.models import (
    Agreement,
    Import,
    ImportedAddition,
    ImportedRecord,
    Party,
    PartyName,
    Period,
    Relation,
    Source,
)
from agreements.models.derived import derived_fields
from agreements.models.references import ReferenceCounter, number_of
from agreements.search import fold

_BATCH = 200
# Marks a change that is not made because staff have a different value.
KEPT = "kept"


class Writer:
    """Writes the blocks of one import within a transaction; `refs` are for new records, taken before it began."""

    def __init__(self, run: Import, planner: Planner, *, refs: list[str]) -> None:
        self.run = run
        self.planner = planner
        self.by = planner.by
        self.refs = refs[::-1]
        self.room = Room()

    def write(self, block: Sequence[Statement]) -> None:
        """Write a block in constant memory, with a number of queries that does not grow with it."""
        written = [each for each in block if each.is_written]
        why = _("Import %(number)d: %(file)s") % {"number": self.run.pk, "file": self.run.file_name}
        with recorded(by=self.by, why=why):
            self._make(Party, unsaved(written, NewParty))
            self._make(Source, unsaved(written, NewSource))
            self._remember_choices()
            for each in written:
                each.key = each.found.key if each.found else 0
            changed = {each.key: (each.new_facts, each.new_rows) for each in written if each.found}
            # by relations that are about to be deleted
            superseded = superseded_by(changed)
            self._create([each for each in written if not each.found])
            change_records(changed)
            refresh([each.key for each in written], superseded)
        keep_lines(self.run, block, self.room)

    # Parties and sources

    def _make(self, model: type[Model], new: Collection[NewParty | NewSource]) -> None:
        """Create the parties or sources that written rows use: a refused row creates none."""
        rows: list[Model] = [one.as_row() for one in new]
        model._default_manager.bulk_create(rows, batch_size=_BATCH)
        for one, row in zip(new, rows, strict=True):
            one.pk = row.pk
        names = [name for one in new if isinstance(one, NewParty) for name in one.names()]
        PartyName.objects.bulk_create(names, batch_size=_BATCH)
        self._add(str(model._meta.model_name), rows)
        note_written(model, [row.pk for row in rows])

    def _remember_choices(self) -> None:
        """Keep the spelling that someone assigned to a party in the preview."""
        chosen = self.planner.book.chosen
        for spelling in list(chosen):
            party = Party.objects.get(pk=chosen.pop(spelling))
            known = {party.name, *party.names.values_list("name", flat=True)}
            may_name = self.by is None or may_change_shared(self.by, party)
            is_new = len(spelling) <= LONGEST_NAME and fold(spelling) not in map(fold, known)
            if may_name and is_new:
                name = PartyName.objects.create(party=party, name=spelling, kind="as_published")
                self._add(ImportedAddition.What.PARTY_NAME, [name])

    def _add(self, what: str, rows: Iterable[Model]) -> None:
        added = (
            ImportedAddition(
                run=self.run, what=what, key=row.pk, token=getattr(row, "edit_token", "")
            )
            for row in rows
        )
        ImportedAddition.objects.bulk_create(added, batch_size=_BATCH)

    # Agreements

    def _create(self, new: Sequence[Statement]) -> None:
        given = [number_of(each.ref) or 0 for each in new if each.ref]
        if given:
            ReferenceCounter.mark_given_up_to(max(given))
        for each in new:
            each.ref = each.ref or self._next_ref()
        agreements = [
            {"ref": each.ref, "publication": Publication.DRAFT, **each.new_facts} for each in new
        ]
        for each, key in zip(new, insert(Agreement, agreements), strict=True):
            each.key = key
        _write_rows({each.key: each.new_rows for each in new})
        note_written(Agreement, [each.key for each in new])

    def _next_ref(self) -> str:
        if not self.refs:
            raise RegisterChangedError
        return self.refs.pop()


def keep_lines(run: Import, block: Iterable[Statement], room: Room) -> None:
    """Store an import's lines about these records, planned or written, with their cells while there is room."""
    lines = [each for each in block if each.outcome != RowOutcome.UNCHANGED]
    written = Agreement.objects.filter(pk__in=[each.key for each in lines if each.key])
    tokens = dict(written.values_list("pk", "edit_token"))
    ImportedRecord.objects.bulk_create(
        (_line(run, each, tokens, room) for each in lines), batch_size=_BATCH
    )


def keep_left_out(run: Import, file: Incoming, room: Room) -> None:
    """Store a line for each row that staff left out."""
    rows = file.table.taken_out if isinstance(file.table, CorrectedTable) else []
    title = file.profile.fields["title"] if file.profile else Cell(columns=("title",))
    lines = (
        ImportedRecord(
            run=run,
            row=row.number,
            outcome=RowOutcome.LEFT_OUT,
            title=title.text(row.cells)[:LONGEST_NAME],
            cells=room.kept([row], is_refused=False),
        )
        for row in rows
    )
    ImportedRecord.objects.bulk_create(lines, batch_size=_BATCH)


def _line(
    run: Import, statement: Statement, tokens: Mapping[int, str], room: Room
) -> ImportedRecord:
    key, found = statement.key, statement.found
    # once created, the record itself holds the facts
    changes = statement.changes if found or not key else []
    line = ImportedRecord(
        run=run,
        row=statement.row,
        outcome=statement.outcome,
        agreement_id=key or (found.key if found else None),
        ref=found.ref if found else statement.ref,
        title=statement.title or (found.facts["title"] if found else ""),
        changes=[*changes, *([*words, KEPT] for words in statement.kept)],
        problems=[[str(p.row), p.column, p.value, p.remedy] for p in statement.problems],
    )
    if key:
        # the record itself holds what was written
        line.stated, line.token = statement.stated(), tokens[key]
        if found:
            line.before, line.token_before = statement.before(), found.edit_token
    else:
        is_refused = statement.outcome == RowOutcome.REFUSED
        line.cells = room.kept(statement.origin, is_refused=is_refused)
    return line


# Records, for an import and for undoing it


def change_records(changes: Mapping[int, tuple[Values, Mapping[str, RowChanges]]]) -> None:
    """Change these facts and rows of agreements, by id, and note a version of each. Call `refresh` after it."""
    note_about_to_change(Agreement, changes)
    facts = {key: values for key, (values, _rows) in changes.items() if values}
    agreements = list(Agreement.objects.filter(pk__in=facts))
    for agreement in agreements:
        for name, value in facts[agreement.pk].items():
            setattr(agreement, name, value)
        # `refresh` moves the end that renewals and extensions have moved
        agreement.expires = agreement.term_end = agreement.end_of_term()
    names = {name for values in facts.values() for name in values} | {"expires", "term_end"}
    _update(Agreement, agreements, names)
    _write_rows({key: rows for key, (_facts, rows) in changes.items()})
    Agreement.objects.filter(pk__in=changes).renew_edit_tokens()
    note_written(Agreement, changes)


def refresh(keys: Collection[int], superseded: set[int]) -> None:
    """Recompute what depends on these agreements; `superseded` is what they superseded before the change."""
    affected = {*keys, *superseded, *superseded_by(keys)}
    agreements = Agreement.objects.filter(pk__in=affected)
    agreements.refresh_periods()
    agreements.refresh_derived()
    Agreement.objects.filter(pk__in=keys).refresh_search()


def superseded_by(keys: Iterable[int]) -> set[int]:
    """Return which agreements these ones supersede by their relations or prolong, as these are stored."""
    relations = Relation.objects.filter(agreement__in=list(keys), kind=RelationKind.SUPERSEDES)
    periods = Period.objects.filter(by__in=list(keys))
    return {
        *relations.values_list("target_id", flat=True),
        *periods.values_list("agreement_id", flat=True),
    }


def _write_rows(rows: Mapping[int, Mapping[str, RowChanges]]) -> None:
    """Create, change and delete rows of many agreements, in three statements a facet for a few hundred.

    They send no signals: what depends on these rows is refreshed for the whole block.
    """
    for name, facet in FACETS.items():
        changes = {key: each[name] for key, each in rows.items() if name in each}
        remove(facet.model, [row["id"] for each in changes.values() for row in each.delete])
        updated = [
            facet.model(**_values(key, row)) for key, each in changes.items() for row in each.update
        ]
        if updated:
            _update(facet.model, updated, {name.removesuffix("_id") for name in facet.details})
        created = [
            _values(key, {**row, "position": position} if facet.is_ordered else row)
            for key, each in changes.items()
            for position, row in enumerate(each.create, start=each.next_position)
        ]
        insert(facet.model, created)
        _put_in_order(facet, {key: each.order for key, each in changes.items() if each.order})


def _put_in_order(facet: Facet, orders: Mapping[int, list[Key]]) -> None:
    if not orders:
        return
    rows: dict[int, dict[Key, Any]] = defaultdict(dict)
    for row in facet.model.objects.filter(agreement_id__in=orders):
        values = {name: getattr(row, name) for name in facet.key}
        rows[row.agreement_id][facet.key_of(values)] = row
    for key, order in orders.items():
        for position, wanted in enumerate(order):
            rows[key][tuple(map(settled, wanted))].position = position
    moved = [row for each in rows.values() for row in each.values()]
    facet.model.objects.bulk_update(moved, ["position"], batch_size=_BATCH)


def _values(agreement: int, row: Values) -> Values:
    known = {name: settled(value) for name, value in row.items() if value is not None}
    return {"agreement_id": agreement, **known}


def _update(model: Any, rows: Sequence[Model], names: set[str]) -> None:
    """Write these fields of the rows, and the columns that are computed from them."""
    computed = [column for column in derived_fields(model) if names & {*column.of}]
    for row in rows:
        for column in computed:
            column.pre_save(row, add=False)
    fields = [*_with_days(model, names), *(column.name for column in computed)]
    model.objects.bulk_update(rows, fields, batch_size=100)


def _with_days(model: type[Model], names: set[str]) -> list[str]:
    """Return the names of these fields, and of the day columns that are written with a partial date."""
    dates = [field for field in model._meta.get_fields() if isinstance(field, PartialDateField)]
    days = {day for field in dates if field.name in names for day in field.day_names}
    return sorted(names | days)
