"""How far a replica must have come: positions in the primary's log, and the cookie that carries one.

Whoever has written gets the position of the primary after that, and reads from a replica once it has come as far. The
cookie is signed, so that nobody keeps the primary busy by making one up; only people who change something get one.
"""

import re

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

COOKIE = "written"
SALT = "agreements.serving.replicas"
# A replica that is an hour behind is out of use anyway.
LONGEST = 60 * 60

_POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")


def read(text: str) -> int | None:
    """Return a position as PostgreSQL writes it, `16/B374D848`, as a number that can be compared; else None."""
    if match := _POSITION.fullmatch(text):
        return (int(match[1], 16) << 32) + int(match[2], 16)
    return None


def of_primary() -> str:
    """Return where the primary's log ends; one query.

    What is being written counts as well as what is written: with `synchronous_commit = off` a commit may not have
    reached the written part yet.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        [position] = cursor.fetchone()
    return str(position)


def demanded_by(request: HttpRequest) -> int | None:
    """Return the position that whoever asks has written up to; None if they wrote nothing lately."""
    if COOKIE not in request.COOKIES:
        return None
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LONGEST)
    return read(str(value))


def remember(response: HttpResponseBase, position: str) -> None:
    """Let whoever gets this answer read no older state than this one."""
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
    """Take the cookie away: every replica has come as far."""
    response.delete_cookie(COOKIE, samesite="Lax")
    patch_cache_control(response, private=True)
