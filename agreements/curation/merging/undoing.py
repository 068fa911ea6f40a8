"""Undoes a merge: one party becomes two again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.curation.duplicate_parties import refresh_party
from agreements.curation.history import mark_restored, note_written, recorded
from agreements.curation.merging.joining import ADDED_NAMES
from agreements.curation.merging.obstacles import (
    UndoError,
    obstacles_to_undoing,
    refused_if_incomplete,
)
from agreements.curation.merging.previews import set_value, value_of
from agreements.curation.merging.rows import (
    CHUNK,
    ROWS_OF_AGREEMENTS,
    affected,
    keys_of,
    lock_agreements,
    lock_parties,
    refresh_search,
    written_in_bulk,
)
from agreements.domain.chunks import in_chunks
from agreements.models import (
    Agreement,
    FormerPartySlug,
    Participation,
    Party,
    PartyMerge,
    PartyName,
    search_refreshed_once,
)
from agreements.models.querysets import AgreementQuerySet


@dataclass(frozen=True)
class Undone:
    """The party that is back, and how many rows of agreements stayed where somebody put them after the merge."""

    party: Party
    left: int


def undo(merged: PartyMerge, *, by: Any, at: datetime) -> Undone:
    """Bring back the party that was merged away, with every row that is still where the merge put it.

    Rows that somebody has since removed or given to a third party stay as they are. `by` is the user, None for a
    command. Raises `UndoError` with the reasons, with nothing written.
    """
    reason = _("The merge of “%(other)s” into “%(kept)s” was undone.") % merged.names
    with search_refreshed_once(), refused_if_incomplete():
        merged = PartyMerge.objects.select_for_update(of=("self",)).get(pk=merged.pk)
        kept = _lock(merged)
        if reasons := list(obstacles_to_undoing(merged, by=by)):
            raise UndoError(reasons)
        with recorded(by=by, why=reason):
            other = _bring_back(merged, kept)
        moved = 0
        for chunk in in_chunks(keys_of(_moved_in(merged)), CHUNK):
            with recorded(by=by, why=reason), written_in_bulk(Agreement, chunk):
                moved += _move_back(chunk, merged, kept, other)
        merged.undone_at, merged.undone_by = at, by
        merged.save(update_fields=["undone_at", "undone_by"])
        mark_restored(Party, other.pk, at)
        refresh_search(keys_of(affected(kept, other)))
        refresh_party(kept)
        refresh_party(other)
    rows = merged.rows.filter(kind__in=ROWS_OF_AGREEMENTS).count()
    return Undone(other, rows - moved)


def _lock(merged: PartyMerge) -> Party:
    """Lock the party that was kept, its bodies and the agreements affected, agreements first as everywhere."""
    lock_agreements(affected(*Party.objects.filter(pk=merged.kept_id)))
    lock_parties(Q(parent=merged.kept_id))
    if kept := lock_parties(Q(pk=merged.kept_id)):
        return kept[0]
    raise UndoError(list(obstacles_to_undoing(merged)))


def _bring_back(merged: PartyMerge, kept: Party) -> Party:
    """Create the party again with its id and its own rows."""
    other = Party(pk=merged.other_key)
    for column, value in merged.other.items():
        if column != "id":
            set_value(other, column, value)
    bodies = Party.objects.filter(pk__in=merged.rows_moved("children"), parent=kept)
    keys = list(bodies.values_list("pk", flat=True))
    with written_in_bulk(Party, [kept.pk, *keys]):
        _reset_what_it_changed(merged, kept, other)
        other.save(force_insert=True)
        Party.objects.filter(pk__in=keys).update(parent=other)
        _return_names(merged, kept, other)
        former = FormerPartySlug.objects.filter(pk__in=merged.rows_moved("former_slugs"), row=kept)
        former.update(row=other)
    note_written(Party, [other.pk])
    return other


def _reset_what_it_changed(merged: PartyMerge, kept: Party, other: Party) -> None:
    """Reset the columns and names that the merge changed, except where somebody has changed them since."""
    added = PartyName.objects.filter(pk__in=merged.rows_moved(ADDED_NAMES), party=kept)
    added.filter(name__in=[other.name, other.short_name]).delete()
    for column, (before, after) in merged.changed.items():
        is_gone = column == "parent" and before and not Party.objects.filter(pk=before).exists()
        if value_of(kept, column) == after and not is_gone:
            set_value(kept, column, before)
    kept.save()


def _return_names(merged: PartyMerge, kept: Party, other: Party) -> None:
    moved = PartyName.objects.filter(pk__in=merged.rows_moved("names"), party=kept)
    moved.update(party=other)
    names = (PartyName(party=other, **row.removed) for row in merged.rows_removed("names"))
    # one of the moved names may have been corrected to exactly this spelling
    PartyName.objects.bulk_create(names, ignore_conflicts=True)


def _moved_in(merged: PartyMerge) -> AgreementQuerySet:
    """Return the agreements with a row to move back or to create again."""
    going_back = Q(pk__in=merged.rows_removed("participations").values("agreement"))
    for kind, model in ROWS_OF_AGREEMENTS.items():
        standing = model.objects.filter(pk__in=merged.rows_moved(kind), party=merged.kept_id)
        going_back |= Q(pk__in=standing.values("agreement"))
    return Agreement.objects.filter(going_back).order_by("pk")


def _move_back(chunk: list[int], merged: PartyMerge, kept: Party, other: Party) -> int:
    """Give the rows of these agreements back to the other party and return how many."""
    moved = sum(
        model.objects.filter(
            pk__in=merged.rows_moved(kind), party=kept, agreement__in=chunk
        ).update(party=other)
        for kind, model in ROWS_OF_AGREEMENTS.items()
    )
    again = [
        Participation(party=other, agreement_id=row.agreement, role=row.role, **row.removed)
        for row in merged.rows_removed("participations").filter(agreement__in=chunk)
    ]
    Participation.objects.bulk_create(again)
    return moved + len(again)
