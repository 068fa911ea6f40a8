"""How long a login lasts: until nobody used it for a while, and never longer than a working day.

Django's session middleware calls the store; the page about one's own account lists and ends sessions. Each session is
a row that names its person, so that ending all of them needs no look into every session there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from agreements.models.sessions import StaffSession

OPENED_AT = "opened_at"
OPENED_FROM = "opened_from"
BROWSER = "browser"
# A click now and then must not write to the database each time.
NOTICED_AFTER = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Sessions in the database that end by themselves, each with the person it belongs to."""

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
        """Read the session, empty when it has ended; a login that is used lasts on from now."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        data = self.decode(row.session_data)
        if SESSION_KEY in data:
            self._prolong(row, _end(data, timezone.now()))
        return data

    def _prolong(self, row: StaffSession, end: datetime) -> None:
        """Move the end alone: writing the whole session could undo what a request at the same time put into it."""
        if end - row.expire_date >= NOTICED_AFTER:
            StaffSession.objects.filter(pk=row.pk).update(expire_date=end)


def _end(data: Mapping[str, Any] | SessionStore, now: datetime) -> datetime:
    """Return when a session used now ends, if nobody uses it again."""
    unused: datetime = now + settings.SESSION_IDLE
    opened_at = data.get(OPENED_AT)
    if opened_at is None:
        return unused
    return min(unused, datetime.fromisoformat(opened_at) + settings.SESSION_LONGEST)


@receiver(user_logged_in)
def remember_the_moment(sender: object, request: Any, **kwargs: Any) -> None:
    """Write into a new login when it began, which limits how long it can be prolonged."""
    request.session[OPENED_AT] = timezone.now().isoformat()


@dataclass(frozen=True)
class OpenSession:
    """One browser that is logged in, in words for its owner."""

    opened_at: datetime | None
    opened_from: str
    browser: str
    is_this_one: bool


def open_sessions(user: Any, *, current: str | None) -> list[OpenSession]:
    """Return the person's logins, the latest first; `current` is the key of the session that asks.

    Those that a change of password has ended are left out, for their rows stay until they are next looked at.
    """
    rows = StaffSession.objects.filter(user=user, expire_date__gt=timezone.now())
    read = SessionStore()
    found = [(row.session_key == current, read.decode(row.session_data)) for row in rows]
    sessions = [_in_words(data, is_this_one) for is_this_one, data in found if _holds(data, user)]
    return sorted(
        sessions, key=lambda one: one.opened_at.timestamp() if one.opened_at else 0, reverse=True
    )


def _holds(data: dict[str, Any], user: Any) -> bool:
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _in_words(data: dict[str, Any], is_this_one: bool) -> OpenSession:
    opened_at = data.get(OPENED_AT)
    return OpenSession(
        opened_at=datetime.fromisoformat(opened_at) if opened_at else None,
        opened_from=data.get(OPENED_FROM, ""),
        browser=data.get(BROWSER, ""),
        is_this_one=is_this_one,
    )


def end_sessions(user: Any, *, but: str | None = None) -> int:
    """Log the person out everywhere, except in the session with the key `but`; return how many that ended."""
    rows = StaffSession.objects.filter(user=user).exclude(session_key=but or "")
    return rows.delete()[0]


def owner_of(session_key: str | None) -> int | None:
    """Return the id of the person whose session this is or was, as long as its row is kept; else None."""
    rows = StaffSession.objects.filter(session_key=session_key or "")
    return rows.values_list("user_id", flat=True).first()
