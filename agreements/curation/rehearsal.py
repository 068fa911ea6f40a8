"""Writes that are undone: what the register would say if something were saved, without saving it.

Status, verification and quality checks depend on rows of many tables, and the database computes some of them. To learn
them for a form that nobody has saved yet, the form is saved in a transaction that is rolled back.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from django.db import connection, transaction

from agreements.models import search_refreshed_once, tokens_renewed_once

Told = TypeVar("Told")
# A rehearsal that has to wait for somebody who saves is given up: it is only worth having at once.
_MOST_WAITING = "2s"


class _UndoneError(Exception):
    """Ends the transaction of a rehearsal."""


def rehearsed(write: Callable[[], Told]) -> Told:
    """Return what `write` returns, undoing everything that it writes to the database.

    It must return plain values: what it leaves unread can no longer be read. Neither the history nor the search index
    is written, even within the transaction. Raises what `write` raises, and `OperationalError` if others hold locks.
    """
    told: list[Told] = []
    with (
        suppress(_UndoneError),
        transaction.atomic(),
        search_refreshed_once(),
        tokens_renewed_once(),
    ):
        _wait_briefly()
        told.append(write())
        raise _UndoneError
    return told[0]


def _wait_briefly() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_MOST_WAITING])
