"""Frees memory that the C library holds back: at a million agreements, twice what the columns need."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system if its C library is glibc; others do this by themselves."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
