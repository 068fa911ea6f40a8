"""Which records were public and no longer are, kept in step with the publication of records.

The publisher who withdraws a record says what the public learns (`leave`). The history calls `keep_up` for every block
that writes: a record that stops being public in any other way (it is deleted, or restored to a draft) leaves a tombstone
that withholds its title, and one that is published again loses it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agreements.models import Agreement, Tombstone


@dataclass(frozen=True)
class Farewell:
    """What the public learns about a record that is withdrawn: why, and whether it may still read the title."""

    reason: str
    shows_title: bool = False


def leave(agreement: Agreement, told: Farewell, *, at: datetime) -> None:
    """Leave a tombstone for this record, or correct the one that there is; its moment then stays."""
    shown = {
        "title": agreement.title if told.shows_title else "",
        "reason": told.reason,
    }
    Tombstone.objects.update_or_create(
        ref=agreement.ref, defaults=shown, create_defaults={**shown, "withdrawn_at": at}
    )


def keep_up(*, gone: Collection[str], public: Collection[str], at: datetime) -> None:
    """Leave tombstones for the refs that are `gone` from the public, and remove those of `public` ones; two queries."""
    if public:
        Tombstone.objects.filter(ref__in=public).delete()
    if gone:
        bare = (Tombstone(ref=ref, withdrawn_at=at) for ref in gone)
        Tombstone.objects.bulk_create(bare, ignore_conflicts=True)
