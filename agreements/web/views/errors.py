"""The error pages in the site's own layout. Django itself renders 404 and 400 for malformed URLs.

`mou_tracker.urls` names the handlers. They make no query except for the refused user; the 500 page does not even use
the request, because anything may have failed before.
"""

import logging
import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agreements.security import security_log
from agreements.web.problems import problem_response

_FILE = re.compile(r".*[.][a-z]+")

logger = logging.getLogger(__name__)


def answer(
    request: HttpRequest, status: int, sentence: str, *, page: str, **context: object
) -> HttpResponse:
    """Return the reason for a failed request in the form it asked for: an error page, a line of text, or JSON; no query.

    The error page's template also gets the context.
    """
    if request.path_info.startswith("/api/"):
        return problem_response(status, sentence)
    if _FILE.fullmatch(request.path_info):
        plain = "text/plain; charset=utf-8"
        return HttpResponse(f"{sentence}\n", status=status, content_type=plain)
    told = {"sentence": sentence, "status": status, **context}
    return HttpResponse(render_to_string(page, told), status=status)


def refused(request: HttpRequest, reasons: list[str]) -> HttpResponse:
    """400 with sentences that say what was not understood, and a link to the page without a query."""
    return render(request, "400.html", {"reasons": reasons, "instead": request.path}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the user may not open this page; the security log records the refusal."""
    security_log.note_refusal("refused")
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a bug in our code. If the error page cannot be rendered either, return plain HTML."""
    try:
        page: str = render_to_string("500.html")
    except Exception:
        logger.exception("The error page cannot be rendered.")
        page = f"<!DOCTYPE html><title>500</title><h1>{_('Something went wrong')}</h1>"
    return HttpResponse(page, status=500)
