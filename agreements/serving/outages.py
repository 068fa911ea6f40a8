"""Which errors are a passing outage rather than a bug: a database that is busy, slow or gone, a full disk, or no free
slot for a whole file.

The same request will succeed later, so the answer is 503 (`agreements.web.views.overload`). Code that has to tell the
two apart asks `outage_of`.
"""

import errno
import shutil
import sqlite3
import tempfile
from enum import Enum
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext_lazy as _

from agreements.serving.export_slots import NoSlotError

# Less than this many bytes free counts as a full disk: a hundred uploads, or a night of changes.
LEAST_FREE = 200 * 1024 * 1024


class Outage(Enum):
    """Why the register cannot answer; the value is a sentence for the person who asked."""

    BUSY = _(
        "This request took too long, or the register is too busy right now. Narrow the request, or "
        "try again in half a minute."
    )
    NO_SPACE = _(
        "The server could not write to its disk, which may be full. Tell the people who run the "
        "register, and try again later."
    )
    NO_SLOT = _(
        "Others are downloading whole files right now. Pages work as usual; try the download again in "
        "half a minute."
    )


_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_SQLITE = {
    sqlite3.SQLITE_BUSY: Outage.BUSY,
    sqlite3.SQLITE_LOCKED: Outage.BUSY,
    sqlite3.SQLITE_PROTOCOL: Outage.BUSY,
    sqlite3.SQLITE_CANTOPEN: Outage.NO_SPACE,
    sqlite3.SQLITE_FULL: Outage.NO_SPACE,
    sqlite3.SQLITE_IOERR: Outage.NO_SPACE,
    sqlite3.SQLITE_READONLY: Outage.NO_SPACE,
}
# Beginnings of SQLSTATEs: no connection, read-only or idle for too long, deadlock, too few resources, lock not free,
# cut off or shutting down; disk full and failing disk.
_POSTGRESQL = {
    **dict.fromkeys(("08", "25006", "25P03", "25P04", "40", "53", "55P03", "57"), Outage.BUSY),
    **dict.fromkeys(("53100", "58"), Outage.NO_SPACE),
}


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what kind of outage caused this error; None if it is a bug, or no error at all."""
    while error is not None:
        if outage := _outage(error):
            return outage
        error = error.__cause__
    return None


def _outage(error: BaseException) -> Outage | None:
    match error:
        case sqlite3.Error():
            # extended codes have the kind in their lowest byte
            return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        case psycopg.Error(sqlstate=str(state)):
            return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
        case psycopg.OperationalError() | psycopg.InterfaceError():
            # without an SQLSTATE the server did not answer: no connection was free, or it was lost
            return Outage.BUSY
        case NoSlotError():
            return Outage.NO_SLOT
        case OSError() if error.errno in _DISK:
            return Outage.NO_SPACE
    return None


def disk_trouble() -> str:
    """Return which disk is nearly full or cannot be written to; empty if none is. Writes a block to each."""
    folders = {
        "documents": Path(settings.DOCUMENTS_ROOT),
        "temporary files": Path(tempfile.gettempdir()),
    }
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        folders["the database"] = Path(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]).parent
    for what, folder in folders.items():
        there = next(path for path in (folder, *folder.parents) if path.is_dir())
        try:
            if shutil.disk_usage(there).free < LEAST_FREE:
                return f"Less than {LEAST_FREE // 1024**2} MB is free on the disk for {what}."
            if there == folder:
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(bytes(4096))
        except OSError as error:
            return f"The disk for {what} cannot be written to: {error.strerror}."
    return ""
