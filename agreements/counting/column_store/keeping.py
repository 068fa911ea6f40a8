"""The column store of this process, kept up to date with the register.

The first request after a change reads the changed agreements; the first one after the start reads them all.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connections, router

from agreements.counting.column_store.loading import load
from agreements.counting.column_store.memory import give_back
from agreements.counting.column_store.segments import Columns
from agreements.counting.register_version import Revision, current, touched_since
from agreements.models import RevisionShard

# Once this share of positions is outside the first segment, everything is read again.
_MOST_CHANGED = 0.05
_ALWAYS_ALLOWED = 1_000
_MOST_SEGMENTS = 8


@dataclass(frozen=True)
class _Kept:
    revision: Revision
    columns: Columns


_lock = Lock()
_kept: _Kept | None = None
_is_untidy = False


def current_columns() -> Columns:
    """Return the columns of the register as it is now; one query if nothing has changed.

    Inside a transaction nothing is stored: what it reads may never be committed.
    """
    global _is_untidy
    _is_untidy = True
    if connections[router.db_for_read(RevisionShard)].in_atomic_block:
        return Columns((load(),))
    now = current()
    kept = _kept
    if kept is not None and _is_as_new(kept.revision, now):
        return kept.columns
    return _refreshed()


def _is_as_new(kept: Revision, now: Revision) -> bool:
    """Whether nothing has changed, or a replica returns an older state than the stored columns have."""
    return kept == now or (bool(settings.DATABASE_REPLICAS) and kept.follows(now))


def tidy_up(**signal: Any) -> None:
    """Give the memory that reading and counting needed back to the system, at the end of a request."""
    global _is_untidy
    if _is_untidy:
        _is_untidy = False
        give_back()


def forget() -> None:
    """Forget the stored columns; for tests, which create their own registers."""
    global _kept
    with _lock:
        _kept = None


def _refreshed() -> Columns:
    global _kept
    with _lock:
        # Read before the agreements: what changes in between is read again next time.
        now = current()
        if _kept is None or not _is_as_new(_kept.revision, now):
            _kept = _Kept(now, _changed(_kept, now))
        return _kept.columns


def _changed(kept: _Kept | None, now: Revision) -> Columns:
    touched = touched_since(kept.revision, now) if kept else None
    if kept is None or touched is None:
        return Columns((load(),))
    if not touched:
        return kept.columns
    columns = kept.columns
    if len(columns.segments) > _MOST_SEGMENTS:
        touched = touched.union(*(segment.keys.tolist() for segment in columns.segments[1:]))
        columns = Columns(columns.segments[:1])
    if columns.changed + len(touched) > max(_ALWAYS_ALLOWED, columns.size * _MOST_CHANGED):
        return Columns((load(),))
    return columns.with_changed(touched, load(touched))
