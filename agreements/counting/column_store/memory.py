"""What the C library keeps for itself: all that arrays leave behind, at a million agreements twice what the columns need."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system, where its C library is glibc; elsewhere nothing need be done."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
