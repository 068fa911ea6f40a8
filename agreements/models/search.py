"""The search index as it is stored, kept current in the same transaction as any change to what is searched.

Writers that send no signals (`bulk_create`, `update`) call `Agreement.objects.filter(…).refresh_search()` themselves;
those that save many rows of a record do so within `search_refreshed_once`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from agreements.domain.chunks import in_chunks
from agreements.domain.facts import VALUES
from agreements.models.agreements import Agreement
from agreements.models.areas import Area
from agreements.models.identifiers import ExternalIdentifier
from agreements.models.languages import LanguageVersion
from agreements.models.participants import Participation, Signatory
from agreements.models.parties import Party, PartyName
from agreements.models.people import Person, PersonName
from agreements.models.querysets import AgreementQuerySet
from agreements.models.records import links_changed
from agreements.search import LONGEST_WORD


class SearchEntry(models.Model):
    """The folded words of an agreement.

    SQLite also keeps a full-text table by triggers, which `migrate` creates after its last migration; PostgreSQL keeps
    two generated columns.
    """

    # Deleted below, so that the admin does not ask to confirm it when an agreement is deleted.
    agreement = models.OneToOneField(
        Agreement, on_delete=models.DO_NOTHING, primary_key=True, related_name="search_entry"
    )
    title = models.TextField()
    body = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of the register's vocabulary; duplicates do no harm."""

    word = models.CharField(max_length=LONGEST_WORD, db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word


# Now, or once for many rows

_waiting: ContextVar[set[int] | None] = ContextVar("waiting", default=None)


@contextmanager
def search_refreshed_once() -> Iterator[None]:
    """Update the index once at the end of the block instead of for every row; the block is one transaction.

    Until then the search answers as before. In a nested block, the update waits for the outer one.
    """
    if _waiting.get() is not None:
        yield
        return
    waiting: set[int] = set()
    with transaction.atomic():
        held = _waiting.set(waiting)
        try:
            _check_foreign_keys_at_once()
            yield
        finally:
            _waiting.reset(held)
        # Rolled-back rows need no index, and could not be read.
        if not transaction.get_rollback():
            _refresh_keys(waiting)


def _check_foreign_keys_at_once() -> None:
    """When a row is written, lock the parties and areas that it names, so that they cannot be merged at the same time.

    PostgreSQL checks Django's foreign keys, and so locks what they name, only when the transaction ends; by then the
    search entry has been composed. SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _refresh_keys(keys: Iterable[int]) -> None:
    for chunk in in_chunks(sorted(keys)):
        _refresh(Agreement.objects.filter(pk__in=chunk))


def _refresh(agreements: AgreementQuerySet) -> None:
    """Refresh these agreements, which may be too many to hold in memory, now or at the end of the block."""
    waiting = _waiting.get()
    if waiting is None:
        agreements.refresh_search()
    else:
        waiting.update(agreements.values_list("pk", flat=True))


# Rows whose own columns are searched: first the column that says whose row it is, then those searched

_WATCHED: dict[type[models.Model], tuple[str, ...]] = {
    Agreement: ("pk", "ref", *(value.name for value in VALUES.values() if value.is_searched)),
    Participation: ("agreement_id", "party_id"),
    Signatory: ("agreement_id", "name", "as_published", "person_id"),
    LanguageVersion: ("agreement_id", "title"),
    ExternalIdentifier: ("agreement_id", "scheme", "value"),
    Party: ("pk", "name", "short_name", "parent_id"),
    PartyName: ("party_id", "name"),
    Person: ("pk", "name"),
    PersonName: ("person_id", "name"),
    Area: ("pk", "name", "parent_id"),
}


def _agreements_of(sender: type[models.Model], owner: int) -> AgreementQuerySet:
    """Return the agreements found by a row of this model that belongs to `owner`."""
    if sender is Area:
        areas = Area.objects.filter(pk=owner)
        return Agreement.objects.in_areas(areas.values_list("slug", flat=True))
    if sender in (Party, PartyName):
        parties = Party.objects.filter(pk=owner)
        return Agreement.objects.of_parties(parties.values_list("slug", flat=True))
    if sender in (Person, PersonName):
        signed = Signatory.objects.filter(person=owner)
        return Agreement.objects.filter(pk__in=signed.values("agreement"))
    return Agreement.objects.filter(pk=owner)


def _about_to_be_saved(sender: type[models.Model], instance: Any, **kwargs: object) -> None:
    """Note the previous state of the row, to see whether it changes or moves to another agreement."""
    stored = sender._default_manager.filter(pk=instance.pk) if instance.pk else None
    instance.searched_before = stored and stored.values_list(*_WATCHED[sender]).first()


def _saved(sender: type[models.Model], instance: Any, **kwargs: object) -> None:
    before = instance.searched_before
    now = tuple(getattr(instance, column) for column in _WATCHED[sender])
    if now != before:
        for owner in {now[0], before[0] if before else now[0]}:
            _refresh(_agreements_of(sender, owner))


def _deleted(
    sender: type[models.Model], instance: models.Model, origin: object, **kwargs: object
) -> None:
    """Refresh the agreements of a deleted row, unless the agreement itself is being deleted."""
    if getattr(origin, "model", type(origin)) is not Agreement:
        _refresh(_agreements_of(sender, getattr(instance, _WATCHED[sender][0])))


for _model in _WATCHED:
    pre_save.connect(_about_to_be_saved, sender=_model, dispatch_uid=f"search_before_{_model}")
    post_save.connect(_saved, sender=_model, dispatch_uid=f"search_after_{_model}")
for _model in (
    Participation,
    Signatory,
    LanguageVersion,
    ExternalIdentifier,
    PartyName,
    PersonName,
):
    post_delete.connect(_deleted, sender=_model, dispatch_uid=f"search_without_{_model}")


@receiver(pre_delete, sender=Agreement, dispatch_uid="search_forgets_agreement")
def _about_to_be_deleted(instance: Agreement, **kwargs: object) -> None:
    SearchEntry.objects.filter(pk=instance.pk).delete()


@receiver(links_changed, sender=Agreement.areas.through, dispatch_uid="search_areas_changed")
def _areas_changed(keys: list[int], **kwargs: object) -> None:
    _refresh_keys(keys)
