"""Undoes a whole import, as long as nobody has edited its records since.

Records that the import created are deleted, those it changed are restored, and the parties and sources it created go
if nothing uses them. If anybody has edited one of its records, nothing is done, and those records are named. The admin
and `manage.py undo_import` call it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.curation.history import (
    IncompleteError,
    note_about_to_change,
    note_removed,
    note_written,
    recorded,
)
from agreements.curation.history.past import latest_versions
from agreements.curation.history.states import State
from agreements.domain.choices import ImportState, RowOutcome
from agreements.domain.permissions import may_change
from agreements.exchange.importing.differences import RowChanges, row_changes
from agreements.exchange.importing.missing import missing_of
from agreements.exchange.importing.records import FACETS, Snapshot, Values, from_json, snapshots
from agreements.exchange.importing.refusals import ImportRefusedError, refused_if_overtaken
from agreements.exchange.importing.removal import held, in_few, remove
from agreements.exchange.importing.writing import superseded_by, with_days, write_rows
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

MOST_OBSTACLES = 50
_WRITTEN = (RowOutcome.CREATED, RowOutcome.CHANGED)
_ROWS = "rows:"

Progress = Callable[[int], None]


class UndoRefusedError(ImportRefusedError):
    """The import cannot be undone; the text says why."""


@dataclass(frozen=True)
class Obstacle:
    """A record that prevents undoing an import, with the reason; `key` is None if it is gone."""

    key: int | None
    ref: str
    reason: str


@dataclass(frozen=True)
class Undone:
    """How many records were removed and restored, and how many parties and sources were removed."""

    removed: int
    put_back: int
    parties: int
    sources: int


def obstacles(run: Import, *, by: Any, lock: bool = False) -> list[Obstacle]:
    """Return the first fifty records that prevent undoing this import; `by` is None for an operator.

    `lock` keeps all its records from other writers until the transaction ends.
    """
    found: list[Obstacle] = []
    for lines in _batches(run):
        found += _obstacles(run, lines, by, lock=lock)
        if len(found) >= MOST_OBSTACLES:
            break
    return found[:MOST_OBSTACLES]


def undo(run: Import, *, by: Any, at: datetime, progress: Progress = lambda count: None) -> Undone:
    """Undo this import in one transaction. Raises `UndoRefusedError`."""
    try:
        with _refused_if_overtaken(), transaction.atomic():
            return _undo(run, by=by, at=at, progress=progress)
    except IncompleteError as refusal:
        raise UndoRefusedError(
            _("The import cannot be undone: %(reason)s") % {"reason": refusal}
        ) from refusal


def _refused_if_overtaken() -> AbstractContextManager[None]:
    return refused_if_overtaken(
        UndoRefusedError,
        clashing=_(
            "Something that would be restored has been deleted or given to another record, so nothing"
            " was undone. Check the import again."
        ),
        busy=_(
            "Someone is working on the same records, or the database is busy or unavailable, so "
            "nothing was undone. Try again in a few minutes."
        ),
    )


def _undo(run: Import, *, by: Any, at: datetime, progress: Progress) -> Undone:
    _lock(run)
    in_the_way = obstacles(run, by=by, lock=True)
    if in_the_way:
        raise UndoRefusedError(
            _("The import cannot be undone: %(first)s: %(reason)s")
            % {"first": in_the_way[0].ref, "reason": in_the_way[0].reason}
        )
    why = _("Import %(number)d undone: %(file)s") % {"number": run.pk, "file": run.file_name}
    removed = put_back = 0
    for lines in _batches(run):
        with recorded(by=by, why=why):
            removed += _remove_created([line for line in lines if line.before is None])
            put_back += _put_back([line for line in lines if line.before is not None])
        progress(len(lines))
    with recorded(by=by, why=why):
        parties, sources = _remove_additions(run)
    run.state, run.undone_at, run.undone_by = ImportState.UNDONE, at, by
    run.save(update_fields=["state", "undone_at", "undone_by"])
    return Undone(removed, put_back, parties, sources)


def _lock(run: Import) -> None:
    state = Import.objects.select_for_update().values_list("state", flat=True).get(pk=run.pk)
    if state != ImportState.APPLIED:
        raise UndoRefusedError(_("Only an applied import can be undone."))


def _batches(run: Import) -> Iterator[list[ImportedRecord]]:
    last = 0
    lines = run.records.filter(outcome__in=_WRITTEN).order_by("pk")
    while some := list(lines.filter(pk__gt=last)[:500]):
        yield some
        last = some[-1].pk


# What prevents undoing


def _obstacles(
    run: Import, lines: Sequence[ImportedRecord], by: Any, *, lock: bool
) -> Iterator[Obstacle]:
    keys = [line.agreement_id for line in lines if line.agreement_id]
    # in the order in which merges and imports lock them
    wanted = Agreement.objects.filter(pk__in=keys).order_by("pk")
    wanted = wanted.only("pk", "edit_token", "publication")
    if lock:
        wanted = wanted.select_for_update(of=("self",))
    stored = {agreement.pk: agreement for agreement in wanted}
    edited = _edited(lines, stored)
    referred = _referred_to(run, [line.agreement_id for line in lines if line.before is None])
    missing = missing_of(lines)
    for line in lines:
        agreement = stored.get(line.agreement_id) if line.agreement_id else None
        if agreement is None:
            if line.before is not None:
                yield Obstacle(None, line.ref, _("it has been deleted since."))
        elif agreement.pk in edited:
            yield Obstacle(agreement.pk, line.ref, _("it has been edited since."))
        elif agreement.pk in referred:
            yield Obstacle(agreement.pk, line.ref, _("other records refer to it."))
        elif line.pk in missing:
            yield Obstacle(agreement.pk, line.ref, missing[line.pk])
        elif by is not None and not may_change(by, agreement):
            yield Obstacle(agreement.pk, line.ref, _("only a publisher may change it."))


def _edited(lines: Iterable[ImportedRecord], stored: dict[int, Any]) -> set[int]:
    """Return the agreements that differ from what the import left; one that was only saved again does not.

    The latest version of a record that was only saved again holds both tokens. A record written without history has a
    version that does not know its token.
    """
    differing = {
        line.agreement_id: {line.token, stored[line.agreement_id].edit_token}
        for line in lines
        if line.agreement_id in stored and stored[line.agreement_id].edit_token != line.token
    }
    if not differing:
        return set()
    versions = latest_versions(Agreement, differing)
    tokens = {int(v.object_id): State.read(v.serialized_data).tokens for v in versions}
    return {key for key, both in differing.items() if not both <= set(tokens.get(key, ()))}


def _referred_to(run: Import, created: Sequence[int | None]) -> set[int]:
    keys = [key for key in created if key]
    others = Relation.objects.filter(target__in=keys).exclude(
        agreement__imported_records__in=run.records.filter(before=None, outcome__in=_WRITTEN)
    )
    return held(Agreement, keys) | set(others.values_list("target_id", flat=True))


# Undoing


def _remove_created(lines: Sequence[ImportedRecord]) -> int:
    created = {line.agreement_id: line for line in lines if line.agreement_id}
    if not created:
        return 0
    superseded = superseded_by(created)
    note_removed(Agreement, {key: f"{line.ref} {line.title}" for key, line in created.items()})
    remove(Agreement, list(created))
    Agreement.objects.filter(pk__in=superseded - set(created)).refresh_derived()
    return len(created)


def _put_back(lines: Sequence[ImportedRecord]) -> int:
    before = {line.agreement_id: line for line in lines if line.agreement_id}
    if not before:
        return 0
    superseded = superseded_by(before)
    note_about_to_change(Agreement, before)
    found = snapshots(before)
    _put_facts_back({key: _facts(line.before or {}) for key, line in before.items()})
    for name, facet in FACETS.items():
        changes = {
            key: _rows_back(name, before[key].before or {}, one)
            for key, one in found.items()
            if f"{_ROWS}{name}" in (before[key].before or {})
        }
        write_rows(facet, changes)
    refreshed = {*before, *superseded, *superseded_by(before)}
    Agreement.objects.filter(pk__in=refreshed).refresh_derived()
    Agreement.objects.filter(pk__in=before).refresh_search()
    Agreement.objects.filter(pk__in=before).renew_edit_tokens()
    note_written(Agreement, before)
    _let_earlier_imports_be_undone(before)
    return len(before)


def _put_facts_back(facts: dict[int, Values]) -> None:
    changed = {key: values for key, values in facts.items() if values}
    if not changed:
        return
    agreements = list(Agreement.objects.filter(pk__in=changed))
    for agreement in agreements:
        for name, value in changed[agreement.pk].items():
            setattr(agreement, name, value)
        agreement.expires = agreement.end_of_term()
    names = {name for values in changed.values() for name in values} | {"expires"}
    Agreement.objects.bulk_update(agreements, sorted(with_days(Agreement, names)), batch_size=100)


def _facts(before: Values) -> Values:
    plain = {name: value for name, value in before.items() if not name.startswith(_ROWS)}
    return from_json(None, plain)


def _rows_back(name: str, before: Values, found: Snapshot) -> RowChanges:
    facet = FACETS[name]
    rows = [from_json(facet, row) for row in before[f"{_ROWS}{name}"]]
    return row_changes(facet, rows, found.rows[name])


def _let_earlier_imports_be_undone(before: dict[int, ImportedRecord]) -> None:
    """The records are as an earlier import left them, so that import may be undone next, under their new tokens."""
    tokens = dict(Agreement.objects.filter(pk__in=before).values_list("pk", "edit_token"))
    earlier = ImportedRecord.objects.filter(
        agreement__in=before, token__in={line.token_before for line in before.values()}
    )
    lines = list(earlier)
    for line in lines:
        if line.agreement_id and line.token == before[line.agreement_id].token_before:
            line.token = tokens[line.agreement_id]
    ImportedRecord.objects.bulk_update(lines, ["token"], batch_size=200)


# What was added besides the agreements


def _remove_additions(run: Import) -> tuple[int, int]:
    names = _keys(run, ImportedAddition.What.PARTY_NAME)
    owners = set(PartyName.objects.filter(pk__in=names).values_list("party_id", flat=True))
    for name in PartyName.objects.filter(pk__in=names):
        # a handful, which someone chose one by one; each updates the search index
        name.delete()
    sources = _remove_unused(Source, run, ImportedAddition.What.SOURCE)
    parties = _remove_unused(Party, run, ImportedAddition.What.PARTY)
    note_written(
        Party, owners & set(Party.objects.filter(pk__in=owners).values_list("pk", flat=True))
    )
    return parties, sources


def _remove_unused(model: Any, run: Import, what: str) -> int:
    """Delete the rows that the import created, that nothing uses and nobody has edited."""
    tokens = dict(run.additions.filter(what=what).values_list("key", "token"))
    removed = 0
    for some in in_few(list(tokens)):
        rows = {row.pk: row for row in model.objects.filter(pk__in=some)}
        unused = set(rows) - held(model, list(rows))
        gone = {key: str(rows[key]) for key in unused if rows[key].edit_token == tokens[key]}
        note_removed(model, gone)
        remove(model, list(gone))
        removed += len(gone)
    return removed


def _keys(run: Import, what: str) -> list[int]:
    return list(run.additions.filter(what=what).values_list("key", flat=True))
