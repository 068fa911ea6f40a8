"""What a server counts about its own work, for Prometheus; `agreements.web.views.metrics` answers with it.

A process keeps its own counts. If PROMETHEUS_MULTIPROC_DIR in the environment names a folder, which must be empty at
each start, the library keeps the counts in files there, and any process answers for all of them.
"""

import os

import django.db
from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess

_own = CollectorRegistry()

REQUESTS = Histogram(
    "register_request_seconds",
    "Seconds until the answer began, by the view's name, never by path.",
    ("view", "method", "status"),
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)
DATABASE_ERRORS = Counter(
    "register_database_errors", "Requests that ended in a database error.", registry=_own
)
SERVER_FAILURES = Counter(
    "register_server_failures",
    "Failed calls of the shared cache or of a database replica.",
    registry=_own,
)


def counted() -> CollectorRegistry:
    """Return the registry with the counts of this process, or of all where they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _own
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def count_database_error(error: BaseException | None) -> None:
    """Count a request that this error has ended, if the database caused it."""
    while error is not None:
        if isinstance(error, django.db.Error):
            DATABASE_ERRORS.inc()
            return
        error = error.__cause__
