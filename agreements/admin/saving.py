"""What all writes in the admin share: the reason for the change, the lock, and retries after a deadlock.

`versions`, `history_pages` and `deletions` call these.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.contrib.messages import error
from django.contrib.messages.middleware import MessageMiddleware
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, OperationalError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext_lazy

from agreements.curation.history.completeness import IncompleteError
from agreements.curation.history.recording import recorded
from agreements.models import Agreement
from agreements.security.security_log import note_refusal

TOKEN = "edit_token"  # noqa: S105 - the name of a field
WHY = "why"
LONGEST_REASON = 1000
REASON_NEEDED = gettext_lazy("Say why, for the next person who works on this record.")
_ATTEMPTS = 3
_MOST_DIGITS = 18
_DEADLOCK = "40P01"

View = Callable[[], HttpResponse]
# returns the page that shows why nothing was written
Refusal = Callable[[str], HttpResponse]
Written = TypeVar("Written")


def given_reason(request: HttpRequest) -> str:
    """Return the reason given with the form; empty if there is none."""
    return request.POST.get(WHY, "").replace("\0", "").strip()[:LONGEST_REASON]


def needs_reason(record: models.Model | None) -> bool:
    """Return whether changing this record needs a reason, because the public sees it."""
    return isinstance(record, Agreement) and record.is_public


def is_key(text: str) -> bool:
    """Return whether a text can be the id of a row at all, so that it is safe to query the database for it."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def stored(model: type[models.Model], object_id: str) -> Any:
    """Return the stored row that an admin URL names; None if there is none."""
    try:
        return model._default_manager.filter(pk=unquote(object_id)).first()
    except (ValueError, ValidationError, OverflowError):
        return None


def locked(record: Any) -> Any:
    """Return the stored record, locked until the transaction ends; None if there is none."""
    if record is None:
        return None
    return type(record)._default_manager.select_for_update().filter(pk=record.pk).first()


def again_if_deadlocked(
    request: HttpRequest, view: View, instead: Refusal | None = None
) -> HttpResponse:
    """Return the response of `view`, retried as `tried_again` does.

    If a published record would lose what it needs, nothing is written, and `instead` gets the sentence that says so;
    without `instead` the same URL is opened again with the sentence at the top.
    """
    try:
        return tried_again(request, view)
    except IncompleteError as refusal:
        note_refusal("incomplete_refused", why=str(refusal))
        if instead is not None:
            return instead(str(refusal))
        error(request, str(refusal))
        return HttpResponseRedirect(request.get_full_path())


def written(request: HttpRequest, view: View, instead: Refusal | None = None) -> HttpResponse:
    """Like `again_if_deadlocked`, but record what `view` writes as one version with the reason given."""

    def recording() -> HttpResponse:
        with recorded(by=request.user, why=given_reason(request)):
            return view()

    return again_if_deadlocked(request, recording, instead)


def tried_again(request: HttpRequest, write: Callable[[], Written]) -> Written:
    """Return what `write` returns, retried if the database aborts it because of another user's change.

    The cause is a deadlock; or, since the form was validated, a party that it names was merged or a slug was taken,
    which the retry reports.
    """
    attempt = _put_back_if_it_fails(request)(write)
    for _attempt in range(1, _ATTEMPTS):
        try:
            return attempt()
        except (IntegrityError, OperationalError) as broken:
            is_deadlock = getattr(broken.__cause__, "sqlstate", "") == _DEADLOCK
            if not (is_deadlock or isinstance(broken, IntegrityError)):
                raise
    return attempt()


@contextmanager
def _put_back_if_it_fails(request: HttpRequest) -> Iterator[None]:
    """Restore the request as it was sent if the block fails, as the block may have changed it."""
    posted, files = request.POST, request.FILES.copy()
    try:
        yield
    except Exception:
        # a message of an aborted attempt must not appear twice
        forget_messages(request)
        request.POST = posted
        request.FILES.clear()
        for name, uploads in files.lists():
            request.FILES.setlist(name, uploads)
            for upload in uploads:
                _rewind(upload)
        raise


def forget_messages(request: HttpRequest) -> None:
    """Drop the messages of this request so far, as what they tell was undone."""
    MessageMiddleware(lambda _request: HttpResponse()).process_request(request)


def _rewind(upload: UploadedFile) -> None:
    """Rewind an upload; copy a large one, which was moved into the store, back to its temporary file."""
    upload.seek(0)
    if isinstance(upload, TemporaryUploadedFile):
        kept = Path(upload.temporary_file_path())
        if not kept.exists():
            kept.touch(mode=0o600)
            with kept.open("wb") as copy:
                copy.writelines(upload.chunks())
            upload.seek(0)


def resend(request: HttpRequest, data: QueryDict) -> None:
    """Replace the data sent with the request by these."""
    request.POST = data  # type: ignore[assignment]
