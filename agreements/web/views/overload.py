"""The response if a query takes too long or no database connection is free: a 503 that says when to try again.

A page gets an error page, a file a line of text, and the API JSON. Any other database error counts as a bug.
"""

import logging
import re
import sys

from django.core.signals import got_request_exception
from django.db import OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

RETRY_AFTER_SECONDS = 30

_MARK = "is_too_much"
_FILE = re.compile(r".*[.][a-z]+")

logger = logging.getLogger(__name__)


class OverloadMiddleware(MiddlewareMixin):
    """Answers 503 if the limits of `agreements.serving.statement_timeout` cut a request off.

    It comes before all middleware that queries the database, because that may be cut off too.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        return too_busy(request) if getattr(request, _MARK, False) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Respond if a view or its template was cut off; return None for any other error."""
        if not is_overload(error):
            return None
        logger.warning("Too much for the database at %s: %s", request.path, error)
        return too_busy(request)


@receiver(got_request_exception)
def _mark(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Mark a request that was cut off in other middleware, where Django would return a 500."""
    if is_overload(sys.exception()):
        setattr(request, _MARK, True)


def is_overload(error: BaseException | None) -> bool:
    """Return whether a query was cut off or no connection was free."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return isinstance(cause, QueryCanceled | PoolTimeout)


def too_busy(request: HttpRequest) -> HttpResponse:
    """Return the 503; no query."""
    path = request.path_info
    sentence = _(
        "This request took too long, or the register is too busy right now. Narrow the request, or "
        "try again in half a minute."
    )
    response: HttpResponse
    if path.startswith("/api/"):
        response = JsonResponse({"detail": sentence}, status=503)
    elif _FILE.fullmatch(path):
        plain = "text/plain; charset=utf-8"
        response = HttpResponse(f"{sentence}\n", status=503, content_type=plain)
    else:
        page = render_to_string("503.html", {"sentence": sentence})
        response = HttpResponse(page, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
