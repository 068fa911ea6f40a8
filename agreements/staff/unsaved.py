"""What the server knows about entries that the browser keeps until they are saved.

The script `admin_extra/unsaved.js` keeps what somebody types in the browser, under a name that says nothing about the
user and sealed with a key that only this user's pages hold. It sends an id of its own with the form; the next page tells
it which id has been saved, so that it forgets that entry. The entries themselves never come here before they are saved.
"""

import re
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

# the hidden input with the id that the script gives to what is being typed
FIELD = "typing_id"
_SAVED = "saved_typing"
_ID = re.compile(r"[0-9a-z-]{8,40}")
_MOST = 10


def note_saved(request: HttpRequest) -> None:
    """Note that the form of this request has been saved; its browser learns it from the next page."""
    sent = request.POST.get(FIELD, "")
    if _ID.fullmatch(sent):
        kept = [each for each in request.session.get(_SAVED, []) if each != sent]
        request.session[_SAVED] = [*kept, sent][-_MOST:]


def context_for(request: HttpRequest) -> dict[str, Any]:
    """Return what every staff page tells the script: whose entries to offer, and which have been saved."""
    if not request.user.is_authenticated:
        return {}
    saved = request.session.pop(_SAVED, [])
    return {
        "typing_owner": _derived("owner", request.user.pk)[:32],
        "typing_key": _derived("key", request.user.pk),
        "saved_typing": " ".join(saved),
    }


def _derived(use: str, user: int) -> str:
    """Return a text for this use and user that nobody without the register's secret can compute."""
    return salted_hmac(f"agreements.staff.unsaved.{use}", str(user), algorithm="sha256").hexdigest()
