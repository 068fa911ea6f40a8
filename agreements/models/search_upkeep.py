"""Keeps the search index current, in the same transaction as any change to what is searched.

Writers that send no signals (`bulk_create`, `update`) call `Agreement.objects.filter(…).refresh_search()` themselves;
those that save many rows of a record do so within `search_refreshed_once`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from agreements.domain.chunks import in_chunks
from agreements.models.agreements import Agreement, Participation, Signatory
from agreements.models.areas import Area
from agreements.models.parties import Party, PartyName
from agreements.models.search import SearchEntry

# Now, or once for many rows

_waiting: ContextVar[set[int] | None] = ContextVar("waiting", default=None)


@contextmanager
def search_refreshed_once() -> Iterator[None]:
    """Update the index once at the end of the block instead of at every row; the block is one transaction.

    Until then the search answers as before. In a nested block, the update waits for the outer one.
    """
    if _waiting.get() is not None:
        yield
        return
    waiting: set[int] = set()
    token = _waiting.set(waiting)
    try:
        with transaction.atomic():
            _check_foreign_keys_at_once()
            yield
            # What is rolled back needs no index, and could not be read.
            if not transaction.get_rollback():
                _refresh(waiting)
    finally:
        _waiting.reset(token)


def _check_foreign_keys_at_once() -> None:
    """Lock the parties and areas that a row names when the row is written, so that they cannot be merged meanwhile.

    PostgreSQL checks Django's foreign keys, and so locks what they name, only when the transaction ends; by then the
    search entry has been composed. SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _refresh(keys: Iterable[int]) -> None:
    for chunk in in_chunks(sorted(keys)):
        Agreement.objects.filter(pk__in=chunk).refresh_search()


def _touch(keys: Iterable[int]) -> None:
    waiting = _waiting.get()
    if waiting is None:
        _refresh(keys)
    else:
        waiting.update(keys)


def _touch_all(agreements: Any) -> None:
    """Do the same for agreements that may be too many to hold in memory."""
    if _waiting.get() is None:
        agreements.refresh_search()
    else:
        _touch(agreements.values_list("pk", flat=True))


# Rows whose own columns are searched


@dataclass(frozen=True)
class _Watched:
    """The searched columns of a model, and the agreements that a row with this `owner` belongs to."""

    columns: tuple[str, ...]
    owner: str
    agreements: Callable[[Any], Any]


def _one(key: int) -> Any:
    return Agreement.objects.filter(pk=key)


def _of_party(key: int) -> Any:
    return Agreement.objects.of_parties(Party.objects.filter(pk=key).values_list("slug", flat=True))


def _of_area(key: int) -> Any:
    return Agreement.objects.in_areas(Area.objects.filter(pk=key).values_list("slug", flat=True))


_WATCHED: dict[type[models.Model], _Watched] = {
    Agreement: _Watched(("ref", "title", "summary", "place"), "pk", _one),
    Participation: _Watched(("party_id",), "agreement_id", _one),
    Signatory: _Watched(("name", "as_published"), "agreement_id", _one),
    Party: _Watched(("name", "short_name", "parent_id"), "pk", _of_party),
    PartyName: _Watched(("name",), "party_id", _of_party),
    Area: _Watched(("name", "parent_id"), "pk", _of_area),
}


def _about_to_be_saved(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    """Note the previous state of the row: it may stay the same, or move to another agreement."""
    columns = {"pk", _WATCHED[sender].owner, *_WATCHED[sender].columns}
    stored = sender._default_manager.filter(pk=instance.pk) if instance.pk else None
    instance.searched_before = stored and stored.values(*columns).first()


def _saved(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    watched, before = _WATCHED[sender], instance.searched_before
    if before == {column: getattr(instance, column) for column in before or ()}:
        return
    owners = {getattr(instance, watched.owner), *([before[watched.owner]] if before else [])}
    for owner in owners:
        _touch_all(watched.agreements(owner))


def _deleted(sender: type[models.Model], instance: Any, origin: Any, **kwargs: Any) -> None:
    """Refresh the agreements of a deleted row, unless the agreement itself is being deleted."""
    if getattr(origin, "model", type(origin)) is not Agreement:
        _touch_all(_WATCHED[sender].agreements(getattr(instance, _WATCHED[sender].owner)))


for _model in _WATCHED:
    pre_save.connect(_about_to_be_saved, sender=_model, dispatch_uid=f"search_before_{_model}")
    post_save.connect(_saved, sender=_model, dispatch_uid=f"search_after_{_model}")
for _model in (Participation, Signatory, PartyName):
    post_delete.connect(_deleted, sender=_model, dispatch_uid=f"search_without_{_model}")


@receiver(pre_delete, sender=Agreement, dispatch_uid="search_forgets_agreement")
def _about_to_be_deleted(instance: Agreement, **kwargs: Any) -> None:
    SearchEntry.objects.filter(pk=instance.pk).delete()


# Areas, which agreements are linked to


@receiver(m2m_changed, sender=Agreement.areas.through, dispatch_uid="search_areas_of_agreement")
def _areas_changed(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Refresh the agreement, or those of an area when the links change from its side."""
    if action == "pre_clear" and reverse:
        _about_to_lose_links(instance)
    elif action == "post_clear" and reverse:
        _lost_links(instance)
    elif action.startswith("post_"):
        _touch(pk_set or () if reverse else [instance.pk])


@receiver(pre_delete, sender=Area, dispatch_uid="search_before_area_goes")
def _about_to_lose_links(instance: Any, **kwargs: Any) -> None:
    # After the deletion there is no way to tell which agreements these were.
    instance.searched_in = list(instance.agreements.values_list("pk", flat=True))


@receiver(post_delete, sender=Area, dispatch_uid="search_after_area_went")
def _lost_links(instance: Any, **kwargs: Any) -> None:
    _touch(instance.searched_in)
