"""Makes two parties again of what a merge made one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.curation.duplicate_parties import refresh_party
from agreements.curation.history import mark_restored, note_written, recorded
from agreements.curation.merging.joining import ADDED_NAMES
from agreements.curation.merging.obstacles import UndoError, hindrances, refused_if_incomplete
from agreements.curation.merging.previews import set_value, value_of
from agreements.curation.merging.rows import (
    ROWS_OF_AGREEMENTS,
    concerned,
    in_chunks,
    keys_of,
    lock_agreements,
    lock_parties,
    moved_rows,
    refresh_search,
    removed_participations,
    written_in_bulk,
)
from agreements.models import (
    Agreement,
    FormerPartySlug,
    Participation,
    Party,
    PartyMerge,
    PartyName,
    search_refreshed_once,
)


@dataclass(frozen=True)
class Undone:
    """The party that is back, and how many rows of agreements stayed where somebody has put them since."""

    party: Party
    left: int


def undo(merged: PartyMerge, *, by: Any, at: datetime) -> Undone:
    """Bring the party back that was merged away, with every row that is where the merge put it.

    A row that somebody has since removed or given to a third party is left alone. `by` is the user, None for a
    command. Raises `UndoError` with the reasons, with nothing written.
    """
    reason = _("The merge of “%(other)s” into “%(kept)s” was undone.") % {
        "other": merged.other_name,
        "kept": merged.kept_name,
    }
    with search_refreshed_once(), refused_if_incomplete():
        merged = PartyMerge.objects.select_for_update(of=("self",)).get(pk=merged.pk)
        kept = _hold(merged)
        if reasons := list(hindrances(merged, by=by)):
            raise UndoError(reasons)
        with recorded(by=by, why=reason):
            other = _bring_back(merged, kept)
        moved = 0
        for chunk in in_chunks(keys_of(_moved_in(merged))):
            with recorded(by=by, why=reason), written_in_bulk(Agreement, chunk):
                moved += _move_back(chunk, merged, kept, other)
        merged.undone_at, merged.undone_by = at, by
        merged.save(update_fields=["undone_at", "undone_by"])
        mark_restored(Party, other.pk, at)
        refresh_search(keys_of(concerned(kept, other)))
        refresh_party(kept)
        refresh_party(other)
    rows = merged.rows.filter(kind__in=ROWS_OF_AGREEMENTS).count()
    return Undone(other, rows - moved)


def _hold(merged: PartyMerge) -> Party:
    """Lock the party that was kept, its bodies and the agreements concerned, agreements first as everywhere."""
    lock_agreements(concerned(*Party.objects.filter(pk=merged.kept_id)))
    lock_parties(Q(parent=merged.kept_id))
    if kept := lock_parties(Q(pk=merged.kept_id)):
        return kept[0]
    raise UndoError(list(hindrances(merged)))


def _bring_back(merged: PartyMerge, kept: Party) -> Party:
    """Make the party anew under its id, with what was its own."""
    other = Party(pk=merged.other_key)
    for column, value in merged.other.items():
        if column != "id":
            set_value(other, column, value)
    bodies = Party.objects.filter(pk__in=moved_rows(merged, "children"), parent=kept)
    keys = list(bodies.values_list("pk", flat=True))
    with written_in_bulk(Party, [kept.pk, *keys]):
        _take_away_what_it_brought(merged, kept, other)
        other.save(force_insert=True)
        Party.objects.filter(pk__in=keys).update(parent=other)
        _give_back_names(merged, kept, other)
        former = FormerPartySlug.objects.filter(pk__in=moved_rows(merged, "former_slugs"), row=kept)
        former.update(row=other)
    note_written(Party, [other.pk])
    return other


def _take_away_what_it_brought(merged: PartyMerge, kept: Party, other: Party) -> None:
    """Put back the columns and names that the merge changed, except where somebody has changed them again."""
    added = PartyName.objects.filter(pk__in=moved_rows(merged, ADDED_NAMES), party=kept)
    added.filter(name__in=[other.name, other.short_name]).delete()
    for column, (before, after) in merged.changed.items():
        if value_of(kept, column) == after and _is_there(column, before):
            set_value(kept, column, before)
    kept.save()


def _is_there(column: str, value: Any) -> bool:
    return column != "parent" or value is None or Party.objects.filter(pk=value).exists()


def _give_back_names(merged: PartyMerge, kept: Party, other: Party) -> None:
    moved = PartyName.objects.filter(pk__in=moved_rows(merged, "names"), party=kept)
    moved.update(party=other)
    removed = merged.rows.filter(kind="names", removed__isnull=False)
    names = (PartyName(party=other, **row.removed) for row in removed)
    # one of the moved names may have been corrected to this very spelling
    PartyName.objects.bulk_create(names, ignore_conflicts=True)


def _moved_in(merged: PartyMerge) -> Any:
    """Agreements with a row that is to go back or to be made again."""
    going_back = Q(pk__in=removed_participations(merged).values("agreement"))
    for kind, model in ROWS_OF_AGREEMENTS.items():
        standing = model.objects.filter(pk__in=moved_rows(merged, kind), party=merged.kept_id)
        going_back |= Q(pk__in=standing.values("agreement"))
    return Agreement.objects.filter(going_back).order_by("pk")


def _move_back(chunk: list[int], merged: PartyMerge, kept: Party, other: Party) -> int:
    """Return how many rows of these agreements are the other party's again."""
    moved = sum(
        model.objects.filter(
            pk__in=moved_rows(merged, kind), party=kept, agreement__in=chunk
        ).update(party=other)
        for kind, model in ROWS_OF_AGREEMENTS.items()
    )
    again = [
        Participation(party=other, agreement_id=row.agreement, role=row.role, **row.removed)
        for row in removed_participations(merged).filter(agreement__in=chunk)
    ]
    Participation.objects.bulk_create(again)
    return moved + len(again)
