"""What failed is left alone for a while: nobody waits for it meanwhile, and then one asks on behalf of all.

The shared cache and the replicas of the database are asked at every request. One that hangs would otherwise cost each
of them a timeout. One `Rest` is shared by all threads of a process.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic


class Rest:
    """Whether something that may fail is asked now; `length` is how many seconds it is left alone after a failure."""

    def __init__(
        self, length: float, *, told_every: float = 60, clock: Callable[[], float] = monotonic
    ) -> None:
        self.length = length
        self._told_every = told_every
        self._clock = clock
        self._lock = Lock()
        self._over_at: float | None = None
        self._told_at: float | None = None

    def may_be_asked(self) -> bool:
        """Return whether the caller asks; after a rest it is one caller alone, and the others do without still."""
        if self._over_at is None:
            return True
        with self._lock:
            now = self._clock()
            if self._over_at is not None and now < self._over_at:
                return False
            self._over_at = now + self.length
            return True

    def failed(self) -> bool:
        """Begin a rest, and return whether that is worth a line in the log: once in `told_every` seconds."""
        with self._lock:
            now = self._clock()
            self._over_at = now + self.length
            is_news = self._told_at is None or now - self._told_at >= self._told_every
            self._told_at = now if is_news else self._told_at
            return is_news

    def answered(self) -> bool:
        """End the rest, and return whether there was one."""
        if self._over_at is None:
            return False
        with self._lock:
            was_resting, self._over_at, self._told_at = self._over_at is not None, None, None
            return was_resting
