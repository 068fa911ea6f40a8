"""One run of a command at a time, however many servers there are: for commands that timers start.

On PostgreSQL the lock is in the database, so it covers all servers; on SQLite it is on a file beside the database. Both
end with the process that holds them, so a run that was killed does not block the next.
"""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connections

# "MoU " in ASCII, so that our locks differ from those of other programs in the same database.
_OURS = 0x4D6F5520


class SingleRunCommand(BaseCommand):
    """A command that exits with 1 and does nothing while another run of it is in progress."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command, or raise CommandError if another run holds the lock."""
        name = type(self).__module__.rpartition(".")[2]
        with single_run(name) as is_only_run:
            if not is_only_run:
                raise CommandError(
                    f"Another run of {name} is in progress, so this one did nothing."
                )
            return super().execute(*args, **options)


@contextmanager
def single_run(name: str) -> Iterator[bool]:
    """Hold the lock of this name for the block; yields False if somebody else holds it."""
    connection = connections[DEFAULT_DB_ALIAS]
    lock = _in_database if connection.vendor == "postgresql" else _beside_file
    with lock(connection, name) as is_held:
        yield is_held


@contextmanager
def _in_database(connection: Any, name: str) -> Iterator[bool]:
    # a separate connection, because the command may close the other one, and PostgreSQL would then release the lock
    own = connection.copy()
    own.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], "pool": False}
    try:
        with own.cursor() as cursor:
            key = zlib.crc32(name.encode()) - 2**31
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_OURS, key])
            is_held = cursor.fetchone()[0]
        yield is_held
    finally:
        # at once: the server notices only a moment later that a connection is gone; a lost one holds no lock
        with suppress(Error), own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        own.close()


@contextmanager
def _beside_file(connection: Any, name: str) -> Iterator[bool]:
    with Path(f"{connection.settings_dict['NAME']}.{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
