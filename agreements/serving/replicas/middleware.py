"""Chooses the database for each request: a replica for what the public reads, the primary for everything else.

It stands outside of whatever asks the database, the session included. Reading may be done twice, so a request whose
replica fails on the way is answered anew by the primary.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import got_request_exception
from django.db import Error, InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from agreements.serving.replicas import positions
from agreements.serving.replicas.choosing import choose, leave_alone
from agreements.serving.replicas.reading import Reading, current_reading, read_on, reading_from

# Staff work on what is there now, and an address that was revoked is revoked at once.
PRIVATE = ("/admin/", "/calendar/")
READING = frozenset({"GET", "HEAD"})
# A replica ends a question that stands in the way of what it has to copy; it is as well as before.
_CONFLICT = "40001"
# What takes one database too long takes another as long.
_TOO_LONG = "57014"

logger = logging.getLogger(__name__)


class ReplicaMiddleware:
    """Not in use where there are no replicas."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DATABASE_REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_private = request.path_info.startswith(PRIVATE)
        if request.method in READING and not is_private:
            return self._read(request)
        return self._worked(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Put something in place of an answer that a replica failed to give: it will be asked for again."""
        return HttpResponse(status=503) if _is_noted(error) else None

    def _read(self, request: HttpRequest) -> HttpResponseBase:
        demanded = positions.demanded_by(request)
        choice = choose(settings.DATABASE_REPLICAS, demanded=demanded)
        response = self._answered(request, choice.replica)
        if demanded is not None and choice.everywhere:
            positions.forget(response)
        return response

    def _answered(self, request: HttpRequest, replica: str | None) -> HttpResponseBase:
        with reading_from(replica) as reading:
            response = self.get_response(request)
        if replica is not None and reading.failure is not None:
            _note_failure(replica, reading.failure)
            return self._answered(request, None)
        return _reading_on(response, reading)

    def _worked(self, request: HttpRequest) -> HttpResponseBase:
        with reading_from(None) as reading:
            response = self.get_response(request)
        if reading.wrote and request.method not in READING:
            _remember_position(response)
        return response


@receiver(got_request_exception)
def _failed_early(sender: object, **kwargs: Any) -> None:
    """Note a failure within a middleware, too, of which Django makes an answer by itself."""
    _is_noted(sys.exception())


def _is_noted(error: BaseException | None) -> bool:
    """Whether it is a failure of the replica that is read from; it is kept with what is known of the request."""
    reading = current_reading()
    if reading is None or reading.replica is None:
        return False
    if not isinstance(error, OperationalError | InterfaceError) or _state(error) == _TOO_LONG:
        return False
    reading.failure = error
    return True


def _state(error: Exception) -> str:
    """Return PostgreSQL's code of an error, empty if it has none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def _reading_on(response: HttpResponseBase, reading: Reading) -> HttpResponseBase:
    """Let an answer that is made while it is sent be read from one database to its end; a file asks none."""
    streaming: Any = response
    if streaming.streaming and not isinstance(response, FileResponse):
        streaming.streaming_content = read_on(reading, streaming.streaming_content)
    return response


def _note_failure(replica: str, error: Exception) -> None:
    if _state(error) == _CONFLICT:
        logger.info("%s gave way to what it has to copy, the primary answers: %s", replica, error)
    else:
        leave_alone(replica, error)


def _remember_position(response: HttpResponseBase) -> None:
    """Give the position of the primary along; what was written stays written should it not say."""
    try:
        positions.remember(response, positions.of_primary())
    except Error:
        logger.exception("Whoever has just written may read an older state for a moment.")
