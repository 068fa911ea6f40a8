"""Reads the versions of a record: in order with what each changed, or one by the edit token of a form."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, Max, Model, OuterRef, QuerySet
from django.db.models.functions import Cast
from reversion.models import Version

from agreements.curation.history.differences import Differences, differences
from agreements.curation.history.states import State
from agreements.domain.chunks import in_chunks
from agreements.models import Party, PartyMerge, Removal
from agreements.models.querysets import AgreementQuerySet

_NAMES = ("username", "first_name", "last_name")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,32}")


@dataclass(frozen=True)
class Entry:
    """A version: who wrote it, when and why, the state of the record, and what changed.

    `by` is None for a command and for a deleted account. `changes` is None for the first version. `removal` is set if
    the record was deleted in this state.
    """

    key: int
    at: datetime
    by: User | None
    why: str
    name: str
    state: State
    changes: Differences | None
    removal: Removal | None


def versions_of(record: type[Model], key: int | str) -> "QuerySet[Version]":
    """Return the versions of a record, the newest first, with who wrote them."""
    found = Version.objects.get_for_object_reference(record, key)
    return found.select_related("revision__user").order_by("-pk")


def begun_by(user: object, found: AgreementQuerySet) -> AgreementQuerySet:
    """Return those of the agreements that this user entered; runs no query itself.

    The first version that is kept decides, if its block began before the record existed. If the first versions of a
    record were deleted, nobody counts as having entered it.
    """
    kept = Version.objects.get_for_model(found.model).order_by()
    earlier = kept.filter(object_id=OuterRef("object_id"), pk__lt=OuterRef("pk"))
    first = kept.filter(
        ~Exists(earlier),
        object_id=OuterRef("key"),
        revision__user=user,
        revision__date_created__lte=OuterRef("created_at"),
    )
    return found.alias(key=Cast("pk", CharField())).filter(Exists(first))


def entries_of(
    record: type[Model], key: int | str, *, start: int = 0, count: int = 20
) -> list[Entry]:
    """Return up to `count` versions with what each changed, the newest first; two queries."""
    read = list(versions_of(record, key)[start : start + count + 1])
    removals = {removal.version_id: removal for removal in _removals_of(record, key)}
    states = [State.read(version.serialized_data) for version in read]
    before: list[State | None] = [*states, None][1:]
    return [
        _entry(record, version, state, earlier, removals.get(version.pk))
        for version, state, earlier in zip(read, states, before, strict=True)
    ][:count]


def entry_of(record: type[Model], key: int | str, version: int | str) -> Entry | None:
    """Return one version of a record by its id, without what it changed."""
    found = versions_of(record, key).filter(pk=version).first()
    if found is None:
        return None
    removal = _removals_of(record, key).filter(version=found).first()
    return _entry(record, found, State.read(found.serialized_data), removal=removal)


def _entry(
    record: type[Model],
    version: Version,
    state: State,
    before: State | None = None,
    removal: Removal | None = None,
) -> Entry:
    return Entry(
        key=version.pk,
        at=version.revision.date_created,
        by=version.revision.user,
        why=version.revision.comment,
        name=version.object_repr,
        state=state,
        changes=differences(record, before, state) if before is not None else None,
        removal=removal,
    )


def _removals_of(record: type[Model], key: int | str) -> "QuerySet[Removal]":
    return Removal.objects.filter(record=record._meta.label_lower, key=key).select_related("by")


def gone(record: type[Model]) -> "QuerySet[Removal]":
    """Return the deleted records of this model that can be restored, the latest first.

    A record that exists again is left out, and so is a party that was merged away: undo its merge instead.
    """
    there = record._base_manager.filter(pk=OuterRef("key"))
    removals = Removal.objects.filter(~Exists(there), record=record._meta.label_lower)
    if record is Party:
        merged = PartyMerge.objects.filter(other_key=OuterRef("key"), undone_at=None)
        removals = removals.filter(~Exists(merged))
    return removals.filter(restored_at=None).select_related("by").order_by("-pk")


def latest_versions(record: type[Model], keys: Iterable[int]) -> "QuerySet[Version]":
    """Return the latest version of each of these records."""
    known = Version.objects.get_for_model(record).filter(object_id__in=list(map(str, keys)))
    newest = known.order_by().values("object_id").annotate(newest=Max("pk")).values("newest")
    return Version.objects.filter(pk__in=newest)


def last_writers(record: type[Model], keys: Iterable[int]) -> dict[int, User | None]:
    """Return who wrote the latest version of each of these records, by its key; two queries.

    None stands for a command and for a deleted account; records without a version are left out.
    """
    found = latest_versions(record, keys).select_related("revision__user")
    shown = found.only("object_id", *(f"revision__user__{name}" for name in _NAMES))
    return {int(version.object_id): version.revision.user for version in shown.order_by()}


def state_with_token(record: type[Model], key: int | str, token: str) -> State | None:
    """Return the state of the record when this was its token; None if no such version was kept."""
    found = entry_with_token(record, key, token)
    return found.state if found else None


def entry_with_token(record: type[Model], key: int | str, token: str) -> Entry | None:
    if not _TOKEN.fullmatch(token):
        return None
    for version in versions_of(record, key).filter(serialized_data__contains=f'"{token}"'):
        state = State.read(version.serialized_data)
        if token in state.tokens:
            return _entry(record, version, state)
    return None


def writers_since(record: type[Model], since: Mapping[int, datetime]) -> dict[int, set[int | None]]:
    """Return the ids of those who wrote each of these records after the given moment; None stands for a command.

    Records that nobody has written since are left out. One query for every five hundred records.
    """
    found: dict[int, set[int | None]] = defaultdict(set)
    for keys in in_chunks(since):
        written = Version.objects.get_for_model(record).filter(
            object_id__in=list(map(str, keys)),
            revision__date_created__gt=min(since[key] for key in keys),
        )
        columns = ("object_id", "revision__date_created", "revision__user_id")
        for key, at, by in written.order_by().values_list(*columns):
            if at > since[int(key)]:
                found[int(key)].add(by)
    return dict(found)
