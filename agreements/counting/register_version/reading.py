"""What the revision is now, and which agreements changed since an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from django.db.models import Q

from agreements.counting.register_version.triggers import ALL, KEPT
from agreements.models import RevisionShard, TouchedAgreement


@dataclass(frozen=True)
class Revision:
    """A state of the public register: by shard, how often it moved and the nonce of the last time."""

    shards: Mapping[int, tuple[int, int]]

    @cached_property
    def key(self) -> str:
        """Return 16 letters and digits that no other state has."""
        state = repr(sorted(self.shards.items())).encode()
        return blake2b(state, digest_size=8).hexdigest()

    def follows(self, earlier: "Revision") -> bool:
        """Whether what changed since `earlier` is still known."""
        return self.shards.keys() == earlier.shards.keys() and all(
            _follows(now, earlier.shards[shard]) for shard, now in self.shards.items()
        )


def _follows(now: tuple[int, int], then: tuple[int, int]) -> bool:
    return now == then or then[0] < now[0] <= then[0] + KEPT


def current() -> Revision:
    """Return the revision as the present transaction sees it; one query of a few rows."""
    rows = RevisionShard.objects.values_list("shard", "number", "nonce")
    return Revision({shard: (number, nonce) for shard, number, nonce in rows})


def touched_since(earlier: Revision, now: Revision) -> set[int] | None:
    """Return the keys of the agreements that changed between the two, some of them deleted since; two queries.

    None means any of them may have changed. An agreement may be named that changed after `now`.
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
    # Meanwhile others may have changed so much that some of these rows were gone already.
    if ALL in touched or not current().follows(earlier):
        return None
    return touched
