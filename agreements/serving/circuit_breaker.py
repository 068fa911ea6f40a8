"""A circuit breaker: after a failure nobody calls a server for a while, and then one caller tries it for everybody.

Every request calls the shared cache and the replicas of the database. Without a breaker a server that hangs would cost
each request a timeout. All threads of a process share one `CircuitBreaker` per server.
"""

from threading import Lock
from time import monotonic

from agreements.serving.measures import SERVER_FAILURES

LOG_EVERY_SECONDS = 60.0


class CircuitBreaker:
    """Decides whether to call a server that may fail; after a failure the breaker stays open for `pause` seconds."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self._lock = Lock()
        self._open_until: float | None = None
        self._logged_at: float | None = None

    def allows_call(self) -> bool:
        """Return whether the caller may call the server; after a pause only one may, and the others do without it."""
        if self._open_until is None:
            return True
        with self._lock:
            now = monotonic()
            if self._open_until is not None and now < self._open_until:
                return False
            self._open_until = now + self.pause
            return True

    def failed(self) -> bool:
        """Open the breaker, and return whether to log it: at most once a minute."""
        SERVER_FAILURES.inc()
        with self._lock:
            now = monotonic()
            self._open_until = now + self.pause
            is_news = self._logged_at is None or now - self._logged_at >= LOG_EVERY_SECONDS
            self._logged_at = now if is_news else self._logged_at
            return is_news

    def succeeded(self) -> bool:
        """Close the breaker, and return whether it was open."""
        if self._open_until is None:
            return False
        with self._lock:
            was_open, self._open_until, self._logged_at = self._open_until is not None, None, None
            return was_open
