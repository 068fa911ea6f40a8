"""Records that were public and are not any more, as JSON and the API show them: what the tombstone says, nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime

from agreements.domain.urls import permanent
from agreements.models import Tombstone

Gone = dict[str, str | None]

# read in pieces, however many there are
_TOGETHER = 1000


def gone_record(tombstone: Tombstone) -> Gone:
    """Return `ref`, `withdrawn` (a moment in UTC), `title` (null if withheld), `reason` (null if none) and `url`."""
    return {
        "ref": tombstone.ref,
        "withdrawn": tombstone.withdrawn_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "title": tombstone.title or None,
        "reason": tombstone.reason or None,
        "url": permanent(tombstone.get_absolute_url()),
    }


def gone_since(moment: datetime) -> Iterator[Gone]:
    """Yield the records withdrawn at this moment or later, the earliest first; one query, constant memory."""
    for tombstone in Tombstone.objects.since(moment).iterator(_TOGETHER):
        yield gone_record(tombstone)
