"""The cache that several servers share: Redis through django-redis, without which every page still works, only slower.

The settings use it if `CACHE_URL` is set. While Redis is down or hangs, nothing is found and nothing is stored, as in
Django's dummy cache. So cache only what can be made again, and never rely on deleting an outdated value: instead, its
key must contain everything that the value depends on.
"""

import logging
from typing import Any

from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from django_redis.serializers.json import JSONSerializer
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from agreements.serving.circuit_breaker import CircuitBreaker

# It is no use to wait longer for the cache than the database would take.
LONGEST_WAIT = 0.5
PAUSE_SECONDS = 10.0
OPTIONS = {
    "IGNORE_EXCEPTIONS": True,
    "REDIS_CLIENT_CLASS": f"{__name__}.GuardedRedis",
    "SERIALIZER": f"{__name__}.ForgivingSerializer",
    "CONNECTION_POOL_KWARGS": {
        "socket_connect_timeout": LONGEST_WAIT,
        "socket_timeout": LONGEST_WAIT,
        # replaces a connection broken by a restart of Redis at once, and does not call a hanging server twice
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    },
}

logger = logging.getLogger(__name__)

# CACHE_URL names one server, so the process has one breaker.
breaker = CircuitBreaker(PAUSE_SECONDS)


class SharedCache(RedisCache):
    """Redis while it answers, and no cache while it does not; LOCATION is a list of one URL, which may contain commas.

    A command waits half a second at most. After a failure Redis is left alone for ten seconds, and then one request
    tries it again; the log mentions it at most once a minute. Pipelines (`set_many`) bypass the breaker.
    """

    def __init__(self, server: list[str], params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": OPTIONS | params.get("OPTIONS", {})})


class ForgivingSerializer(JSONSerializer):
    """JSON, which nobody who can write to Redis can turn into a program.

    Finds nothing if a stored value is damaged, or if a release that stored it differently wrote it.
    """

    def loads(self, value: bytes) -> Any:
        try:
            return super().loads(value)
        except (ValueError, RecursionError) as error:
            logger.warning("A value in the shared cache cannot be read: %s", error)
            return None


class GuardedRedis(Redis):
    """A client that does not even try while the breaker is open.

    It raises the error that every method of the cache ignores; some, such as `touch`, let other Redis errors through.
    """

    def execute_command(self, *args: object, **options: object) -> object:
        if not breaker.allows_call():
            raise ConnectionInterrupted(connection=self)
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisConnectionError, RedisTimeoutError) as error:
            if breaker.failed():
                logger.warning("The shared cache does not answer; pages work without it: %s", error)
            raise ConnectionInterrupted(connection=self) from error
        if breaker.succeeded():
            logger.info("The shared cache answers again.")
        return answer
