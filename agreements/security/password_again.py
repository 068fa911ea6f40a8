"""Checks that the person at the keyboard is still the one who logged in, before weakening a login or showing a secret.

`agreements.staff.accounts.password_again` has the field that forms add.
"""

import time
from datetime import timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest

from agreements.security.sessions import AUTH_TIME

# For users without a password, who log in elsewhere: how long ago they may have given their password there, and by how
# much the clock there may be ahead.
FRESH = timedelta(minutes=5)
AHEAD = timedelta(minutes=2)


def has_password(user: User) -> bool:
    return user.has_usable_password()


def is_confirmed(request: HttpRequest, user: User, password: str) -> bool:
    """Return whether this is the user's password; for users without one, whether they gave theirs elsewhere.

    The single sign-on provider says when that was. Without its word the session proves nothing: a provider where
    somebody is still logged in lets everybody at that browser pass.
    A wrong password counts towards the lockout like one at the login; a right one gives the session a new key.
    """
    if has_password(user):
        is_right = authenticate(request, username=user.get_username(), password=password) == user
        if is_right:
            request.session.cycle_key()
        return is_right
    return is_fresh(request.session.get(AUTH_TIME))


def is_fresh(auth_time: float | None) -> bool:
    """Return whether this moment, in seconds since 1970, is known and was a few minutes ago at most."""
    if auth_time is None:
        return False
    return -AHEAD.total_seconds() <= time.time() - auth_time < FRESH.total_seconds()
