"""Which replica answers a request: in turn, and only one that can be reached and is not too far behind.

A replica that cannot be reached is left out for some seconds. One that is more than half a minute behind is not read
from: a record that was withdrawn must not stay in public for as long as a copy hangs.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from time import monotonic

from django.db import Error, connections

from agreements.serving.circuit_breaker import Rest
from agreements.serving.replicas import positions

RESTING_SECONDS = 10.0
MOST_BEHIND_SECONDS = 30.0
NOTED_EVERY_SECONDS = 5.0

logger = logging.getLogger(__name__)

_rests: defaultdict[str, Rest] = defaultdict(lambda: Rest(RESTING_SECONDS))
_turns = count()


@dataclass(frozen=True)
class Choice:
    """The replica for a request, None where it is the primary; and whether all replicas hold what was demanded."""

    replica: str | None
    everywhere: bool


def choose(replicas: Sequence[str], *, demanded: int | None = None) -> Choice:
    """Return a replica that has come to the position `demanded`, if any has; a query, or one for each replica.

    Only for who has written all of them are asked, so that it is known when that need not be asked any more.
    """
    needed = max(demanded or 0, _history.must_have_come_to())
    first = next(_turns)
    fit: list[str] = []
    for turn in range(len(replicas)):
        name = replicas[(first + turn) % len(replicas)]
        if (position := _position_of(name)) is not None and position >= needed:
            fit.append(name)
            if demanded is None:
                break
    return Choice(fit[0] if fit else None, everywhere=len(fit) == len(replicas))


def leave_alone(name: str, error: Exception) -> None:
    """Leave a replica out for a while."""
    connections[name].close()
    if _rests[name].failed():
        logger.warning("%s of the database is left out: %s", name, error)


def _position_of(name: str) -> int | None:
    """Return how far a replica has come; None if it cannot be reached or is being left alone."""
    rest = _rests[name]
    if not rest.may_be_asked():
        return None
    try:
        with connections[name].cursor() as cursor:
            cursor.execute(
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
                "ELSE pg_current_wal_insert_lsn() END::text"
            )
            [position] = cursor.fetchone()
    except Error as error:
        leave_alone(name, error)
        return None
    if rest.answered():
        logger.info("%s of the database is in use again.", name)
    return positions.read(position or "")


class _History:
    """Where the primary stood and when, noted every few seconds by whichever request comes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next_at = 0.0
        self._noted: deque[tuple[float, int]] = deque()

    def must_have_come_to(self) -> int:
        """Return where the primary stood half a minute ago; a query every few seconds.

        After a start or a pause this process does not know: then where the primary stands now.
        """
        now = monotonic()
        if self._is_due(now):
            self._note(now)
        with self._lock:
            while len(self._noted) > 1 and self._noted[1][0] <= now - MOST_BEHIND_SECONDS:
                self._noted.popleft()
            if not self._noted:
                return 0
            knows = MOST_BEHIND_SECONDS <= now - self._noted[0][0] <= 2 * MOST_BEHIND_SECONDS
            return self._noted[0 if knows else -1][1]

    def _is_due(self, now: float) -> bool:
        with self._lock:
            if now < self._next_at:
                return False
            self._next_at = now + NOTED_EVERY_SECONDS
            return True

    def _note(self, now: float) -> None:
        """Note where the primary stands; should it not answer, the replicas may go on as they are."""
        try:
            position = positions.read(positions.of_primary())
        except Error as error:
            logger.warning("The primary database does not say where it stands: %s", error)
            # asking it costs a timeout
            self._next_at = now + MOST_BEHIND_SECONDS
            return
        if position is not None:
            with self._lock:
                self._noted.append((now, position))


_history = _History()
