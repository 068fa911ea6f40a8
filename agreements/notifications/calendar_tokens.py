"""The secret address of a person's calendar: made, revoked, and read back to the person.

Whoever knows the address sees what its owner may see, so only a digest of the secret is kept. The page "What I follow"
makes and revokes it, the view of the calendar asks whose it is.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from agreements.models import CalendarAddress

# 256 bits, written in 43 characters
_BYTES = 32


def make_address(user: Any, *, at: datetime) -> str:
    """Return a new secret for this user's calendar, which is the only time it is known; the old one is void."""
    secret = secrets.token_urlsafe(_BYTES)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"digest": _digest(secret), "made_at": at}
    )
    return secret


def revoke_address(user: Any) -> None:
    """Make this user's calendar address lead nowhere."""
    CalendarAddress.objects.filter(user=user).delete()


def owner_of(secret: str) -> Any | None:
    """Return the active user whose calendar this secret opens, or None; one query whatever the secret.

    The database compares digests, so that how long it takes tells nothing of the secrets that there are.
    """
    found = CalendarAddress.objects.filter(digest=_digest(secret), user__is_active=True)
    address = found.select_related("user").first()
    return address.user if address else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
