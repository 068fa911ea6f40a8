"""Which database a question goes to: the replica that was chosen for this request, or the primary.

Outside of a request (management commands, threads of one's own) and in a request that nothing was chosen for, it is
the primary. So it is within a transaction, which may have written what is asked for, and after any write.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

# Who is logged in and what they may do is never read from a copy: a login that was ended must stay ended.
READ_FROM_COPIES = "agreements"
BUT_NOT = frozenset({"staffsession"})


@dataclass(eq=False)
class Reading:
    """What is known of the databases in one request: the replica it reads, if any, and what happened since."""

    replica: str | None = None
    wrote: bool = False
    failure: Exception | None = None


_current: ContextVar[Reading | None] = ContextVar("reading", default=None)


def current_reading() -> Reading | None:
    """Return what is known of the request that is being answered; None outside of one."""
    return _current.get()


@contextmanager
def reading_from(replica: str | None) -> Iterator[Reading]:
    """Let questions of the block go to this replica, None being the primary."""
    with _resumed(Reading(replica)) as reading:
        yield reading


@contextmanager
def _resumed(reading: Reading) -> Iterator[Reading]:
    token = _current.set(reading)
    try:
        yield reading
    finally:
        _current.reset(token)


def read_on(reading: Reading, parts: Iterable[Any]) -> Iterator[Any]:
    """Yield the parts of an answer that is made while it is sent, each read where the answer began."""
    waiting = iter(parts)
    nothing = object()
    while True:
        with _resumed(reading):
            part = next(waiting, nothing)
        if part is nothing:
            return
        yield part


class ReplicaRouter:
    """Django's question for each query, answered; always with a name, for Django would else ask the row itself."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        reading = _current.get()
        if reading is None or reading.replica is None or not _is_copied(model):
            return DEFAULT_DB_ALIAS
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return DEFAULT_DB_ALIAS
        return reading.replica

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the primary, where this request reads from now on what it writes."""
        if reading := _current.get():
            reading.wrote, reading.replica = True, None
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Return True: all of them hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db in settings.DATABASE_REPLICAS else None


def _is_copied(model: Any) -> bool:
    return model._meta.app_label == READ_FROM_COPIES and model._meta.model_name not in BUT_NOT
