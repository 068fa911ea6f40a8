"""Which database a query goes to: the replica chosen for this request, or the primary.

It is the primary outside a request (management commands, other threads), in a request for which no replica was chosen,
inside a transaction, which may have written what the query reads, and after any write.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

# Logins and rights are never read from a replica: a login that was ended must stay ended.
REPLICATED_APP = "agreements"
PRIMARY_ONLY = frozenset({"provideraccount", "staffsession"})


@dataclass(eq=False)
class Reading:
    """The databases of one request: the replica it reads from, if any, and what has happened since."""

    replica: str | None = None
    wrote: bool = False
    failure: Exception | None = None


_current: ContextVar[Reading | None] = ContextVar("reading", default=None)


def current_reading() -> Reading | None:
    """Return the `Reading` of the request being answered; None outside a request."""
    return _current.get()


@contextmanager
def reading_from(replica: str | None) -> Iterator[Reading]:
    """Send the queries of the block to this replica; None means the primary."""
    with _resumed(Reading(replica)) as reading:
        yield reading


@contextmanager
def _resumed(reading: Reading) -> Iterator[Reading]:
    token = _current.set(reading)
    try:
        yield reading
    finally:
        _current.reset(token)


def read_on(reading: Reading, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a streamed answer, each read from the database on which the answer began."""
    waiting = iter(parts)
    while True:
        with _resumed(reading):
            part = next(waiting, None)
        if part is None:
            return
        yield part


class ReplicaRouter:
    """Tells Django the database for each query; always by name, otherwise Django would use the row's database."""

    def db_for_read(self, model: type[Model], **hints: object) -> str:
        """Return the replica for the rows of the register, outside transactions."""
        reading = _current.get()
        meta = model._meta
        is_replicated = meta.app_label == REPLICATED_APP and meta.model_name not in PRIMARY_ONLY
        if (
            reading is None
            or reading.replica is None
            or not is_replicated
            or connections[DEFAULT_DB_ALIAS].in_atomic_block
        ):
            return DEFAULT_DB_ALIAS
        return reading.replica

    def db_for_write(self, model: type[Model], **hints: object) -> str:
        """Return the primary, from which this request reads from now on."""
        if reading := _current.get():
            reading.wrote, reading.replica = True, None
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: object) -> bool:
        """Return True: all databases hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:
        return False if db in settings.DATABASE_REPLICAS else None
