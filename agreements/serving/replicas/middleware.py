"""Chooses the database for each request: a replica for what the public reads, the primary for everything else.

It wraps everything that queries the database, the session included. Reading twice does no harm, so when a replica
fails halfway the primary answers the request again.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from typing import cast

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import got_request_exception
from django.db import Error, InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from agreements.serving.replicas import positions
from agreements.serving.replicas.choosing import choose, leave_alone
from agreements.serving.replicas.reading import current_reading, read_on, reading_from

# Staff need the present state, and a revoked calendar URL must stop working at once.
PRIVATE = ("/admin/", "/calendar/")
READING = frozenset({"GET", "HEAD"})
# The replica cancelled a query that blocked replication, and is as healthy as before.
_CONFLICT = "40001"
# A query that is too slow for one database is too slow for the other.
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
        with reading_from(None) as reading:
            response = self.get_response(request)
        if reading.wrote and request.method not in READING:
            # the write has succeeded even if the primary does not report its position
            try:
                positions.remember(response, positions.of_primary())
            except Error:
                logger.exception(
                    "The person who has just saved something may read an older state for a moment."
                )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a placeholder for the answer that a replica failed to give; the primary then answers."""
        return HttpResponse(status=503) if _is_noted(error) else None

    def _from_replica(self, request: HttpRequest) -> HttpResponseBase:
        required = positions.required_by(request)
        fit = choose(settings.DATABASE_REPLICAS, required=required)
        response = self._answered(request, fit[0] if fit else None)
        if required is not None and len(fit) == len(settings.DATABASE_REPLICAS):
            positions.forget(response)
        return response

    def _answered(self, request: HttpRequest, replica: str | None) -> HttpResponseBase:
        with reading_from(replica) as reading:
            response = self.get_response(request)
        if replica is not None and reading.failure is not None:
            if _state(reading.failure) == _CONFLICT:
                logger.info(
                    "Database %s cancelled a query that blocked replication; the primary answers: %s",
                    replica,
                    reading.failure,
                )
            else:
                leave_alone(replica, reading.failure)
            return self._answered(request, None)
        # a streamed response is read to its end from one database; files need none
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            parts = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = read_on(reading, parts)
        return response


@receiver(got_request_exception)
def _failed_early(sender: object, **kwargs: object) -> None:
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
