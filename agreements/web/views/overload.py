"""What is shown when a question takes the database too long, or it has no connection left to ask by.

A refusal that says when to come back, in the shape of what was asked for: a page, a line of text in place of a file,
JSON from the API. Anything else that goes wrong stays a fault of ours.
"""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.db import OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

RETRY_AFTER_SECONDS = 30

_MARK = "is_too_much"
_API = "/api/"
_FILE = re.compile(r".*[.][a-z]+")

logger = logging.getLogger(__name__)


class OverloadMiddleware:
    """Answers 503 where a request was cut off by the limits of `agreements.serving.statement_timeout`.

    It stands outside of whatever asks the database, for the session or another middleware may be the one to be cut off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        return too_busy(request) if getattr(request, _MARK, False) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view or its template before it counts as a fault; None for every other error."""
        if not is_overload(error):
            return None
        logger.warning("Too much for the database at %s: %s", request.path, error)
        return too_busy(request)


@receiver(got_request_exception)
def _mark(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    """Note what was cut off within a middleware: Django makes a fault of it, to be answered otherwise."""
    if is_overload(sys.exception()):
        setattr(request, _MARK, True)


def is_overload(error: BaseException | None) -> bool:
    """Whether the database was cut off or had no connection left."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return isinstance(cause, QueryCanceled | PoolTimeout)


def too_busy(request: HttpRequest) -> HttpResponse:
    """503: ask again in half a minute, or for less. Asks the database nothing."""
    response = _in_the_shape_of(request.path_info)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _in_the_shape_of(path: str) -> HttpResponse:
    sentence = _(
        "This takes the register longer than it may, or too much is asked of it right now. Ask for less, or try again "
        "in half a minute."
    )
    if path.startswith(_API):
        return JsonResponse({"detail": sentence}, status=503)
    if _FILE.fullmatch(path):
        plain = "text/plain; charset=utf-8"
        return HttpResponse(f"{sentence}\n", status=503, content_type=plain)
    return HttpResponse(render_to_string("503.html", {"sentence": sentence}), status=503)
