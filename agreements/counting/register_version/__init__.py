"""The version of the public register: every change that the public can see increments it, no matter who makes it.

Database triggers increment it, so `update`, `bulk_create`, imports and other programs do so as well. Everything that
is kept from one request to the next is keyed by it: cached responses, their ETags, and the column store.
"""

from agreements.counting.register_version.reading import Revision, current, touched_since
from agreements.counting.register_version.triggers import KEPT, are_missing, dropped, renew

__all__ = ["KEPT", "Revision", "are_missing", "current", "dropped", "renew", "touched_since"]
