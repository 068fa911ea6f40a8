"""Merges one party into another."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from agreements.curation.duplicate_parties import refresh_party
from agreements.curation.history import recorded
from agreements.curation.merging.obstacles import refuse, refused_if_incomplete
from agreements.curation.merging.previews import differences, new_names, set_value, value_of
from agreements.curation.merging.rows import (
    CHUNK,
    ROWS_OF_AGREEMENTS,
    clashing,
    keys_of,
    lock,
    naming,
    refresh_search,
    written_in_bulk,
)
from agreements.domain.choices import NameKind
from agreements.domain.chunks import in_chunks
from agreements.models import (
    Agreement,
    FormerPartySlug,
    MergedRow,
    Party,
    PartyMerge,
    PartyName,
    search_refreshed_once,
)

# The kind of row that a merge added to the party it kept; undoing the merge removes these.
ADDED_NAMES = "added_names"


def merge(
    kept: Party, other: Party, *, take: Iterable[str] = (), by: Any, at: datetime, why: str = ""
) -> PartyMerge:
    """Merge `other` into `kept`, which keeps its name and slug, and return what is needed to undo that.

    `take` names the columns of `CHOOSABLE` to take from `other`; empty ones are always filled from it. `by` is the
    user, None for a command. One transaction, but one revision per 250 agreements, so that the history does not hold
    all of them in memory at once. Raises `MergeError`, with nothing written.
    """
    reason = _("“%(other)s” was merged into “%(kept)s”.") % {"other": other, "kept": kept}
    reason = f"{reason} {why}".strip()
    with search_refreshed_once(), refused_if_incomplete():
        kept, other, locked = lock(kept.pk, other.pk)
        refuse(kept, other, by)
        merged = PartyMerge.objects.create(
            kept=kept,
            kept_name=kept.name,
            other_key=other.pk,
            other_name=other.name,
            other=_own_columns(other),
            changed=_columns_to_change(kept, other, set(take)),
            by=by,
            at=at,
            why=why,
        )
        for chunk in in_chunks(keys_of(naming(other)), CHUNK):
            with recorded(by=by, why=reason), written_in_bulk(Agreement, chunk):
                _move_rows_of(chunk, merged, kept, other)
        with recorded(by=by, why=reason):
            _move_what_is_its_own(merged, kept, other)
        refresh_search(locked)
        refresh_party(kept)
    return merged


def _own_columns(party: Party) -> dict[str, object]:
    edited = [column.name for column in Party._meta.concrete_fields if column.editable]
    return {**model_to_dict(party, edited), "country": str(party.country)}


def _columns_to_change(kept: Party, other: Party, take: set[str]) -> dict[str, list[object]]:
    """Return [before, after] for each column of `kept` that takes the value of `other`."""
    return {
        difference.column: [value_of(kept, difference.column), value_of(other, difference.column)]
        for difference in differences(kept, other)
        if difference.column in take or not difference.is_choice
    }


def _move_rows_of(chunk: list[int], merged: PartyMerge, kept: Party, other: Party) -> None:
    """Move the rows of `other`, but remove those where `kept` takes part in the same role: its row stands for both."""
    _remove(merged, "participations", clashing(kept, other).filter(agreement__in=chunk), "position")
    for kind, model in ROWS_OF_AGREEMENTS.items():
        _move(merged, kind, model.objects.filter(party=other, agreement__in=chunk), party=kept)


def _move(merged: PartyMerge, kind: str, rows: QuerySet[Model], **to: Party) -> None:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    noted = (MergedRow(merge=merged, kind=kind, row=key) for key in keys)
    MergedRow.objects.bulk_create(noted, batch_size=CHUNK)
    rows.update(**to)


def _remove(merged: PartyMerge, kind: str, rows: QuerySet[Model], *columns: str) -> None:
    """Delete the rows, keeping these columns for undoing the merge."""
    doubled = list(rows)
    MergedRow.objects.bulk_create(
        MergedRow(
            merge=merged,
            kind=kind,
            row=row.pk,
            agreement=getattr(row, "agreement_id", None),
            role=getattr(row, "role", ""),
            removed=model_to_dict(row, columns),
        )
        for row in doubled
    )
    rows.model._default_manager.filter(pk__in=[row.pk for row in doubled]).delete()


def _move_what_is_its_own(merged: PartyMerge, kept: Party, other: Party) -> None:
    bodies = list(Party.objects.filter(parent=other).values_list("pk", flat=True))
    with written_in_bulk(Party, [kept.pk, *bodies]):
        _move(merged, "children", Party.objects.filter(parent=other), parent=kept)
        added = new_names(kept, other, taken=merged.changed)
        _move_names(merged, kept, other)
        for name in added:
            row = PartyName.objects.create(party=kept, name=name, kind=NameKind.ALIAS)
            MergedRow.objects.create(merge=merged, kind=ADDED_NAMES, row=row.pk)
        _move(merged, "former_slugs", FormerPartySlug.objects.filter(row=other), row=kept)
        Party.objects.get(pk=other.pk).delete()
        FormerPartySlug.objects.update_or_create(slug=other.slug, defaults={"row": kept})
        for column, (_before, after) in merged.changed.items():
            set_value(kept, column, after)
        kept.save()


def _move_names(merged: PartyMerge, kept: Party, other: Party) -> None:
    known = {kept.name, *PartyName.objects.filter(party=kept).values_list("name", flat=True)}
    names = PartyName.objects.filter(party=other)
    _remove(merged, "names", names.filter(name__in=known), "name", "kind", "language", "note")
    _move(merged, "names", names, party=kept)
