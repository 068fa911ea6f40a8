"""Stores one version of every record that a block of code writes, in its state at the end of the block.

`models.records` defines which records those are. The whole record is read again at the end of the block, so that a
version never contains a stale copy that some code still held. If a record was written outside the history, its state
is stored first.

By default django-reversion stores a version for each row, found by following relations at every save. To show one
record of an import it would have to read every row of that import; here there is one version of the whole record.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import replace
from typing import Any

import reversion
from django.contrib.contenttypes.models import ContentType
from django.core.serializers import register_serializer
from django.db import models, router, transaction
from django.db.models.functions import Left
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.models import Revision, Version

from agreements.curation.history.completeness import refuse_losses
from agreements.curation.history.past import latest_versions
from agreements.curation.history.public_changes import Written, log_changes
from agreements.curation.history.states import KeptChange, State, beginning, state_of, whole_records
from agreements.curation.tombstones import keep_up
from agreements.domain.chunks import in_chunks
from agreements.models import (
    RECORDS,
    Agreement,
    Removal,
    search_refreshed_once,
    tokens_renewed_once,
)
from agreements.models.edit_tokens import Tokened
from agreements.models.records import about_to_change, changed

Record = type[models.Model]
_FORMAT = "record"
_LONGEST_HEAD = len(beginning("")) + 32


class Serializer:
    """Writes the state of one record, as Django expects of a serializer; `agreements.curation.history.past` reads it."""

    internal_use_only = True

    def serialize(self, records: Iterable[Tokened], **options: object) -> str:
        [record] = records
        state = getattr(record, "state_read", None) or state_of(record)
        self.written = state.written()
        return self.written

    def getvalue(self) -> str:
        return self.written


class _Recording:
    """What a block has seen and written so far: ids by model, written and removed ones in order."""

    def __init__(self) -> None:
        self.seen: defaultdict[Record, set[int]] = defaultdict(set)
        self.written: defaultdict[Record, dict[int, None]] = defaultdict(dict)
        self.removed: defaultdict[Record, dict[int, str]] = defaultdict(dict)
        self.restored: set[tuple[Record, int]] = set()

    def first_sight_of(self, record: Record, keys: Iterable[int]) -> set[int]:
        new = set(keys) - self.seen[record]
        self.seen[record] |= new
        return new


_current: ContextVar[_Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recorded(*, by: Any = None, why: str = "") -> Iterator[None]:
    """Store one version of each record that this block writes; the block is one transaction.

    `by` is the user, None for a command; `why` the reason, in words for staff. In a nested block the outer user
    counts, and the outer reason if there is one. The search index and the edit tokens are brought up to date once, at
    the end. `update()` and `bulk_create()` send no signals: call `note_written` for the records they wrote. Raises
    `IncompleteError`, with nothing written, if the block would leave a published record without what it needs.
    """
    if recording := _current.get():
        before = deepcopy(recording)
        try:
            with transaction.atomic(), tokens_renewed_once():
                _describe(by, why)
                yield
        except BaseException:
            # what a failed block wrote has been rolled back
            vars(recording).update(vars(before))
            raise
        return
    recording = _Recording()
    held = _current.set(recording)
    try:
        with (
            transaction.atomic(),
            search_refreshed_once(),
            reversion.create_revision(manage_manually=True),
        ):
            _describe(by, why)
            with tokens_renewed_once():
                yield
            # Rolled-back records are not stored, and could not be read.
            if not transaction.get_rollback():
                _keep(recording)
    finally:
        _current.reset(held)


def _describe(by: Any, why: str) -> None:
    if by is not None and reversion.get_user() is None:
        reversion.set_user(by)
    if why and not reversion.get_comment():
        reversion.set_comment(why)


def note_written(record: Record, keys: Iterable[int]) -> None:
    """Store a version of these records, which `update()` or `bulk_create()` wrote, at the end of the block.

    Call `note_about_to_change` first if the records already exist. Outside a block this does nothing.
    """
    if recording := _current.get():
        keys = list(keys)
        recording.first_sight_of(record, keys)
        recording.written[record] |= dict.fromkeys(keys)


def note_about_to_change(record: Record, keys: Iterable[int]) -> None:
    """Store the present state of these records unless their latest versions equal it; few queries for many records."""
    if recording := _current.get():
        for chunk in in_chunks(sorted(recording.first_sight_of(record, keys))):
            _keep_as_found(record, chunk)


def note_removed(record: Record, names: Mapping[int, str]) -> None:
    """Note that these records (names by id) were deleted by statements that send no signals."""
    if recording := _current.get():
        recording.removed[record] |= names


def note_restored(record: Record, key: int) -> None:
    """Store a version of this record even if it is the same as before it was deleted."""
    if recording := _current.get():
        recording.restored.add((record, key))


# At the end of the block


def _keep(recording: _Recording) -> None:
    for record, keys in recording.written.items():
        for chunk in in_chunks(keys):
            _keep_versions(record, chunk, recording)
    for record, names in recording.removed.items():
        for chunk in in_chunks(names):
            _keep_removals(record, {key: names[key] for key in chunk})


def _keep_versions(record: Record, keys: list[int], recording: _Recording) -> None:
    latest = {int(version.object_id): version for version in latest_versions(record, keys)}
    wholes, written = [], []
    for whole in whole_records(record, keys):
        version, state = latest.get(whole.pk), state_of(whole)
        before = State.read(version.serialized_data).completed(record) if version else None
        if version is None or before is None or before != state:
            written.append(Written(whole.pk, before, state))
        elif (record, whole.pk) in recording.restored:
            # restored unchanged: what was noted under its tokens applies again
            tokens = state.held_until(before).tokens
            written.append(Written(whole.pk, before, replace(state, tokens=tokens)))
        else:
            if state.tokens[0] not in before.tokens:
                # saved again, but still the same as its latest version
                version.serialized_data = state.held_until(before).written()
                version.save(update_fields=["serialized_data"])
            continue
        wholes.append(whole)
    told = {}
    if record is Agreement:
        refuse_losses((each.before, each.after) for each in written)
        _keep_tombstones(written, recording)
        changes = log_changes(written, at=reversion.get_date_created())
        told = {each.agreement_id: KeptChange(each.pk, each.kind, each.facts) for each in changes}
    for whole, each in zip(wholes, written, strict=True):
        # so that the record need not be read twice
        whole.state_read = replace(each.after, told=told.get(whole.pk))
        reversion.add_to_revision(whole)


def _keep_tombstones(written: Iterable[Written], recording: _Recording) -> None:
    """Tell the public which of its records are gone, and forget that of those it sees again."""
    gone, public = [], []
    for key, before, after in written:
        was_public = before is not None and before.is_public
        is_restored = (Agreement, key) in recording.restored
        if after.is_public and before is not None and (is_restored or not was_public):
            public.append(str(after.values["ref"]))
        elif was_public and not after.is_public:
            gone.append(str(after.values["ref"]))
    keep_up(gone=gone, public=public, at=reversion.get_date_created())


def _keep_removals(record: Record, names: dict[int, str]) -> None:
    there = set(record._base_manager.filter(pk__in=names).values_list("pk", flat=True))
    versions = list(latest_versions(record, names.keys() - there))
    if record is Agreement:
        last = [State.read(version.serialized_data) for version in versions]
        gone = [str(state.values["ref"]) for state in last if state.is_public]
        keep_up(gone=gone, public=(), at=reversion.get_date_created())
    Removal.objects.bulk_create(
        Removal(
            record=record._meta.label_lower,
            key=int(version.object_id),
            name=names[int(version.object_id)],
            version=version,
            at=reversion.get_date_created(),
            by=reversion.get_user(),
            why=reversion.get_comment(),
        )
        for version in versions
    )


# Before the first change


def _keep_as_found(record: Record, keys: list[int]) -> None:
    """Store a version of each record whose token differs from that of its latest version."""
    tokens = dict(record._base_manager.filter(pk__in=keys).values_list("pk", "edit_token"))
    heads = latest_versions(record, tokens).annotate(head=Left("serialized_data", _LONGEST_HEAD))
    for key, head in heads.values_list("object_id", "head"):
        if head.startswith(beginning(tokens[int(key)])):
            del tokens[int(key)]
    if tokens:
        found = Revision.objects.create(
            date_created=timezone.now(),
            comment=_("As it was found: no earlier version had been kept."),
        )
        Version.objects.bulk_create(
            Version(
                revision=found,
                object_id=str(whole.pk),
                content_type=ContentType.objects.get_for_model(record),
                db=router.db_for_write(record),
                format=_FORMAT,
                serialized_data=state_of(whole).written(),
                object_repr=str(whole),
            )
            for whole in whole_records(record, tokens)
        )


# What the block writes


@receiver(about_to_change, dispatch_uid="history_before_change")
def _about_to_change(sender: Record, keys: Iterable[int], **kwargs: object) -> None:
    note_about_to_change(sender, keys)


@receiver(changed, dispatch_uid="history_after_change")
def _changed(sender: Record, keys: Iterable[int], **kwargs: object) -> None:
    note_written(sender, keys)


def _removed(sender: Record, instance: models.Model, **kwargs: object) -> None:
    note_removed(sender, {instance.pk: str(instance)})


register_serializer(_FORMAT, __name__)
for _record in RECORDS:
    reversion.register(_record, format=_FORMAT)
    post_delete.connect(_removed, sender=_record, dispatch_uid=f"history_removed_{_record}")
