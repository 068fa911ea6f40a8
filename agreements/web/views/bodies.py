"""Which request bodies are read at all. A request that is refused here has cost no more than its headers.

Guests only log in and search, so they send little. Only staff send files, to screens of records with files. A login
that has just ended still counts: `agreements.staff.accounts.unsent` keeps what was typed.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import FileField
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from agreements.security.sessions import owner_of
from agreements.web.views.errors import answer

View = Callable[..., Any]


class BodyMiddleware(MiddlewareMixin):
    """Refuses a body before anything reads it; comes before all middleware whose `process_view` reads forms."""

    def process_view(
        self, request: HttpRequest, view: View, args: object, kwargs: object
    ) -> HttpResponse | None:
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            # Django would not read such a body. nginx never sends one, because by then it knows the length.
            return _refused(request, 411, _("Send the request with its length (Content-Length)."))
        if _is_multipart(request) and not (takes_files(view) and _is_from_staff(request)):
            sentence = _(
                "Files are only accepted from staff who are logged in, and only in forms for records with files. "
                "If your login has ended, log in again in another tab, then go back and submit the form again."
            )
            return _refused(request, 415, sentence)
        if _length(request) > settings.GUEST_BODY_SIZE and not _is_from_staff(request):
            sentence = _(
                "This is more than the %(most)d bytes that the register accepts from people who are not logged in."
            ) % {"most": settings.GUEST_BODY_SIZE}
            return _refused(request, 413, sentence)
        return None


def takes_files(view: View) -> bool:
    """Whether this is a page of an admin screen that reads files, or whose records, or rows within them, have some."""
    screen = getattr(view, "model_admin", None)
    if getattr(screen, "reads_files", False):
        return True
    models = [screen.model, *(inline.model for inline in screen.inlines)] if screen else []
    return any(isinstance(field, FileField) for model in models for field in model._meta.fields)


def _is_multipart(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data"


def _length(request: HttpRequest) -> int:
    """Return the length that the request declares; Django reads no more than that. 0 for nonsense, as in Django."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _refused(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return answer(request, status, sentence, page="refused.html")


def _is_from_staff(request: HttpRequest) -> bool:
    """Whether somebody is logged in, or was until just now; at most three queries, none without a session."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return bool(key) and (request.user.is_authenticated or owner_of(key) is not None)
