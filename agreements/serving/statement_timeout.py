"""How long the database may work on one query of a request, and how long a request may hold a transaction open.

A server sets these limits once, before it opens a connection (`mou_tracker.wsgi`). Management commands never do,
because imports and migrations may take a long time. SQLite has no such limits.

Files that are streamed from the database are not cut off. Outside a transaction Django uses a cursor `WITH HOLD`:
PostgreSQL runs its query at commit, which the limit does not count, and each fetch of a thousand rows is a statement of
its own.
"""

from typing import Any

from django.db import connections

# None of our transactions pauses this long between two statements; a stalled process must not hold its locks forever.
IDLE_SECONDS = 60
# A migration that waits for a table holds up everybody who comes after it, so it gives up before readers notice.
MIGRATION_LOCK_SECONDS = 4


def limit_requests(statement_seconds: int) -> None:
    """Limit every statement of this process on PostgreSQL to this many seconds; 0 sets no limits.

    Closes open connections. `options` that the operator set in a database URL take precedence.
    """
    if not statement_seconds:
        return
    limits = (
        f"-c statement_timeout={statement_seconds}s "
        f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
    )
    for connection in connections.all():
        if connection.vendor == "postgresql":
            options = connection.settings_dict["OPTIONS"]
            options["options"] = f"{limits} {options.get('options', '')}".strip()
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]


def limit_migrations(using: str, **kwargs: Any) -> None:
    """Let no migration wait longer for a lock than visitors would: it fails, changes nothing and can be run again."""
    _set_lock_timeout(using, f"{MIGRATION_LOCK_SECONDS}s")


def unlimit_migrations(using: str, **kwargs: Any) -> None:
    """Undo `limit_migrations`, for a process that keeps running."""
    _set_lock_timeout(using, "0")


def _set_lock_timeout(using: str, value: str) -> None:
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])
