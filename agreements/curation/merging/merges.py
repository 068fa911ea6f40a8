"""Merges one party into another, and undoes such a merge: one party becomes two again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from agreements.curation.duplicate_parties import refresh_parties
from agreements.curation.history.recording import note_written, recorded
from agreements.curation.history.restoring import mark_restored
from agreements.curation.merging.obstacles import (
    UndoError,
    obstacles_to_undoing,
    refuse,
    refused_if_incomplete,
)
from agreements.curation.merging.previews import differences, new_names, set_value, value_of
from agreements.curation.merging.rows import (
    CHUNK,
    ROWS_OF_AGREEMENTS,
    affected,
    clashing,
    keys_of,
    lock,
    lock_agreements,
    lock_parties,
    naming,
    refresh_search,
    written_in_bulk,
)
from agreements.domain.choices import NameKind
from agreements.domain.chunks import in_chunks
from agreements.domain.partial_dates import PartialDate
from agreements.domain.participation import OVER_TIME
from agreements.models import (
    Agreement,
    FormerPartySlug,
    Membership,
    MergedRow,
    Participation,
    Party,
    PartyMerge,
    PartyName,
    Succession,
    search_refreshed_once,
)
from agreements.models.querysets import AgreementQuerySet

# The kind of row that a merge added to the party it kept, and that undoing it removes.
_ADDED_NAMES = "added_names"
_OF_NAMES = ("name", "kind", "language", "used_from", "used_until", "note")
# A party's accessors for successions, with the column in which these name it.
_SUCCESSIONS = {"succeeded_by": "predecessor", "succeeded": "successor"}
# Among the columns of a removed participation: those that the row that stands for it took from it.
_FILLED = "filled"
_OVER_TIME_COLUMNS = [
    column.name
    for column in Participation._meta.concrete_fields
    if column.name in OVER_TIME or getattr(column, "date_name", "") in OVER_TIME
]
# The accessor, the column of the party itself, and that of the other one.
_MEMBERSHIPS = (("memberships", "organisation", "member"), ("member_of", "member", "organisation"))
_OWN_COLUMNS = [column.name for column in Party._meta.concrete_fields if column.editable]


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
            other={**model_to_dict(other, _OWN_COLUMNS), "country": str(other.country)},
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
        refresh_parties([kept.pk])
    return merged


def _columns_to_change(kept: Party, other: Party, take: set[str]) -> dict[str, list[object]]:
    """Return [before, after] for each column of `kept` that takes the value of `other`."""
    return {
        difference.column: [value_of(kept, difference.column), value_of(other, difference.column)]
        for difference in differences(kept, other)
        if difference.column in take or not difference.is_choice
    }


def _move_rows_of(chunk: list[int], merged: PartyMerge, kept: Party, other: Party) -> None:
    """Move the rows of `other`, but remove those where `kept` has the same role: its row then stands for both.

    What only the removed row says over time goes to the row that stays; `refuse` has made sure that they do not differ.
    """
    _combine_participations(merged, kept, list(clashing(kept, other).filter(agreement__in=chunk)))
    for kind, (model, column) in ROWS_OF_AGREEMENTS.items():
        rows = model._default_manager.filter(**{column: other}, agreement__in=chunk)
        _move(merged, kind, rows, **{column: kept})


def _combine_participations(merged: PartyMerge, kept: Party, doubled: list[Participation]) -> None:
    standing = _by_role(kept, [row.agreement_id for row in doubled])
    changed, removed = [], []
    for row in doubled:
        stands = standing[row.agreement_id, row.role]
        told = {name: value for name in OVER_TIME if (value := getattr(row, name))}
        filled = [] if stands.has_own_history else list(told)
        for name in filled:
            setattr(stands, name, told[name])
        changed += [stands] if filled else []
        columns = {"position": row.position, **{name: str(value) for name, value in told.items()}}
        removed.append(
            MergedRow(
                merge=merged,
                kind="participations",
                row=row.pk,
                agreement=row.agreement_id,
                role=row.role,
                removed=columns | ({_FILLED: filled} if filled else {}),
            )
        )
    MergedRow.objects.bulk_create(removed)
    Participation.objects.filter(pk__in=[row.pk for row in doubled]).delete()
    Participation.objects.bulk_update(changed, _OVER_TIME_COLUMNS)


def _by_role(party: Party, agreements: list[int]) -> dict[tuple[int, str], Participation]:
    """Return the participations of a party in these agreements by agreement and role; no query without agreements."""
    if not agreements:
        return {}
    rows = Participation.objects.filter(party=party, agreement__in=agreements)
    return {(row.agreement_id, row.role): row for row in rows}


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
            removed={
                name: str(value) if isinstance(value, PartialDate) else value
                for name, value in model_to_dict(row, columns).items()
            },
        )
        for row in doubled
    )
    rows.model._default_manager.filter(pk__in=[row.pk for row in doubled]).delete()


def _move_what_is_its_own(merged: PartyMerge, kept: Party, other: Party) -> None:
    bodies = list(Party.objects.filter(parent=other).values_list("pk", flat=True))
    before = list(Succession.objects.filter(successor=other).values_list("predecessor", flat=True))
    joined = Membership.objects.filter(member=other).exclude(organisation=kept)
    organisations = list(joined.values_list("organisation", flat=True).distinct())
    written = {kept.pk, *bodies, *before, *organisations} - {other.pk}
    with written_in_bulk(Party, sorted(written)):
        _move_memberships(merged, kept, other)
        _move(merged, "children", Party.objects.filter(parent=other), parent=kept)
        added = new_names(kept, other, taken=merged.changed)
        known = {kept.name, *PartyName.objects.filter(party=kept).values_list("name", flat=True)}
        names = PartyName.objects.filter(party=other)
        _remove(merged, "names", names.filter(name__in=known), *_OF_NAMES)
        _move(merged, "names", names, party=kept)
        for name in added:
            row = PartyName.objects.create(party=kept, name=name, kind=NameKind.ALIAS)
            MergedRow.objects.create(merge=merged, kind=_ADDED_NAMES, row=row.pk)
        _move(merged, "former_slugs", FormerPartySlug.objects.filter(row=other), row=kept)
        for kind, end in _SUCCESSIONS.items():
            rows = Succession.objects.filter(**{end: other})
            _remove(merged, kind, _doubled(rows, kept, end), "predecessor", "successor", "date")
            _move(merged, kind, rows, **{end: kept})
        Party.objects.get(pk=other.pk).delete()
        FormerPartySlug.objects.update_or_create(slug=other.slug, defaults={"row": kept})
        for column, (_before, after) in merged.changed.items():
            set_value(kept, column, after)
        kept.save()


def _doubled(rows: QuerySet[Succession], kept: Party, end: str) -> QuerySet[Succession]:
    """Return those that `kept` has as well, or that would make it succeed itself."""
    far_end = {"predecessor": "successor", "successor": "predecessor"}[end]
    own = Succession.objects.filter(**{end: kept}).values(far_end)
    return rows.filter(Q(**{f"{far_end}__in": own}) | Q(**{far_end: kept}))


def _move_memberships(merged: PartyMerge, kept: Party, other: Party) -> None:
    """Move its members and its memberships, but remove those that the party that is kept has as well."""
    for kind, own, far in _MEMBERSHIPS:
        rows = Membership.objects.filter(**{own: other})
        same = Membership.objects.filter(**{own: kept, far: OuterRef(far)}, since=OuterRef("since"))
        _remove(merged, kind, rows.filter(Q(**{far: kept}) | Exists(same)), far, "since", "until")
        _move(merged, kind, rows, **{own: kept})


# Undoing


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
        refresh_parties([kept.pk, other.pk])
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
    with written_in_bulk(Party, sorted({kept.pk, *keys, *_others_with_rows(merged, kept)})):
        _reset_what_it_changed(merged, kept, other)
        other.save(force_insert=True)
        Party.objects.filter(pk__in=keys).update(parent=other)
        names = PartyName.objects.filter(pk__in=merged.rows_moved("names"), party=kept)
        names.update(party=other)
        removed = (PartyName(party=other, **row.removed) for row in merged.rows_removed("names"))
        # somebody may have corrected one of the names to exactly this spelling
        PartyName.objects.bulk_create(removed, ignore_conflicts=True)
        former = FormerPartySlug.objects.filter(pk__in=merged.rows_moved("former_slugs"), row=kept)
        former.update(row=other)
        for kind, end in _SUCCESSIONS.items():
            succeeding = Succession.objects.filter(pk__in=merged.rows_moved(kind), **{end: kept})
            succeeding.update(**{end: other})
        _restore_successions(merged)
        for kind, own, _far in _MEMBERSHIPS:
            joined = Membership.objects.filter(pk__in=merged.rows_moved(kind), **{own: kept})
            joined.update(**{own: other})
        _restore_memberships(merged, other)
    note_written(Party, [other.pk])
    return other


def _others_with_rows(merged: PartyMerge, kept: Party) -> set[int]:
    """Return the predecessors and organisations whose rows will name the party again, or that get such rows back."""
    succeeded = Succession.objects.filter(pk__in=merged.rows_moved("succeeded"), successor=kept)
    joined = Membership.objects.filter(pk__in=merged.rows_moved("member_of"), member=kept)
    removed = [row.removed["predecessor"] for row in merged.rows_removed("succeeded")]
    removed += [row.removed["organisation"] for row in merged.rows_removed("member_of")]
    return {
        *succeeded.values_list("predecessor", flat=True),
        *joined.values_list("organisation", flat=True),
        *Party.objects.filter(pk__in=removed).values_list("pk", flat=True),
    }


def _restore_memberships(merged: PartyMerge, other: Party) -> None:
    """Create again the memberships that the merge removed, unless the party at the other end is gone."""
    for kind, own, far in _MEMBERSHIPS:
        removed = [row.removed for row in merged.rows_removed(kind)]
        ends = Party.objects.filter(pk__in=[row[far] for row in removed])
        there = set(ends.values_list("pk", flat=True))
        Membership.objects.bulk_create(
            (
                Membership(
                    **{own: other, f"{far}_id": row[far]}, since=row["since"], until=row["until"]
                )
                for row in removed
                if row[far] in there
            ),
            ignore_conflicts=True,
        )


def _restore_successions(merged: PartyMerge) -> None:
    """Create again the successions that the merge removed, unless the party at the other end is gone."""
    removed = [row.removed for kind in _SUCCESSIONS for row in merged.rows_removed(kind)]
    ends = {row[end] for row in removed for end in _SUCCESSIONS.values()}
    there = set(Party.objects.filter(pk__in=ends).values_list("pk", flat=True))
    Succession.objects.bulk_create(
        (
            Succession(
                predecessor_id=row["predecessor"], successor_id=row["successor"], date=row["date"]
            )
            for row in removed
            if {row["predecessor"], row["successor"]} <= there
        ),
        ignore_conflicts=True,
    )


def _reset_what_it_changed(merged: PartyMerge, kept: Party, other: Party) -> None:
    """Reset the columns and names that the merge changed, except where somebody has changed them since."""
    added = PartyName.objects.filter(pk__in=merged.rows_moved(_ADDED_NAMES), party=kept)
    added.filter(name__in=[other.name, other.short_name]).delete()
    for column, (before, after) in merged.changed.items():
        is_gone = column == "parent" and before and not Party.objects.filter(pk=before).exists()
        if value_of(kept, column) == after and not is_gone:
            set_value(kept, column, before)
    kept.save()


def _moved_in(merged: PartyMerge) -> AgreementQuerySet:
    """Return the agreements with a row to move back or to create again."""
    going_back = Q(pk__in=merged.rows_removed("participations").values("agreement"))
    for kind, (model, column) in ROWS_OF_AGREEMENTS.items():
        moved = Q(pk__in=merged.rows_moved(kind), **{column: merged.kept_id})
        standing = model._default_manager.filter(moved)
        going_back |= Q(pk__in=standing.values("agreement"))
    return Agreement.objects.filter(going_back).order_by("pk")


def _move_back(chunk: list[int], merged: PartyMerge, kept: Party, other: Party) -> int:
    """Give the rows of these agreements back to the other party and return how many."""
    moved = sum(
        model._default_manager.filter(
            pk__in=merged.rows_moved(kind), agreement__in=chunk, **{column: kept}
        ).update(**{column: other})
        for kind, (model, column) in ROWS_OF_AGREEMENTS.items()
    )
    removed = list(merged.rows_removed("participations").filter(agreement__in=chunk))
    standing = _by_role(kept, [row.agreement for row in removed])
    again, emptied = [], []
    for row in removed:
        columns = dict(row.removed)
        filled = columns.pop(_FILLED, ())
        again.append(
            Participation(party=other, agreement_id=row.agreement, role=row.role, **columns)
        )
        stands = standing.get((row.agreement, row.role))
        if stands is None:
            continue
        # what somebody has changed since stays
        same = [name for name in filled if str(getattr(stands, name)) == columns[name]]
        for name in same:
            setattr(stands, name, "")
        emptied += [stands] if same else []
    Participation.objects.bulk_update(emptied, _OVER_TIME_COLUMNS)
    Participation.objects.bulk_create(again)
    return moved + len(again)
