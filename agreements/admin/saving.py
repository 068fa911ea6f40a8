"""What every write of the admin has in common: the reason asked for, the lock, and another try after a deadlock.

`versions` and `history_pages` call these.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.contrib.messages import error, get_messages
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from agreements.curation.history import IncompleteError
from agreements.models import Agreement
from agreements.security.security_log import note_refusal

TOKEN = "edit_token"  # noqa: S105 - the name of a field
WHY = "why"
LONGEST_REASON = 1000
_ATTEMPTS = 3
_MOST_DIGITS = 18
_DEADLOCK = "40P01"

Written = TypeVar("Written")


def given_reason(request: HttpRequest) -> str:
    """Return why somebody saves, as they gave it with the form; empty if they did not."""
    return request.POST.get(WHY, "").replace("\0", "").strip()[:LONGEST_REASON]


def needs_reason(record: models.Model | None) -> bool:
    """Return whether a change of this record must be explained: the public sees it."""
    return isinstance(record, Agreement) and record.is_public


def is_key(text: str) -> bool:
    """Return whether a text that was sent can be the id of a row at all, so that a database may be asked about it."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def stored(model: Any, object_id: str) -> Any:
    """Return the row that an address of the admin names, as it is stored; None if there is none."""
    try:
        return model._default_manager.filter(pk=unquote(object_id)).first()
    except (ValueError, ValidationError, OverflowError):
        return None


def locked(record: Any) -> Any:
    """Return the record as it is stored, locked until the transaction ends; None if there is none."""
    if record is None:
        return None
    return type(record)._default_manager.select_for_update().filter(pk=record.pk).first()


def again_if_deadlocked(
    request: HttpRequest,
    view: Callable[[], HttpResponse],
    instead: Callable[[str], HttpResponse] | None = None,
) -> HttpResponse:
    """Answer by `view`, tried again as `tried_again` does.

    Where a published record would have lost what it needs, nothing is written, and `instead` answers with the sentence
    that says so; without one the address is opened again, with the sentence at the top of whatever stands there.
    """
    as_it_came = _AsItCame(request)
    try:
        return tried_again(request, view)
    except IncompleteError as refusal:
        as_it_came.restore()
        note_refusal("incomplete_refused", why=str(refusal))
        return (instead or partial(_back_to_the_page, request))(str(refusal))


def tried_again(request: HttpRequest, write: Callable[[], Written]) -> Written:
    """Return what `write` does, tried again where the database broke it off because of what somebody else has just written.

    Two people waited for one another; or a party that the form names has been merged into another, or a slug taken,
    since the form was looked through: this time it says so.
    """
    as_it_came = _AsItCame(request)
    for _attempt in range(1, _ATTEMPTS):
        try:
            return write()
        except (IntegrityError, OperationalError) as broken:
            if not _is_worth_another_try(broken):
                raise
            as_it_came.restore()
    return write()


class _AsItCame:
    """A request as it was sent, whatever an attempt that was broken off has made of it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.posted = request, request.POST
        self.files: Any = request.FILES.copy()
        messages: Any = get_messages(request)
        # what such an attempt has told must not be told twice
        self.said: list[Any] = messages._queued_messages  # noqa: SLF001
        self.said_before = list(self.said)

    def restore(self) -> None:
        self.said[:] = self.said_before
        self.request.POST = self.posted
        files: Any = self.request.FILES
        files.clear()
        files.update(self.files)
        for _name, uploads in self.files.lists():
            for upload in uploads:
                _put_back(upload)


def _put_back(upload: Any) -> None:
    """Let an upload be read from its beginning; a large one was moved into the store, and is copied back from there."""
    upload.seek(0)
    if hasattr(upload, "temporary_file_path"):
        kept = Path(upload.temporary_file_path())
        if not kept.exists():
            kept.touch(mode=0o600)
            with kept.open("wb") as copy:
                copy.writelines(upload.chunks())
            upload.seek(0)


def _back_to_the_page(request: HttpRequest, refusal: str) -> HttpResponse:
    error(request, refusal)
    return HttpResponseRedirect(request.get_full_path())


def _is_worth_another_try(broken: DatabaseError) -> bool:
    is_deadlock = getattr(broken.__cause__, "sqlstate", "") == _DEADLOCK
    return is_deadlock or isinstance(broken, IntegrityError)
