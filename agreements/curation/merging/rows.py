"""Which rows name a party, which agreements they belong to, and how these are locked while a merge or undo writes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from agreements.curation.history.recording import note_about_to_change, note_written
from agreements.curation.merging.obstacles import MergeError, gone
from agreements.domain.chunks import in_chunks
from agreements.models import (
    Agreement,
    Commitment,
    Event,
    FormerPartySlug,
    Membership,
    Participation,
    Party,
    PartyName,
    Signatory,
    Succession,
)
from agreements.models.edit_tokens import renew
from agreements.models.querysets import AgreementQuerySet

# The rows of agreements that name a party, with the column that does, by a party's accessor for them.
ROWS_OF_AGREEMENTS: dict[str, tuple[type[Model], str]] = {
    "participations": (Participation, "party"),
    "signatories": (Signatory, "party"),
    "signatures_as_second": (Signatory, "second_party"),
    "signatures_as_third": (Signatory, "third_party"),
    "events": (Event, "party"),
    "commitments": (Commitment, "party"),
}
# A party's own rows, with the column that names the party.
ROWS_OF_ITS_OWN: dict[str, tuple[type[Model], str]] = {
    "names": (PartyName, "party"),
    "former_slugs": (FormerPartySlug, "row"),
    "children": (Party, "parent"),
    "succeeded_by": (Succession, "predecessor"),
    "succeeded": (Succession, "successor"),
    "memberships": (Membership, "organisation"),
    "member_of": (Membership, "member"),
}
CHUNK = 250
_TRIES = 5


class _OvertakenError(Exception):
    """Somebody entered another agreement with these parties while the rows were being locked."""


def naming(*parties: Party) -> AgreementQuerySet:
    """Return the agreements with a row that names one of these parties."""
    named = Q()
    for model, column in ROWS_OF_AGREEMENTS.values():
        rows = model._default_manager.filter(**{f"{column}__in": parties})
        named |= Q(pk__in=rows.values("agreement"))
    return Agreement.objects.filter(named).order_by("pk")


def affected(*parties: Party) -> AgreementQuerySet:
    """Return the agreements that name one of these parties or a body under it, so that its names find them."""
    branch = Agreement.objects.of_parties([party.slug for party in parties])
    either = Q(pk__in=branch.values("pk")) | Q(pk__in=naming(*parties).order_by().values("pk"))
    return Agreement.objects.filter(either).order_by("pk")


def clashing(kept: Party, other: Party) -> QuerySet[Participation]:
    """Return the participations of `other` in agreements in which `kept` has the same role."""
    same = Participation.objects.filter(
        party=kept, agreement=OuterRef("agreement"), role=OuterRef("role")
    )
    return Participation.objects.filter(Exists(same), party=other)


def keys_of(agreements: AgreementQuerySet) -> list[int]:
    return list(agreements.values_list("pk", flat=True))


def refresh_search(keys: list[int]) -> None:
    for chunk in in_chunks(keys, CHUNK):
        Agreement.objects.filter(pk__in=chunk).refresh_search()


@contextmanager
def written_in_bulk(record: type[Model], keys: list[int]) -> Iterator[None]:
    """Note in the history the records whose rows are written without signals, and renew their edit tokens."""
    note_about_to_change(record, keys)
    yield
    renew(record, keys)
    note_written(record, keys)


# Locking


def lock(kept: int, other: int) -> tuple[Party, Party, list[int]]:
    """Lock both parties and the agreements affected until the transaction ends; return them and the agreements' ids.

    Editing an agreement locks it before its parties, so agreements come first here too, in the order of their ids. If
    somebody enters another one in between, everything is released and locked again. Raises `MergeError` if one of the
    parties is gone.
    """
    for _attempt in range(_TRIES):
        with suppress(_OvertakenError), transaction.atomic():
            found = _both(Party.objects.filter(pk__in=[kept, other]), kept, other)
            locked = lock_agreements(affected(*found))
            lock_parties(Q(parent=other))
            parties = _both(lock_parties(Q(pk__in=[kept, other])), kept, other)
            if not set(locked).issuperset(keys_of(affected(*parties))):
                raise _OvertakenError
            return *parties, locked
    raise MergeError(
        _("Others are entering agreements with these parties. Wait a moment and try again.")
    )


def _both(parties: Iterable[Party], kept: int, other: int) -> tuple[Party, Party]:
    found = {party.pk: party for party in parties}
    for key in (kept, other):
        if key not in found:
            raise MergeError(gone(key))
    return found[kept], found[other]


def lock_parties(which: Q) -> list[Party]:
    """Lock bodies before what they are part of, as moving a body does."""
    return list(Party.objects.select_for_update().filter(which).order_by("pk"))


def lock_agreements(agreements: AgreementQuerySet) -> list[int]:
    # no_key, so that others can still enter relations to them
    return keys_of(agreements.select_for_update(no_key=True))
