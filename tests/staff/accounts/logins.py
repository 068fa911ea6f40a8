"""Ways to log in that the tests of the admin's login share."""

import time
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP

from agreements.security import two_factor

PASSWORD = "the right one"
KEY = "31" * 20


def staff(name: str = "clerk", **more: object) -> User:
    return User.objects.create_user(name, password=PASSWORD, is_staff=True, **more)


def code(key: str = KEY, *, steps: int = 0) -> str:
    """The six digits that a phone with this key shows now, or so many steps of 30 seconds later.

    An earlier code is valid only until the present step ends, so this waits for the next one if little is left.
    """
    left = 30 - time.time() % 30
    if steps < 0 and left < 5:
        time.sleep(left)
    shown = TOTP(bytes.fromhex(key))
    shown.time = (datetime.now(UTC) + timedelta(seconds=30 * steps)).timestamp()
    return f"{shown.token():06d}"


def with_two_factor(user: User) -> list[str]:
    """Turns two-factor on with the code of half a minute ago, so that the present one is unused."""
    return two_factor.turn_on(user, key=KEY, code=code(steps=-1))


def give_password(browser: Client, user: User, **more: str) -> object:
    login = {"username": user.username, "password": PASSWORD, **more}
    return browser.post("/admin/login/", login)


def is_in(browser: Client) -> bool:
    return browser.get("/admin/account/").status_code == 200
