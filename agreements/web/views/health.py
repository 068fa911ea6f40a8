"""``/healthz``: whether the register can answer requests, for monitoring.

It is middleware because load balancers request it by IP address and over plain HTTP: it has to answer before the host,
the session and the language are checked.
"""

import logging
from functools import cache

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agreements.counting.register_version import are_missing
from agreements.serving.outages import disk_trouble

PATH = "/healthz"

logger = logging.getLogger(__name__)


class HealthMiddleware(MiddlewareMixin):
    """Answers PATH itself and passes every other request on."""

    def process_request(self, request: HttpRequest) -> JsonResponse | None:
        return healthz(request) if request.path_info == PATH else None


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 if the database answers and is migrated, otherwise 503 with the reason; three queries.

    A disk that is nearly full or cannot be written to is reported as "degraded", with 200.
    """
    if trouble := _trouble():
        return JsonResponse({"status": "unavailable", "reason": trouble}, status=503)
    if trouble := disk_trouble():
        # reading still works, and taking the server out of service would help nobody
        return JsonResponse({"status": "degraded", "reason": trouble})
    return JsonResponse({"status": "ok"})


def _trouble() -> str:
    """Return why requests cannot be answered; empty if they can. The database's own message goes to the log."""
    try:
        if missing := migrations_missing():
            return f"Migrations not applied: {missing}. Run manage.py migrate."
        # without them the cache would show withdrawn records, and searches would miss new ones
        if are_missing(connection):
            return "Triggers are missing from the database. Run manage.py migrate."
    except Error:
        logger.exception("The database does not answer.")
        return "The database does not answer."
    return ""


def migrations_missing() -> int:
    """Return how many migrations have not been applied; one query."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    return len(_shipped_migrations() - applied)


@cache
def _shipped_migrations() -> frozenset[tuple[str, str]]:
    """Return the app and name of every migration on disk, cached because the files do not change while we run."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
