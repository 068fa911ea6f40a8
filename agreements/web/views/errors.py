"""The error pages 400, 403 and 500 in the site's own layout. Django itself renders 404 and 400 for malformed URLs.

`mou_tracker.urls` names the handlers. They make no query except for the refused user; the 500 page does not even use
the request, because anything may have failed before.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agreements.security import security_log

logger = logging.getLogger(__name__)


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
