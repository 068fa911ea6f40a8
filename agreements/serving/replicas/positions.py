"""How far a replica must be: positions in the primary's log, and the cookie that carries one.

After saving something, people get a cookie with the primary's position, and read from a replica only once it has
reached that position. The cookie is signed, so that nobody can keep the primary busy with a forged one.
"""

import re

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

COOKIE = f"{settings.COOKIE_PREFIX}written"
SALT = "agreements.serving.replicas"
# A replica that is an hour behind is out of use anyway.
LONGEST = 60 * 60

_POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")


def read(text: str) -> int | None:
    """Return a position that PostgreSQL writes as `16/B374D848` as a comparable number; None for other texts."""
    if match := _POSITION.fullmatch(text):
        return (int(match[1], 16) << 32) + int(match[2], 16)
    return None


def of_primary() -> str:
    """Return where the primary's log ends; one query.

    This is the insert position, not the write position: with `synchronous_commit = off` a commit may not have been
    written yet.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        [position] = cursor.fetchone()
    return str(position)


def required_by(request: HttpRequest) -> int | None:
    """Return the position after this visitor's last save; None if they have saved nothing lately."""
    if COOKIE not in request.COOKIES:
        return None
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LONGEST)
    return read(str(value))


def remember(response: HttpResponseBase, position: str) -> None:
    """Make sure that the visitor who gets this response reads no older state than this one."""
    response.set_signed_cookie(
        COOKIE,
        position,
        salt=SALT,
        max_age=LONGEST,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    patch_cache_control(response, private=True)


def forget(response: HttpResponseBase) -> None:
    """Delete the cookie: every replica has reached the position."""
    response.delete_cookie(COOKIE, samesite="Lax")
    patch_cache_control(response, private=True)
