"""Tokens in the URLs of private calendars: made, revoked, and resolved to their owner.

Anyone who knows such a URL sees what its owner may see, so only a digest of the token is stored. The page "What I
follow" makes and revokes tokens; the calendar's view looks up their owners.
"""

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth.models import User

from agreements.models import CalendarAddress

# 256 bits, written in 43 characters
_BYTES = 32


def new_token(user: User, *, at: datetime) -> str:
    """Return a new token for this user's calendar, which cannot be read again; the old one stops working."""
    token = secrets.token_urlsafe(_BYTES)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"digest": _digest(token), "made_at": at}
    )
    return token


def revoke_token(user: User) -> None:
    """Make this user's calendar URL stop working."""
    CalendarAddress.objects.filter(user=user).delete()


def owner_of(token: str) -> User | None:
    """Return the active user whose calendar this token opens, or None; one query in either case.

    The database compares digests, so response times reveal nothing about existing tokens.
    """
    found = CalendarAddress.objects.filter(digest=_digest(token), user__is_active=True)
    row = found.select_related("user").first()
    return row.user if row else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
