"""Checks that the person at the keyboard is still the one who logged in, before weakening a login or showing a secret.

`agreements.staff.accounts.password_again` has the field that forms add.
"""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from agreements.security.sessions import OPENED_AT

# How recent the login of users without a password, who log in elsewhere, must be.
FRESH = timedelta(minutes=5)


def has_password(user: User) -> bool:
    return user.has_usable_password()


def is_confirmed(request: HttpRequest, user: User, password: str) -> bool:
    """Return whether this is the user's password; for users without one, whether they logged in a moment ago.

    A wrong password counts towards the lockout as it does at the login; a right one gives the session a new key.
    """
    if has_password(user):
        is_right = authenticate(request, username=user.get_username(), password=password) == user
        if is_right:
            request.session.cycle_key()
        return is_right
    opened_at = datetime.fromisoformat(request.session[OPENED_AT])
    return timezone.now() - opened_at < FRESH
