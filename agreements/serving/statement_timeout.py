"""How long the database may work on one question of a request, and how long a request may sit on a transaction.

A server sets these limits once, before it opens a connection (`mou_tracker.wsgi`); management commands never do, for
imports and migrations take as long as they take. SQLite knows no such limits.

A file that is sent as it is read is not cut off. Outside of a transaction Django's cursor is one `WITH HOLD`, whose query
PostgreSQL runs when the statement that makes it commits, which it does not count; and each fetch of a thousand rows is a
statement of its own.
"""

from typing import Any

from django.db import connections

# Longer than any of our transactions rests between two statements; a stalled process must not hold its locks for ever.
IDLE_SECONDS = 60


def limit_requests(statement_seconds: int) -> None:
    """Limit every statement of this process's PostgreSQL databases to so many seconds; 0 sets no limits.

    Connections opened before are closed. What the operator has written into an address under `options` wins.
    """
    if not statement_seconds:
        return
    for connection in connections.all():
        if connection.vendor == "postgresql":
            _limit(connection, statement_seconds)


def _limit(connection: Any, seconds: int) -> None:
    options = connection.settings_dict["OPTIONS"]
    limits = {
        "statement_timeout": f"{seconds}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    }
    ours = " ".join(f"-c {name}={value}" for name, value in limits.items())
    options["options"] = f"{ours} {options.get('options', '')}".strip()
    connection.close()
    connection.close_pool()
