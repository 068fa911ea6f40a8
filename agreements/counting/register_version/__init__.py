"""The revision of the public register: what every change that the public can see moves, whoever makes it.

Triggers of the database move it, so that `update`, `bulk_create`, imports and other programs move it as well. It is the
key of everything that is kept from one request to the next: answers, their ETags, and the columns that agreements are
counted by.
"""

from agreements.counting.register_version.reading import Revision, current, touched_since
from agreements.counting.register_version.triggers import KEPT, are_missing, dropped, renew

__all__ = ["KEPT", "Revision", "are_missing", "current", "dropped", "renew", "touched_since"]
