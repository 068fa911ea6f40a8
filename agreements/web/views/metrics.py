"""``/metrics``: what Prometheus records about the server, never about records or people.

Off unless METRICS_TOKEN is set. It is middleware for the same reason as ``/healthz``, and because it also measures how
long all other middleware takes. Each line of GAUGES is a number that is looked up when Prometheus asks.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from platform import python_version
from typing import Any

import django
import django.db
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import got_request_exception
from django.db import connection
from django.db.models import Max, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from agreements.domain.choices import ImportState
from agreements.models import Import, Reminder, ReminderRun
from agreements.notifications.outbox import waiting
from agreements.security.transport import is_readable_on_the_way, refusal
from agreements.serving.measures import REQUESTS, count_database_error, counted
from agreements.serving.response_cache import release
from agreements.web.views.health import migrations_missing

PATH = "/metrics"
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


def _seconds(moments: QuerySet[Any], column: str) -> float:
    """Return the latest moment as seconds since 1970; 0 if there is none."""
    latest = moments.aggregate(latest=Max(column))["latest"]
    return float(latest.timestamp()) if latest else 0.0


# By name: what the number means, and how to look it up; at most one short query. Those without one come first.
GAUGES: dict[str, tuple[str, Callable[[], float]]] = {
    "documents_free_bytes": (
        "Free space on the disk of the uploaded documents.",
        lambda: shutil.disk_usage(settings.DOCUMENTS_ROOT).free,
    ),
    "migrations_missing": ("Migrations that were not applied.", migrations_missing),
    "imports_waiting": (
        "Imports that were previewed, and neither applied nor discarded.",
        lambda: Import.objects.filter(state=ImportState.PREVIEWED).count(),
    ),
    "imports_running": (
        "Imports that a process is reading or applying.",
        lambda: Import.objects.exclude(work="").count(),
    ),
    "mails_waiting": ("Mails in the outbox.", lambda: waiting()[0]),
    "reminders_unsent": (
        "Reminders by e-mail that are being sent or have failed.",
        lambda: Reminder.objects.unsettled().count(),
    ),
    "reminders_ended_seconds": (
        "When the last run of send_reminders ended, in seconds since 1970.",
        lambda: _seconds(ReminderRun.objects.all(), "ended_at"),
    ),
}


class MetricsMiddleware:
    """Comes first: measures every request, and answers those for PATH that carry the token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH and is_readable_on_the_way(request):
            return refusal()
        if request.path_info == PATH and _may_read(request):
            return metrics(request)
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        method = request.method if request.method in METHODS else "other"
        labels = (match.view_name if match else "", method, response.status_code)
        REQUESTS.labels(*labels).observe(time.perf_counter() - began)
        return response


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return request.method == "GET" and constant_time_compare(
        given, f"Bearer {settings.METRICS_TOKEN}"
    )


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the counts and the gauges in Prometheus' text format."""
    # of this answer alone, because others may be asked for at the same time
    here = CollectorRegistry()
    here.register(_Here())
    said = generate_latest(counted()) + generate_latest(here)
    return HttpResponse(said, content_type=CONTENT_TYPE_LATEST)


class _Here(Collector):
    """What is looked up when asked; if the database does not answer, its numbers are missing."""

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(
            "register_build",
            "What is running.",
            {
                "release": release(),
                "django": django.get_version(),
                "python": python_version(),
                "database": connection.vendor,
            },
        )
        for name, (meaning, look_up) in GAUGES.items():
            try:
                yield GaugeMetricFamily(f"register_{name}", meaning, look_up())
            except OSError:
                continue
            except django.db.Error:
                return


@receiver(got_request_exception)
def _count(sender: object, **kwargs: object) -> None:
    count_database_error(sys.exception())
