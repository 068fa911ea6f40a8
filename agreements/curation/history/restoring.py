"""Restores a version of a record with all its rows, whether the record still exists or was deleted.

Derived columns, the publication of an existing record and the search index are left to the code that keeps them. A
restored record is written like any other: it gets a version, so the restore can be reverted.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from agreements.curation.history.completeness import IncompleteError, refuse_losses
from agreements.curation.history.incoming import relations_lost_with
from agreements.curation.history.past import Entry, versions_of
from agreements.curation.history.recording import note_restored, recorded
from agreements.curation.history.states import (
    KeptStep,
    Named,
    Row,
    State,
    Value,
    kept_fields,
    related_models,
    state_of,
    values_of,
)
from agreements.curation.history.words import label, row_name
from agreements.domain.choices import ImportState, RowOutcome
from agreements.models import (
    ROWS,
    Agreement,
    Change,
    Document,
    ImportedRecord,
    Party,
    PartyMerge,
    PublicationStep,
    Relation,
    Removal,
)
from agreements.models.records import owner_key

Record = type[models.Model]

# Only the steps of the workflow change who can see a record.
_LEFT_AS_THEY_ARE: dict[Record, frozenset[str]] = {
    Agreement: frozenset({"ref", "publication", "published_at", "created_at"})
}


class RestoreError(Exception):
    """A version that cannot be restored; the text says why and what to do, in a sentence for each obstacle."""


def restore(record: Record, key: int, entry: Entry, *, by: Any, at: datetime, why: str) -> Any:
    """Give the record the state of this version and return it; `at` is the moment, `by` the user.

    An existing record keeps its publication. A deleted one comes back with its id, reference, slug and publication,
    with other agreements' relations to it as far as `by` may change those, and with its lines in imports. A party that
    has since been merged is replaced by the one it was merged into. Raises `RestoreError`, with nothing written, if
    something the version names is gone, a unique value is taken, or a published record would lose what it needs. The
    caller locks the record and checks whether `by` may do this.
    """
    with recorded(by=by, why=why):
        present = record._base_manager.filter(pk=key).first()
        if present is None and (refusal := why_it_stays_deleted(record, key)):
            raise RestoreError(refusal)
        state = with_merges_followed(record, entry.state)
        _refuse_what_is_gone(record, state)
        _refuse_a_loss(present, state)
        restored = present or record(pk=key)
        _fill(restored, state.values, () if present is None else _LEFT_AS_THEY_ARE.get(record, ()))
        _refuse_what_is_taken(restored)
        try:
            _write(restored, state, is_new=present is None)
            if present is None and entry.removal is not None:
                _restore_what_others_held(restored, entry.removal, by=by)
        except ValidationError as refusal:
            raise RestoreError(" ".join(refusal.messages)) from refusal
        if present is None:
            note_restored(record, key)
            mark_restored(record, key, at)
    return restored


def as_restored(record: Record, present: State, version: State) -> State:
    """Return the state that a record in state `present` would have with this version restored."""
    kept = _LEFT_AS_THEY_ARE.get(record, ())
    values = {name: version.values.get(name, value) for name, value in present.values.items()}
    return State(
        values | {name: present.values[name] for name in kept},
        {accessor: version.rows.get(accessor, rows) for accessor, rows in present.rows.items()},
    )


def with_merges_followed(record: Record, state: State) -> State:
    """Return the state with every party that was merged away replaced by the one it was merged into.

    If both took part in the same role, one row is left. Two queries for each merge in a chain, none if no party is gone.
    """
    named = list(_all_named(record, state))
    parties = {value.key for model, _where, value in named if model is Party}
    successors = _successors(parties - _existing(Party, named))
    if not successors:
        return state
    rows = {
        accessor: [
            replace(row, values=_renamed_values(model, row.values, successors))
            for row in state.rows[accessor]
        ]
        for accessor, model in related_models(record).items()
        if accessor in state.rows
    }
    if "participations" in rows:
        once: dict[tuple[Value, Value], Row] = {}
        for row in rows["participations"]:
            once.setdefault((row.values["party"], row.values["role"]), row)
        rows["participations"] = list(once.values())
    values = _renamed_values(record, state.values, successors)
    return replace(state, values=values, rows=rows)


def _successors(keys: set[int]) -> dict[int, Named]:
    """Return the existing party that each of these deleted ones was merged into, if there is one."""
    follows: dict[int, int] = {}
    wanted = keys
    while wanted:
        merges = PartyMerge.objects.filter(other_key__in=wanted, undone_at=None).order_by("pk")
        follows |= dict(merges.values_list("other_key", "kept_id"))
        wanted = set(follows.values()) - follows.keys() - wanted
    ends = {key: key for key in keys}
    for _step in follows:
        ends = {key: follows.get(end, end) for key, end in ends.items()}
    names = {party.pk: str(party) for party in Party.objects.filter(pk__in=ends.values())}
    return {key: Named(end, names[end]) for key, end in ends.items() if end in names}


def _renamed_values(
    model: Record, values: dict[str, Value], successors: dict[int, Named]
) -> dict[str, Value]:
    columns = [column.name for column in kept_fields(model) if column.related_model is Party]
    return values | {
        name: successors.get(value.key, value)
        for name in columns
        if isinstance(value := values.get(name), Named)
    }


def mark_restored(record: Record, key: int, at: datetime) -> None:
    """Remove the record with this id from the list of deleted records: it exists again."""
    removals = Removal.objects.filter(record=record._meta.label_lower, key=key, restored_at=None)
    removals.update(restored_at=at)


# Obstacles


def why_it_stays_deleted(record: Record, key: int) -> str:
    """Return why the deleted record with this id cannot be restored; empty if it can."""
    if record._base_manager.filter(pk=key).exists():
        return _("It is in the register again. Restore an earlier version from its history.")
    merges = PartyMerge.objects.filter(other_key=key, undone_at=None).order_by("-pk")
    merged = merges.first() if record is Party else None
    if merged is None:
        return ""
    sentence = _("“%(other)s” was merged into “%(kept)s”. Undo that merge to get it back.")
    return sentence % merged.names


def _refuse_what_is_gone(record: Record, state: State) -> None:
    # the documents of its own version are restored with it
    own = {row.key for row in state.rows.get("documents", [])}
    named = [
        (model, where, value)
        for model, where, value in _all_named(record, state)
        if not (model is Document and value.key in own)
    ]
    gone = [
        _("%(where)s: “%(name)s” no longer exists. Restore it first, or enter the change by hand.")
        % {"where": where, "name": value.name}
        for model, where, value in named
        if value.key not in _existing(model, named)
    ]
    if gone:
        raise RestoreError(" ".join(dict.fromkeys(gone)))


def _refuse_a_loss(present: models.Model | None, state: State) -> None:
    """Refuse here, where the page of the version can show why, and not at the end of the block."""
    if not isinstance(present, Agreement):
        return
    before = state_of(present)
    try:
        refuse_losses([(before, as_restored(Agreement, before, state))])
    except IncompleteError as refusal:
        raise RestoreError(str(refusal)) from refusal


def _all_named(record: Record, state: State) -> Iterator[tuple[Record, str, Named]]:
    """Yield what a version points to: the model, where it is named, and the name it had."""
    places = [(record, state.values, "")]
    for accessor, model in related_models(record).items():
        rows = state.rows.get(accessor, [])
        places += [(model, row.values, f"{row_name(model)} “{row.name}”, ") for row in rows]
    for model, values, prefix in places:
        for column in kept_fields(model):
            value = values.get(column.name)
            for named in value if isinstance(value, tuple) else (value,):
                if isinstance(named, Named):
                    yield cast(Record, column.related_model), prefix + label(column), named


def _existing(model: Record, named: list[tuple[Record, str, Named]]) -> set[int]:
    wanted = {value.key for other, _where, value in named if other is model}
    return set(model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))


def _refuse_what_is_taken(restored: models.Model) -> None:
    """Raise `RestoreError`, naming the record that now has one of this record's unique values, such as its slug."""
    taken = []
    for column in type(restored)._meta.concrete_fields:
        value = getattr(restored, column.attname)
        if not column.unique or column.primary_key or value in (None, ""):
            continue
        others = type(restored)._base_manager.filter(**{column.attname: value})
        other = others.exclude(pk=restored.pk).first()
        if other is not None:
            taken.append(
                _("%(field)s “%(value)s” is now used by “%(other)s”. Change it there first.")
                % {"field": label(column), "value": value, "other": other}
            )
    if taken:
        raise RestoreError(" ".join(taken))


# Writing


def _fill(row: models.Model, values: dict[str, Value], left_out: Container[str]) -> None:
    for column in kept_fields(type(row)):
        if column.name in values and column.name not in left_out and not column.many_to_many:
            value = values[column.name]
            stored = value.key if isinstance(value, Named) else column.to_python(value)
            empty = None if column.null else column.get_default()
            setattr(row, column.attname, empty if stored is None else stored)


def _write(restored: Any, state: State, *, is_new: bool) -> None:
    """Save the record and everything in its version; fields added to the register since stay as they are."""
    record = type(restored)
    restored._state.adding = is_new
    restored.full_clean()
    restored.save(force_insert=is_new)
    if is_new:
        _restore_moments(restored, state.values)
    for links in record._meta.many_to_many:
        linked: Any = state.values.get(links.name)
        if linked is not None:
            getattr(restored, links.name).set([named.key for named in linked])
    kept = {a: model for a, model in related_models(record).items() if a in state.rows}
    # rows may name earlier ones, as evidence names documents
    for accessor, model in reversed(kept.items()):
        _remove_rows(restored, accessor, model, state.rows[accessor])
    for accessor, model in kept.items():
        _write_rows(restored, accessor, model, state.rows[accessor])
    if is_new:
        _restore_former_slugs(restored, state.former_slugs)
        if isinstance(restored, Agreement):
            _restore_steps(restored, state.steps)
            _restore_public_log(restored)


def _remove_rows(restored: Any, accessor: str, model: Record, rows: list[Row]) -> None:
    """Delete what is not among these rows; and those that changed, as two may have swapped unique values."""
    stored = {row.pk: row for row in getattr(restored, accessor).all()}
    going = stored.keys() - {row.key for row in rows}
    if any(isinstance(rule, models.UniqueConstraint) for rule in model._meta.constraints):
        going |= {row.key for row in rows if _differs(row, stored.get(row.key))} & stored.keys()
    for key in going:
        stored[key].delete()


def _write_rows(restored: Any, accessor: str, model: Record, rows: list[Row]) -> None:
    """Make these the rows of the record, from which `_remove_rows` has taken all others."""
    stored = {row.pk: row for row in getattr(restored, accessor).all()}
    for row in rows:
        if _differs(row, stored.get(row.key)):
            _write_row(restored, model, row)


def _differs(row: Row, stored: models.Model | None) -> bool:
    present = values_of(stored) if stored is not None else {}
    return stored is None or any(present.get(name) != value for name, value in row.values.items())


def _write_row(restored: Any, model: Record, row: Row) -> None:
    """Save the row under its own id again, unless another record now has a row with this id."""
    there: Any = model._base_manager.filter(pk=row.key).first()
    is_own = there is not None and owner_key(there) == restored.pk
    written: Any = there if is_own else model(pk=None if there else row.key)
    setattr(written, ROWS[model], restored)
    _fill(written, row.values, ())
    written._state.adding = not is_own
    written.full_clean()
    written.save(force_insert=not is_own)
    if not is_own:
        _restore_moments(written, row.values)


def _restore_moments(row: models.Model, values: dict[str, Value]) -> None:
    """Replace the present time, which saving a new row has just set, with the original one."""
    entered = {
        column.name: column.to_python(values[column.name])
        for column in kept_fields(type(row))
        if getattr(column, "auto_now_add", False) and values.get(column.name)
    }
    if entered:
        type(row)._base_manager.filter(pk=row.pk).update(**entered)


def _restore_former_slugs(restored: Any, slugs: tuple[str, ...]) -> None:
    """Make its former slugs lead to it again, except those that others have now."""
    if not slugs:
        return
    record, former = type(restored), restored.former_slugs.model
    taken = {
        *record._base_manager.filter(slug__in=slugs).values_list("slug", flat=True),
        *former.objects.filter(slug__in=slugs).values_list("slug", flat=True),
    }
    former.objects.bulk_create(
        former(slug=slug, row=restored) for slug in slugs if slug not in taken
    )


def _restore_what_others_held(restored: Any, removal: Removal, *, by: Any) -> None:
    for lost in relations_lost_with(removal, lock=True):
        if lost.owner is not None and lost.comes_back_for(by):
            kind = lost.row.values["kind"]
            if not lost.owner.relations_out.filter(kind=kind, target=removal.key).exists():
                _write_row(lost.owner, Relation, lost.row)
    if isinstance(restored, Agreement):
        lines = ImportedRecord.objects.filter(agreement=None, ref=restored.ref)
        lines.filter(
            outcome__in=(RowOutcome.CREATED, RowOutcome.CHANGED),
            run__state=ImportState.APPLIED,
            run__applied_at__lte=removal.at,
        ).update(agreement=restored)


def _restore_steps(restored: Agreement, steps: tuple[KeptStep, ...]) -> None:
    """Write the steps of the workflow again with the same ids, except those of deleted accounts."""
    accounts = get_user_model()._default_manager.filter(pk__in={step.by_id for step in steps})
    there = set(accounts.values_list("pk", flat=True))
    PublicationStep.objects.bulk_create(
        PublicationStep(agreement=restored, **step._asdict())  # noqa: SLF001 - documented
        for step in steps
        if step.by_id in there
    )


def _restore_public_log(restored: Agreement) -> None:
    """Write the public log of each version again, at its old place in the log."""
    versions = versions_of(Agreement, restored.pk).order_by("pk")
    told = {
        state.told.pk: Change(
            agreement=restored,
            at=version.revision.date_created,
            **state.told._asdict(),  # noqa: SLF001 - documented
        )
        for version in versions.iterator()
        if (state := State.read(version.serialized_data)).told
    }
    Change.objects.bulk_create(told.values())
