"""Long lists of keys in pieces: SQLite binds a limited number of values, and memory should not grow with the list."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")


def in_chunks(items: Iterable[_Item], size: int = 500) -> Iterator[list[_Item]]:
    """Yield the items in order, in lists of at most `size`."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
