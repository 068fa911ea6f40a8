"""Erases a name from what logged-in browsers keep: forms to be sent again, and messages not shown yet."""

from collections.abc import Iterator
from typing import Any

from django.core import signing

from agreements.curation.erasure.names import Name
from agreements.models import StaffSession
from agreements.security.sent_forms import SALT
from agreements.security.sessions import SessionStore

_TOGETHER = 200


def sessions_with(name: Name) -> Iterator[tuple[StaffSession, dict[str, Any], int]]:
    """Yield each session that has the name, its data without it, and the number of places.

    A form that was kept is dropped as a whole, as its signature covers all of it: one that waits to be sent, and one
    that is carried through a login with a second factor or with single sign-on.
    """
    store = SessionStore()
    for session in StaffSession.objects.order_by("pk").iterator(_TOGETHER):
        without_forms, in_forms = _without_forms(name, store.decode(session.session_data))
        new, places = name.in_value(without_forms)
        if in_forms or places:
            yield session, new, in_forms + places


def _without_forms(name: Name, value: Any) -> tuple[Any, int]:
    """Return a value of a session with an empty text for each packed form that has the name, and the number of places."""
    if isinstance(value, str):
        places = name.in_value(_unpacked(value))[1]
        return ("" if places else value), places
    if isinstance(value, dict):
        done = {key: _without_forms(name, inside) for key, inside in value.items()}
        return {key: kept for key, (kept, _n) in done.items()}, sum(n for _kept, n in done.values())
    if isinstance(value, list):
        parts = [_without_forms(name, inside) for inside in value]
        return [kept for kept, _n in parts], sum(n for _kept, n in parts)
    return value, 0


def _unpacked(text: str) -> Any:
    """Return the fields of a packed form; None for any other text."""
    try:
        return signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None


def rewrite(session: StaffSession, data: dict[str, Any]) -> None:
    packed = SessionStore().encode(data)
    StaffSession.objects.filter(pk=session.pk).update(session_data=packed)
