"""How often something was done within an hour, by whoever it is limited for."""

from hashlib import sha256

from django.core.cache import caches

AN_HOUR = 60 * 60


def in_the_last_hour(what: str, whose: str) -> int:
    """Count this once more, and return how often it was counted in the hour since its first time.

    Where the cache is not shared each process counts for itself; a cache that is down counts nothing.
    """
    cache = caches["counters"]
    key = f"{what}:{sha256(whose.encode()).hexdigest()}"
    cache.add(key, 0, timeout=AN_HOUR)
    try:
        return int(cache.incr(key) or 1)
    except ValueError:
        return 1
