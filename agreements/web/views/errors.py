"""What is shown when a page cannot be: four error pages in the same house as the rest.

`mou_tracker.urls` names the handlers. None asks the database for more than who was refused, and the last one needs
nothing of the request either, for anything may have failed before it.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agreements.security import security_log

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
    return render(request, "400.html", status=400)


def refused(request: HttpRequest, reasons: list[str]) -> HttpResponse:
    """400 with sentences that name what was not understood, and a way back to the page without it."""
    return render(request, "400.html", {"reasons": reasons, "instead": request.path}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this is not for the person who asked; the log says who that was."""
    security_log.note_refusal("refused")
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or no such record for the public."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours; in plain words where the fault lies in what the page itself is made of."""
    try:
        page: str = render_to_string("500.html")
    except Exception:
        logger.exception("The page for faults cannot be shown.")
        page = f"<!DOCTYPE html><title>500</title><h1>{_('Something went wrong here')}</h1>"
    return HttpResponse(page, status=500)
