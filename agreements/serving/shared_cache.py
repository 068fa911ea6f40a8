"""The cache that several servers share: Django's own for Redis, without which every page goes on, slower.

The settings name it where `CACHE_URL` is set. While Redis is stopped or hangs, nothing is found and nothing kept, as
in Django's dummy cache: whatever is cached must be found anew without it, and a value that is not to be read any more
must not depend on being deleted, but carry in its key what it was made of.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from agreements.serving.circuit_breaker import Rest

# A page that waits longer for the cache than for the database gains nothing by it.
LONGEST_WAIT = 0.5
RESTING_SECONDS = 10.0

logger = logging.getLogger(__name__)

# A Django cache belongs to one thread; what is known of its server is for all of them.
_rests: defaultdict[tuple[str, ...], Rest] = defaultdict(lambda: Rest(RESTING_SECONDS))


class SharedCache(RedisCache):
    """Redis while it answers, and no cache while it does not; LOCATION is a list of one address.

    A command waits half a second at most. After a failure Redis is left alone for ten seconds, and then asked by one
    request; the log says so once a minute.
    """

    def __init__(self, server: list[str], params: dict[str, Any]) -> None:
        waiting = {
            "socket_connect_timeout": LONGEST_WAIT,
            "socket_timeout": LONGEST_WAIT,
            # a connection kept from before Redis was started anew is replaced at once; a hanging one is not tried again
            "retry": Retry(NoBackoff(), 1, supported_errors=(BrokenConnectionError,)),
        }
        super().__init__(server, {**params, "OPTIONS": waiting | params.get("OPTIONS", {})})
        self._rest = _rests[tuple(server)]

    def _asked(self, command: Callable[[], Any], *, otherwise: Any) -> Any:
        """Return what Redis answers to the command, and `otherwise` when it does not or rests."""
        if not self._rest.may_be_asked():
            return otherwise
        try:
            answer = command()
        except (RedisError, OSError) as error:
            if self._rest.failed():
                logger.warning("The shared cache does not answer, pages go on without: %s", error)
            return otherwise
        if self._rest.answered():
            logger.info("The shared cache answers again.")
        return answer

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._asked(
            lambda: super(SharedCache, self).get(key, default, version), otherwise=default
        )

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        return self._asked(lambda: super(SharedCache, self).get_many(keys, version), otherwise={})

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._asked(lambda: super(SharedCache, self).has_key(key, version), otherwise=False)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Return whether nobody had added it before; True without Redis, so that the caller does the work itself."""
        return self._asked(
            lambda: super(SharedCache, self).add(key, value, timeout, version), otherwise=True
        )

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._asked(
            lambda: super(SharedCache, self).set(key, value, timeout, version), otherwise=None
        )

    def set_many(
        self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        return self._asked(
            lambda: super(SharedCache, self).set_many(data, timeout, version), otherwise=list(data)
        )

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._asked(
            lambda: super(SharedCache, self).touch(key, timeout, version), otherwise=False
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the number raised by `delta`; raises ValueError if there is none, or no Redis."""
        found = self._asked(lambda: self._raised(key, delta, version), otherwise=None)
        if found is None:
            raise ValueError(f"Key '{key}' not found.")
        return found

    def _raised(self, key: str, delta: int, version: int | None) -> int | None:
        try:
            return super().incr(key, delta, version)
        except ValueError:
            return None

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._asked(lambda: super(SharedCache, self).delete(key, version), otherwise=False)

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        self._asked(lambda: super(SharedCache, self).delete_many(keys, version), otherwise=None)

    def clear(self) -> None:
        self._asked(super().clear, otherwise=None)
