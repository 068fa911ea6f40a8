"""Undoes a whole import, as long as nobody has edited its records since.

Records that the import created are deleted, those it changed are restored, and the parties and sources it created are
deleted if nothing uses them. If anything prevents that (see `obstacles`), nothing is done, and the record is named.
The admin and `manage.py undo_import` call it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.completeness import IncompleteError
from agreements.curation.history.recording import note_removed, note_written, recorded
from agreements.domain.choices import ImportState
from agreements.domain.chunks import in_chunks
from agreements.domain.facts import renamed
from agreements.exchange.importing.differences import RowChanges, row_changes
from agreements.exchange.importing.obstacles import obstacles, written_lines
from agreements.exchange.importing.records import FACETS, Snapshot, Values, from_json, snapshots
from agreements.exchange.importing.refusals import ImportRefusedError, refused_if_overtaken
from agreements.exchange.importing.removal import held, remove
from agreements.exchange.importing.writing import change_records, refresh, superseded_by
from agreements.models import (
    Agreement,
    Import,
    ImportedAddition,
    ImportedRecord,
    Party,
    PartyName,
    Source,
)

Progress = Callable[[int], object]
_OVERTAKEN = {
    "clashing": gettext_lazy(
        "Something that would be restored has been deleted or given to another record, so nothing"
        " was undone. Check the import again."
    ),
    "busy": gettext_lazy(
        "Someone is working on the same records, or the database is busy or unavailable, so "
        "nothing was undone. Try again in a few minutes."
    ),
}


class UndoRefusedError(ImportRefusedError):
    """The import cannot be undone; the text says why."""


@dataclass(frozen=True)
class Undone:
    """How many records were removed and restored, and how many parties and sources were removed."""

    removed: int
    put_back: int
    parties: int
    sources: int


def undo(
    run: Import, *, by: User | None, at: datetime, progress: Progress = lambda count: None
) -> Undone:
    """Undo this import in one transaction. Raises `UndoRefusedError`."""
    try:
        with refused_if_overtaken(UndoRefusedError, **_OVERTAKEN), transaction.atomic():
            return _undo(run, by=by, at=at, progress=progress)
    except IncompleteError as refusal:
        sentence = _("The import cannot be undone: %(reason)s")
        raise UndoRefusedError(sentence % {"reason": refusal}) from refusal


def _undo(run: Import, *, by: User | None, at: datetime, progress: Progress) -> Undone:
    state = Import.objects.select_for_update().values_list("state", flat=True).get(pk=run.pk)
    if state != ImportState.APPLIED:
        raise UndoRefusedError(_("Only an applied import can be undone."))
    for obstacle in obstacles(run, by=by, lock=True):
        sentence = _("The import cannot be undone: %(first)s: %(reason)s")
        raise UndoRefusedError(sentence % {"first": obstacle.ref, "reason": obstacle.reason})
    why = _("Import %(number)d undone: %(file)s") % {"number": run.pk, "file": run.file_name}
    removed = put_back = 0
    for lines in written_lines(run):
        with recorded(by=by, why=why):
            removed += _remove_created([line for line in lines if line.before is None])
            put_back += _put_back([line for line in lines if line.before is not None])
        progress(len(lines))
    with recorded(by=by, why=why):
        _remove_names(run)
        sources = _remove_unused(Source, run, ImportedAddition.What.SOURCE)
        parties = _remove_unused(Party, run, ImportedAddition.What.PARTY)
    run.state, run.undone_at, run.undone_by = ImportState.UNDONE, at, by
    run.work = ""
    run.save(update_fields=["state", "work", "undone_at", "undone_by"])
    return Undone(removed, put_back, parties, sources)


def _remove_created(lines: Sequence[ImportedRecord]) -> int:
    created = {line.agreement_id: line for line in lines if line.agreement_id}
    superseded = superseded_by(created)
    note_removed(Agreement, {key: f"{line.ref} {line.title}" for key, line in created.items()})
    remove(Agreement, created)
    Agreement.objects.filter(pk__in=superseded - set(created)).refresh_derived()
    return len(created)


def _put_back(lines: Sequence[ImportedRecord]) -> int:
    before = {line.agreement_id: line for line in lines if line.agreement_id}
    superseded = superseded_by(before)
    found = snapshots(before)
    earlier = {key: line.before or {} for key, line in before.items()}
    change_records(
        {key: (_facts(was), _rows_back(was, found[key])) for key, was in earlier.items()}
    )
    refresh(before, superseded)
    _let_earlier_imports_be_undone(before)
    return len(before)


def _facts(before: Values) -> Values:
    own = {name: value for name, value in before.items() if not name.startswith("rows:")}
    return from_json(Agreement, renamed(own))


def _rows_back(before: Values, found: Snapshot) -> dict[str, RowChanges]:
    return {
        name: row_changes(
            facet, [from_json(facet.model, row) for row in before[f"rows:{name}"]], found.rows[name]
        )
        for name, facet in FACETS.items()
        if f"rows:{name}" in before
    }


def _let_earlier_imports_be_undone(before: dict[int, ImportedRecord]) -> None:
    """Note the new tokens of records restored to what an earlier import left, so that it can be undone next."""
    tokens = dict(Agreement.objects.filter(pk__in=before).values_list("pk", "edit_token"))
    earlier = ImportedRecord.objects.filter(
        agreement__in=before, token__in={line.token_before for line in before.values()}
    )
    lines = list(earlier)
    for line in lines:
        if line.agreement_id and line.token == before[line.agreement_id].token_before:
            line.token = tokens[line.agreement_id]
    ImportedRecord.objects.bulk_update(lines, ["token"], batch_size=200)


# Parties, their spellings and sources


def _remove_names(run: Import) -> None:
    """Delete the spellings that someone assigned to parties in the preview."""
    keys = run.additions.filter(what=ImportedAddition.What.PARTY_NAME).values_list("key", flat=True)
    names = list(PartyName.objects.filter(pk__in=list(keys)))
    for name in names:
        # a handful, which someone chose one by one; each updates the search index
        name.delete()
    note_written(Party, {name.party_id for name in names})


def _remove_unused(model: type[Party | Source], run: Import, what: str) -> int:
    """Delete the rows that the import created, unless something uses them or they have been edited since."""
    tokens = dict(run.additions.filter(what=what).values_list("key", "token"))
    removed = 0
    for some in in_chunks(tokens):
        rows = {row.pk: row for row in model._default_manager.filter(pk__in=some)}
        unused = set(rows) - held(model, rows)
        gone = {key: str(rows[key]) for key in unused if rows[key].edit_token == tokens[key]}
        note_removed(model, gone)
        remove(model, gone)
        removed += len(gone)
    return removed
