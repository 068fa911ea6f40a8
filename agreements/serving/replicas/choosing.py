"""Chooses the replica for a request: those that respond and are not too far behind take turns.

A replica that does not respond is left out for some seconds. One that is more than half a minute behind is not used:
a withdrawn record must not stay public for as long as a replica hangs.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from itertools import count
from threading import Lock
from time import monotonic

from django.db import Error, connections

from agreements.serving.circuit_breaker import CircuitBreaker
from agreements.serving.replicas import positions

PAUSE_SECONDS = 10.0
MOST_BEHIND_SECONDS = 30.0
NOTED_EVERY_SECONDS = 5.0

logger = logging.getLogger(__name__)

_breakers: defaultdict[str, CircuitBreaker] = defaultdict(lambda: CircuitBreaker(PAUSE_SECONDS))
_turns = count()


def choose(replicas: Sequence[str], *, required: int | None = None) -> list[str]:
    """Return the replicas that have reached the position `required`, the one to read from first; none means the primary.

    Costs one query until a replica fits. For people who have written something it asks all replicas, because their
    cookie is no longer needed once all of them have reached it; for others it returns only the first that fits.
    """
    needed = max(required or 0, _history.required_position())
    first = next(_turns) % len(replicas)
    fit: list[str] = []
    for name in (*replicas[first:], *replicas[:first]):
        if (position := _position_of(name)) is not None and position >= needed:
            fit.append(name)
            if required is None:
                break
    return fit


def leave_alone(name: str, error: Exception) -> None:
    """Leave this replica out for a while."""
    connections[name].close()
    if _breakers[name].failed():
        logger.warning("Database %s does not respond and is left out: %s", name, error)


def _position_of(name: str) -> int | None:
    """Return which position the replica has reached; None if it does not respond or is left out."""
    breaker = _breakers[name]
    if not breaker.allows_call():
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
    if breaker.succeeded():
        logger.info("Database %s is used again.", name)
    return positions.read(position or "")


class _History:
    """The positions of the primary over time, noted every few seconds by the first request that comes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next_at = 0.0
        self._noted: deque[tuple[float, int]] = deque()

    def required_position(self) -> int:
        """Return the primary's position half a minute ago; costs a query every few seconds.

        After a start or a pause this process does not know that position, and returns the present one.
        """
        now = monotonic()
        with self._lock:
            is_due = now >= self._next_at
            self._next_at = now + NOTED_EVERY_SECONDS if is_due else self._next_at
        if is_due:
            self._note(now)
        with self._lock:
            while len(self._noted) > 1 and self._noted[1][0] <= now - MOST_BEHIND_SECONDS:
                self._noted.popleft()
            if not self._noted:
                return 0
            knows = MOST_BEHIND_SECONDS <= now - self._noted[0][0] <= 2 * MOST_BEHIND_SECONDS
            return self._noted[0 if knows else -1][1]

    def _note(self, now: float) -> None:
        """Note the primary's position; if it does not respond, the replicas stay in use as they are."""
        try:
            position = positions.read(positions.of_primary())
        except Error as error:
            logger.warning("The primary database does not report its position: %s", error)
            # each attempt costs a timeout
            self._next_at = now + MOST_BEHIND_SECONDS
            return
        if position is not None:
            with self._lock:
                self._noted.append((now, position))


_history = _History()
