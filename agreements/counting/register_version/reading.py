"""Reads the present register version, and which agreements have changed since an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from django.db.models import Q

from agreements.counting.register_version.triggers import ALL, KEPT
from agreements.models import RevisionShard, TouchedAgreement


@dataclass(frozen=True)
class Revision:
    """A state of the public register: for each shard, its number of changes and the nonce of the last one."""

    shards: Mapping[int, tuple[int, int]]

    @cached_property
    def key(self) -> str:
        """Return 16 letters and digits that identify this state."""
        state = repr(sorted(self.shards.items())).encode()
        return blake2b(state, digest_size=8).hexdigest()

    def follows(self, earlier: "Revision") -> bool:
        """Whether the changes since `earlier` are still recorded."""
        return self.shards.keys() == earlier.shards.keys() and all(
            _follows(now, earlier.shards[shard]) for shard, now in self.shards.items()
        )


def _follows(now: tuple[int, int], then: tuple[int, int]) -> bool:
    return now == then or then[0] < now[0] <= then[0] + KEPT


def current() -> Revision:
    """Return the version as the present transaction sees it; one query of a few rows."""
    rows = RevisionShard.objects.values_list("shard", "number", "nonce")
    return Revision({shard: (number, nonce) for shard, number, nonce in rows})


def touched_since(earlier: Revision, now: Revision) -> set[int] | None:
    """Return the keys of the agreements that changed between the two, including deleted ones; two queries.

    None means that any agreement may have changed. The result may include agreements that changed after `now`.
    """
    if not now.follows(earlier):
        return None
    moved = Q()
    for shard, (number, _nonce) in earlier.shards.items():
        if now.shards[shard][0] != number:
            moved |= Q(shard=shard, number__gt=number)
    if not moved:
        return set()
    rows = TouchedAgreement.objects.filter(moved)
    touched = set(rows.values_list("agreement", flat=True).distinct())
    # There may have been so many changes since that some of these rows are already gone.
    if ALL in touched or not current().follows(earlier):
        return None
    return touched
