"""Which rows name a party, which agreements these are of, and how they are held while a merge or its undo writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from agreements.curation.history import note_about_to_change, note_written
from agreements.curation.merging.obstacles import MergeError, gone
from agreements.models import (
    Agreement,
    Commitment,
    Event,
    FormerPartySlug,
    Participation,
    Party,
    PartyMerge,
    PartyName,
    Signatory,
)

# The rows of agreements that name a party, by a party's accessor for them.
ROWS_OF_AGREEMENTS: dict[str, Any] = {
    "participations": Participation,
    "signatories": Signatory,
    "events": Event,
    "commitments": Commitment,
}
# What is a party's own, with the column that names it.
ROWS_OF_ITS_OWN: dict[str, tuple[Any, str]] = {
    "names": (PartyName, "party"),
    "former_slugs": (FormerPartySlug, "row"),
    "children": (Party, "parent"),
}
CHUNK = 250
_TRIES = 5


class _OvertakenError(Exception):
    """Somebody has entered another agreement of these parties while the rows were being locked."""


def naming(*parties: Party) -> Any:
    """Agreements a row of which names one of these parties."""
    named = Q()
    for model in ROWS_OF_AGREEMENTS.values():
        named |= Q(pk__in=model.objects.filter(party__in=parties).values("agreement"))
    return Agreement.objects.filter(named).order_by("pk")


def concerned(*parties: Party) -> Any:
    """Agreements that name one of these parties or a body under it, and so have its names in their search."""
    branch = Agreement.objects.of_parties([party.slug for party in parties])
    either = Q(pk__in=branch.values("pk")) | Q(pk__in=naming(*parties).order_by().values("pk"))
    return Agreement.objects.filter(either).order_by("pk")


def clashing(kept: Party, other: Party) -> QuerySet[Participation]:
    """Participations of `other` in agreements in which `kept` takes part in the same role."""
    same = Participation.objects.filter(
        party=kept, agreement=OuterRef("agreement"), role=OuterRef("role")
    )
    return Participation.objects.filter(Exists(same), party=other)


def keys_of(agreements: Any) -> list[int]:
    return list(agreements.values_list("pk", flat=True))


def in_chunks(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def refresh_search(keys: list[int]) -> None:
    for chunk in in_chunks(keys):
        Agreement.objects.filter(pk__in=chunk).refresh_search()


@contextmanager
def written_in_bulk(record: type[Model], keys: list[int]) -> Iterator[None]:
    """Tell the history, before and after, of records whose rows are written past the signals; renew their tokens."""
    note_about_to_change(record, keys)
    yield
    records: Any = record._default_manager.filter(pk__in=keys)
    records.renew_edit_tokens()
    note_written(record, keys)


# Holding them


def hold(kept: int, other: int) -> tuple[Party, Party, list[int]]:
    """Lock both parties and the agreements concerned until the transaction ends; return them and the agreements' ids.

    Whoever edits an agreement holds that first and then touches parties, so agreements come first here too, in the
    order of their ids. Somebody may enter another one in between: then everything is let go and taken anew. Raises
    `MergeError` if one of the parties is gone.
    """
    for _attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _hold(kept, other)
        except _OvertakenError:
            continue
    raise MergeError(
        _("Others are entering agreements of these parties. Wait a moment and try again.")
    )


def _hold(kept: int, other: int) -> tuple[Party, Party, list[int]]:
    found = _both(Party.objects.filter(pk__in=[kept, other]), kept, other)
    held = lock_agreements(concerned(*found))
    lock_parties(Q(parent=other))
    parties = _both(lock_parties(Q(pk__in=[kept, other])), kept, other)
    if not set(held).issuperset(keys_of(concerned(*parties))):
        raise _OvertakenError
    return *parties, held


def _both(parties: Any, kept: int, other: int) -> tuple[Party, Party]:
    found = {party.pk: party for party in parties}
    for key in (kept, other):
        if key not in found:
            raise MergeError(gone(key))
    return found[kept], found[other]


def lock_parties(which: Q) -> list[Party]:
    """Lock bodies before what they are part of: whoever moves a body holds it first."""
    return list(Party.objects.select_for_update().filter(which).order_by("pk"))


def lock_agreements(agreements: Any) -> list[int]:
    # A relation that is just being entered may go on naming them.
    return keys_of(agreements.select_for_update(no_key=True))


# Rows of a merge


def moved_rows(merged: PartyMerge, kind: str) -> Any:
    """Return the ids of the rows of this kind that the merge moved, as a subquery."""
    return merged.rows.filter(kind=kind, removed__isnull=True).values("row")


def removed_participations(merged: PartyMerge) -> Any:
    return merged.rows.filter(kind="participations", removed__isnull=False)
