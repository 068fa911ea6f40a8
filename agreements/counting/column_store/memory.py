"""Memory that the C library holds back: at a million agreements, freed arrays leave twice what the columns need."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system where its C library is glibc; elsewhere this is not needed."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
