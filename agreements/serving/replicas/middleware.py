"""Chooses the database for each request: a replica for what the public reads, the primary for everything else.

It wraps everything that queries the database, the session included. Reading twice does no harm, so when a replica
fails halfway the primary answers the request again.
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

# Staff need the present state, and a revoked calendar URL must stop working at once.
PRIVATE = ("/admin/", "/calendar/")
READING = frozenset({"GET", "HEAD"})
# The replica cancelled a query that blocked replication, and is as healthy as before.
_CONFLICT = "40001"
# A query that takes one database too long takes another as long.
_TOO_LONG = "57014"

logger = logging.getLogger(__name__)


class ReplicaMiddleware:
    """Inactive where there are no replicas."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DATABASE_REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in READING and not request.path_info.startswith(PRIVATE):
            return self._from_replica(request)
        return self._from_primary(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a placeholder for the answer that a replica failed to give; the primary then answers."""
        return HttpResponse(status=503) if _is_noted(error) else None

    def _from_replica(self, request: HttpRequest) -> HttpResponseBase:
        required = positions.required_by(request)
        choice = choose(settings.DATABASE_REPLICAS, required=required)
        response = self._answered(request, choice.replica)
        if required is not None and choice.everywhere:
            positions.forget(response)
        return response

    def _answered(self, request: HttpRequest, replica: str | None) -> HttpResponseBase:
        with reading_from(replica) as reading:
            response = self.get_response(request)
        if replica is not None and reading.failure is not None:
            _note_failure(replica, reading.failure)
            return self._answered(request, None)
        return _reading_on(response, reading)

    def _from_primary(self, request: HttpRequest) -> HttpResponseBase:
        with reading_from(None) as reading:
            response = self.get_response(request)
        if reading.wrote and request.method not in READING:
            _remember_position(response)
        return response


@receiver(got_request_exception)
def _failed_early(sender: object, **kwargs: Any) -> None:
    """Also note a failure inside a middleware, which Django turns into a response by itself."""
    _is_noted(sys.exception())


def _is_noted(error: BaseException | None) -> bool:
    """Whether this is a failure of the replica in use; if so, it is kept with the request's `Reading`."""
    reading = current_reading()
    if reading is None or reading.replica is None:
        return False
    if not isinstance(error, OperationalError | InterfaceError) or _state(error) == _TOO_LONG:
        return False
    reading.failure = error
    return True


def _state(error: Exception) -> str:
    """Return PostgreSQL's code of the error; empty if it has none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def _reading_on(response: HttpResponseBase, reading: Reading) -> HttpResponseBase:
    """Let a streamed answer read from one database to its end; files need none."""
    streaming: Any = response
    if streaming.streaming and not isinstance(response, FileResponse):
        streaming.streaming_content = read_on(reading, streaming.streaming_content)
    return response


def _note_failure(replica: str, error: Exception) -> None:
    if _state(error) == _CONFLICT:
        logger.info(
            "Database %s cancelled a query that blocked replication; the primary answers: %s",
            replica,
            error,
        )
    else:
        leave_alone(replica, error)


def _remember_position(response: HttpResponseBase) -> None:
    """Send the primary's position along; if it does not report one, what was written is still written."""
    try:
        positions.remember(response, positions.of_primary())
    except Error:
        logger.exception(
            "The person who has just saved something may read an older state for a moment."
        )
