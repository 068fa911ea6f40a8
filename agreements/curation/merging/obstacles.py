"""What stands in the way of a merge, or of undoing one, in sentences for whoever tries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.curation.history.completeness import IncompleteError, sentence
from agreements.domain import permissions
from agreements.domain.choices import Role
from agreements.domain.completeness import Need
from agreements.models import Agreement, Participation, Party, PartyMerge
from agreements.models.trees import MAX_DEPTH

_MOST_NAMED = 20


class MergeError(Exception):
    """A merge that was not made; the text says why, and what to do."""


class UndoError(MergeError):
    """A merge that was not undone; `reasons` are sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@contextmanager
def refused_if_incomplete() -> Iterator[None]:
    """Say as a refusal of the merge, or of its undoing, what the history refuses at the end of a block."""
    try:
        yield
    except IncompleteError as loss:
        raise UndoError([str(loss)]) from loss


def refuse(kept: Party, other: Party, by: Any) -> None:
    """Raise `MergeError` unless `by`, None for a command, may make these two one; a query a level above them."""
    if kept.pk == other.pk:
        raise MergeError(_("A party cannot be merged with itself. Choose two different ones."))
    for one, above in ((kept, other), (other, kept)):
        if above.pk in lineage(one):
            raise MergeError(
                _(
                    "“%(one)s” is part of “%(above)s”. If they are one body nevertheless, "
                    "first change what the former is part of."
                )
                % {"one": one, "above": above}
            )
    if not _may_write(by, other):
        raise MergeError(
            _("Published agreements name “%(other)s”. Ask somebody who may publish to merge it.")
            % {"other": other}
        )
    if refs := _left_with_one_party(kept, other):
        raise MergeError(sentence(Need.PARTIES, refs))


def _left_with_one_party(kept: Party, other: Party) -> list[str]:
    """Return the published agreements that these two made with one another alone, and that do not say why."""
    parties = Participation.objects.filter(role=Role.PARTY, agreement=OuterRef("pk"))
    both = [Exists(parties.filter(party=party)) for party in (kept, other)]
    third = Exists(parties.exclude(party__in=[kept, other]))
    found = Agreement.objects.published().filter(*both, ~third, parties_note="")
    return list(found.order_by("pk").values_list("ref", flat=True))


def _may_write(user: Any, party: Party) -> bool:
    return user is None or permissions.may_change_shared(user, party)


def lineage(party: Party) -> list[int]:
    """Return the ids of what the party lies under, nearest first. Raises `MergeError` where that is a loop."""
    above: list[int] = []
    key = party.parent_id
    while key is not None:
        if key == party.pk or key in above or len(above) > MAX_DEPTH:
            raise MergeError(
                _("“%(name)s” lies under itself. First correct what it is part of.")
                % {"name": party}
            )
        above.append(key)
        key = Party.objects.filter(pk=key).values_list("parent", flat=True).first()
    return above


def gone(key: int) -> str:
    """Return what became of a party that is not there."""
    merged = PartyMerge.objects.filter(other_key=key, undone_at=None).first()
    if merged is None:
        return _("One of the two parties is no longer in the register.")
    return _("“%(other)s” has just been merged into “%(kept)s”.") % {
        "other": merged.other_name,
        "kept": merged.kept_name,
    }


# Undoing


def hindrances(merged: PartyMerge, *, by: Any = None) -> Iterator[str]:
    """Yield, a sentence each, what has happened since that keeps this merge from being undone."""
    if merged.undone_at is not None:
        yield _("It has been undone already.")
        return
    kept = Party.objects.filter(pk=merged.kept_id).first()
    if kept is None:
        yield _without_kept(merged)
        return
    if not _may_write(by, kept):
        yield _("Published agreements name these parties. Ask somebody who may publish.")
    yield from _taken_since(merged)
    yield from _moved_in_the_tree(merged)
    yield from _no_longer_shared(merged)
    yield from _shared_by_later_merges(merged)


def _without_kept(merged: PartyMerge) -> str:
    later = PartyMerge.objects.filter(other_key=merged.kept_id, undone_at=None).first()
    if later is None:
        return _("“%(kept)s” has been deleted since.") % {"kept": merged.kept_name}
    return _("“%(kept)s” has itself been merged into “%(later)s”. Undo that merge first.") % {
        "kept": merged.kept_name,
        "later": later.kept_name,
    }


def _taken_since(merged: PartyMerge) -> Iterator[str]:
    if Party.objects.filter(pk=merged.other_key).exists():
        yield _("“%(other)s” has been brought back from the history.") % {
            "other": merged.other_name
        }
        return
    holder = Party.objects.filter(slug=merged.other["slug"]).first()
    if holder is not None:
        yield _("“%(name)s” has its slug “%(slug)s” now. Give that party another one first.") % {
            "name": holder,
            "slug": holder.slug,
        }


def _moved_in_the_tree(merged: PartyMerge) -> Iterator[str]:
    """Say whether what the party was part of is gone, or lies under a body that would go back under the party."""
    key = merged.other["parent"]
    if key is None:
        return
    parent = Party.objects.filter(pk=key).first()
    if parent is None:
        yield _("What “%(other)s” was part of is no longer there.") % {"other": merged.other_name}
        return
    bodies = Q(pk__in=merged.rows.filter(kind="children").values("row"), parent=merged.kept_id)
    if Party.objects.filter(bodies, pk__in=[parent.pk, *lineage(parent)]).exists():
        yield _(
            "“%(parent)s”, which “%(other)s” was part of, lies under one of its bodies now."
        ) % {"parent": parent, "other": merged.other_name}


def _no_longer_shared(merged: PartyMerge) -> Iterator[str]:
    """Name the agreements in which the row that stands for both parties was removed or given another role."""
    rows = merged.rows.filter(kind="participations")
    moved = rows.filter(removed__isnull=True).values("row")
    standing = Participation.objects.filter(
        party=merged.kept_id, agreement=OuterRef("agreement"), role=OuterRef("role")
    ).exclude(pk__in=moved)
    changed = rows.filter(~Exists(standing), removed__isnull=False).values("agreement")
    if refs := _refs(changed):
        yield _(
            "Both took part in %(refs)s, and somebody has changed the parties there since. "
            "Put “%(kept)s” back in its role first."
        ) % {"refs": get_text_list(refs, _("and")), "kept": merged.kept_name}


def _shared_by_later_merges(merged: PartyMerge) -> Iterator[str]:
    """Name the later merges that removed a row because one stood that goes back with this merge: it stands for both."""
    going_back = Participation.objects.filter(
        pk__in=merged.rows.filter(kind="participations", removed__isnull=True).values("row"),
        party=merged.kept_id,
        agreement=OuterRef("agreement"),
        role=OuterRef("role"),
    )
    later = PartyMerge.objects.filter(kept=merged.kept_id, undone_at=None, pk__gt=merged.pk)
    for merge in later:
        rows = merge.rows.filter(Exists(going_back), kind="participations", removed__isnull=False)
        if refs := _refs(rows.values("agreement")):
            yield _(
                "In %(refs)s one row stands for “%(other)s” and for “%(later)s”, which was merged "
                "into “%(kept)s” later. Undo that merge first."
            ) % {
                "refs": get_text_list(refs, _("and")),
                "other": merged.other_name,
                "later": merge.other_name,
                "kept": merged.kept_name,
            }


def _refs(agreements: Any) -> list[str]:
    """Return the references of the first of these agreements."""
    found = Agreement.objects.filter(pk__in=agreements).order_by("pk")
    return list(found.values_list("ref", flat=True)[:_MOST_NAMED])
