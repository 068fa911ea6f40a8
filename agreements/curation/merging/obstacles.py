"""What prevents a merge, or undoing one, in sentences for the user."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.curation.history.completeness import IncompleteError, sentence
from agreements.domain import permissions
from agreements.domain.choices import Role
from agreements.domain.completeness import Need
from agreements.domain.participation import OVER_TIME
from agreements.models import Agreement, Participation, Party, PartyMerge
from agreements.models.trees import MAX_DEPTH

_MOST_NAMED = 20


class MergeError(Exception):
    """A merge that was refused; the text says why and what to do."""


class UndoError(MergeError):
    """A merge that could not be undone; `reasons` are sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@contextmanager
def refused_if_incomplete() -> Iterator[None]:
    """Raise an `UndoError` if the history refuses something at the end of the block."""
    try:
        yield
    except IncompleteError as loss:
        raise UndoError([str(loss)]) from loss


def refuse(kept: Party, other: Party, by: permissions.Person | None) -> None:
    """Raise `MergeError` unless `by`, None for a command, may merge these two; one query for each level above them."""
    if kept.pk == other.pk:
        raise MergeError(_("A party cannot be merged with itself. Choose two different ones."))
    for one, above in ((kept, other), (other, kept)):
        if above.pk in lineage(one):
            raise MergeError(
                _(
                    "“%(one)s” is part of “%(above)s”. If they really are the same body, "
                    "first change what “%(one)s” is part of."
                )
                % {"one": one, "above": above}
            )
    if not _may_write(by, other):
        raise MergeError(
            _("Published agreements name “%(other)s”. Ask a publisher to merge it.")
            % {"other": other}
        )
    if refs := _left_with_one_party(kept, other):
        raise MergeError(sentence(Need.PARTIES, refs))
    if refs := _with_two_histories(kept, other):
        raise MergeError(
            _(
                "Both take part in %(refs)s, each with dates or consent of its own. "
                "First remove them from one of the two."
            )
            % {"refs": get_text_list(refs, _("and"))}
        )


def _left_with_one_party(kept: Party, other: Party) -> list[str]:
    """Return the published agreements between these two alone that do not say why a second party is missing."""
    parties = Participation.objects.filter(role=Role.PARTY, agreement=OuterRef("pk"))
    both = [Exists(parties.filter(party=party)) for party in (kept, other)]
    third = Exists(parties.exclude(party__in=[kept, other]))
    found = Agreement.objects.published().filter(*both, ~third, parties_note="")
    return list(found.order_by("pk").values_list("ref", flat=True))


def _with_two_histories(kept: Party, other: Party) -> list[str]:
    """Return the first agreements in which one row cannot say what two say over time."""
    has_history = reduce(or_, (~Q(**{name: ""}) for name in OVER_TIME))
    same_role = Participation.objects.filter(
        party=kept, agreement=OuterRef("agreement"), role=OuterRef("role")
    )
    equal = same_role.filter(**{name: OuterRef(name) for name in OVER_TIME})
    rows = Participation.objects.filter(
        has_history, Exists(same_role.filter(has_history)), ~Exists(equal), party=other
    )
    return _refs(rows)


def _may_write(user: permissions.Person | None, party: Party) -> bool:
    return user is None or permissions.may_change_shared(user, party)


def lineage(party: Party) -> list[int]:
    """Return the ids of everything above the party, nearest first. Raises `MergeError` if that is a loop."""
    above: list[int] = []
    key = party.parent_id
    while key is not None:
        if key == party.pk or key in above or len(above) > MAX_DEPTH:
            raise MergeError(
                _("“%(name)s” is part of itself. First correct what it is part of.")
                % {"name": party}
            )
        above.append(key)
        key = Party.objects.filter(pk=key).values_list("parent", flat=True).first()
    return above


def gone(key: int) -> str:
    """Return what happened to a party that no longer exists."""
    merged = PartyMerge.objects.filter(other_key=key, undone_at=None).first()
    if merged is None:
        return _("One of the two parties is no longer in the register.")
    return _("“%(other)s” has just been merged into “%(kept)s”.") % merged.names


# Undoing


def obstacles_to_undoing(
    merged: PartyMerge, *, by: permissions.Person | None = None
) -> Iterator[str]:
    """Yield a sentence for each thing that has happened since the merge and prevents undoing it."""
    if merged.undone_at is not None:
        yield _("It has already been undone.")
        return
    kept = Party.objects.filter(pk=merged.kept_id).first()
    if kept is None:
        yield _without_kept(merged)
        return
    if not _may_write(by, kept):
        yield _("Published agreements name these parties. Ask a publisher to undo it.")
    yield from _taken_since(merged)
    yield from _moved_in_the_tree(merged)
    yield from _no_longer_shared(merged)
    yield from _shared_by_later_merges(merged)


def _without_kept(merged: PartyMerge) -> str:
    later = PartyMerge.objects.filter(other_key=merged.kept_id, undone_at=None).first()
    if later is None:
        return _("“%(kept)s” has since been deleted.") % merged.names
    sentence = _("“%(kept)s” has itself been merged into “%(later)s”. Undo that merge first.")
    return sentence % {**merged.names, "later": later.kept_name}


def _taken_since(merged: PartyMerge) -> Iterator[str]:
    if Party.objects.filter(pk=merged.other_key).exists():
        yield _("“%(other)s” has been restored from the history.") % merged.names
        return
    holder = Party.objects.filter(slug=merged.other["slug"]).first()
    if holder is not None:
        yield _("“%(name)s” now has its slug “%(slug)s”. First give that party another slug.") % {
            "name": holder,
            "slug": holder.slug,
        }


def _moved_in_the_tree(merged: PartyMerge) -> Iterator[str]:
    """Report if the party's parent is gone, or is now below a body that would return to the party."""
    key = merged.other["parent"]
    if key is None:
        return
    parent = Party.objects.filter(pk=key).first()
    if parent is None:
        yield _("What “%(other)s” was part of no longer exists.") % merged.names
        return
    bodies = Q(pk__in=merged.rows_moved("children"), parent=merged.kept_id)
    if Party.objects.filter(bodies, pk__in=[parent.pk, *lineage(parent)]).exists():
        yield _(
            "“%(parent)s”, which “%(other)s” was part of, is now part of one of its bodies."
        ) % {**merged.names, "parent": parent}


def _no_longer_shared(merged: PartyMerge) -> Iterator[str]:
    """Name the agreements in which somebody removed the row that stands for both parties, or changed its role."""
    standing = _in_its_place(merged).exclude(pk__in=merged.rows_moved("participations"))
    changed = merged.rows_removed("participations").filter(~Exists(standing))
    if refs := _refs(changed):
        yield _(
            "Both took part in %(refs)s, and somebody has changed the parties there since. "
            "First give “%(kept)s” its old role back."
        ) % {**merged.names, "refs": get_text_list(refs, _("and"))}


def _shared_by_later_merges(merged: PartyMerge) -> Iterator[str]:
    """Name the later merges that removed a row as a duplicate of one that would go back with this merge."""
    going_back = _in_its_place(merged).filter(pk__in=merged.rows_moved("participations"))
    later = PartyMerge.objects.filter(kept=merged.kept_id, undone_at=None, pk__gt=merged.pk)
    for merge in later:
        if refs := _refs(merge.rows_removed("participations").filter(Exists(going_back))):
            yield _(
                "In %(refs)s, one row stands for “%(other)s” and for “%(later)s”, which was later merged "
                "into “%(kept)s”. Undo that merge first."
            ) % {
                **merged.names,
                "refs": get_text_list(refs, _("and")),
                "later": merge.other_name,
            }


def _in_its_place(merged: PartyMerge) -> QuerySet[Participation]:
    """Return the participations of the party that was kept, in the agreement and role of a row of a merge."""
    return Participation.objects.filter(
        party=merged.kept_id, agreement=OuterRef("agreement"), role=OuterRef("role")
    )


def _refs(rows: QuerySet[Any]) -> list[str]:
    """Return the references of the first agreements with these rows."""
    found = Agreement.objects.filter(pk__in=rows.values("agreement")).order_by("pk")
    return list(found.values_list("ref", flat=True)[:_MOST_NAMED])
