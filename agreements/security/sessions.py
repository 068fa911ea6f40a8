"""How long a login lasts: until nobody has used it for a while, and at most a working day.

Django's session middleware calls the store; the account page lists and ends sessions. Each session is a row that names
its user, so that ending all of a user's sessions does not require decoding every session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from agreements.models.sessions import StaffSession

OPENED_AT = "opened_at"
OPENED_FROM = "opened_from"
BROWSER = "browser"
# Set where the provider logged the user in, to the URL that logs them out there; empty if it offers none.
SIGNED_ON = "signed_on"
# Set where the provider said when they last gave a password or a code there, to that time in seconds since 1970.
AUTH_TIME = "auth_time"
# Not every click should write to the database.
EXTENDED_AFTER = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Sessions in the database that expire, each with the user it belongs to."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        return _end(self, timezone.now())

    def load(self) -> dict[str, Any]:
        """Return the session's data, empty when it has ended; using a login extends it."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        data = self.decode(row.session_data)
        if SESSION_KEY in data:
            self._extend(row, _end(data, timezone.now()))
        return data

    def _extend(self, row: StaffSession, end: datetime) -> None:
        """Store only the new end: saving the whole session could overwrite what a parallel request has stored in it."""
        if end - row.expire_date >= EXTENDED_AFTER:
            StaffSession.objects.filter(pk=row.pk).update(expire_date=end)


def _end(data: Mapping[str, Any] | SessionStore, now: datetime) -> datetime:
    """Return when a session that is used now will end if it is not used again."""
    unused: datetime = now + settings.SESSION_IDLE
    opened_at = _opened_at(data)
    return unused if opened_at is None else min(unused, opened_at + settings.SESSION_LONGEST)


def _opened_at(data: Mapping[str, Any] | SessionStore) -> datetime | None:
    stored = data.get(OPENED_AT)
    return datetime.fromisoformat(stored) if stored else None


@receiver(user_logged_in)
def remember_the_moment(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Store when a login began, which limits how long it can be extended."""
    request.session[OPENED_AT] = timezone.now().isoformat()


@dataclass(frozen=True)
class OpenSession:
    """One browser that is logged in, as its owner sees it."""

    opened_at: datetime | None
    opened_from: str
    browser: str
    is_this_one: bool


def open_sessions(user: User, *, current: str | None) -> list[OpenSession]:
    """Return the user's logins, the latest first; `current` is the key of the session making the request.

    Leaves out logins that a change of password has ended, whose rows stay until their next use.
    """
    rows = StaffSession.objects.filter(user=user, expire_date__gt=timezone.now())
    store, expected = SessionStore(), user.get_session_auth_hash()
    stored = [(row, store.decode(row.session_data)) for row in rows]
    sessions = [
        OpenSession(
            opened_at=_opened_at(data),
            opened_from=data.get(OPENED_FROM, ""),
            browser=data.get(BROWSER, ""),
            is_this_one=row.session_key == current,
        )
        for row, data in stored
        if constant_time_compare(data.get(HASH_SESSION_KEY, ""), expected)
    ]
    return sorted(
        sessions, key=lambda one: one.opened_at.timestamp() if one.opened_at else 0, reverse=True
    )


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Log the user out everywhere except in the session with the key `but`; return how many sessions ended."""
    rows = StaffSession.objects.filter(user=user).exclude(session_key=but or "")
    return rows.delete()[0]


def owner_of(session_key: str | None) -> int | None:
    """Return the id of the user whose session this is or was, as long as its row exists; else None."""
    rows = StaffSession.objects.filter(session_key=session_key or "")
    return rows.values_list("user_id", flat=True).first()
