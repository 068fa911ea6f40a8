"""/metrics: who may read it, what it counts, and what it never says."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from agreements.domain.permissions import StaffRole
from agreements.serving.export_slots import NoSlotError
from agreements.web.views import metrics
from tests.colleagues import colleague
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
TOKEN = "only-for-this-test-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def measured(settings: Settings) -> Client:
    """A client of a site that measures; the middleware is loaded with its first request."""
    settings.METRICS_TOKEN = TOKEN
    return Client(raise_request_exception=False)


def samples(client: Client) -> dict[str, float]:
    """Each number by its name and labels, as Prometheus understands the answer."""
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return {
        f"{sample.name} {' '.join(sample.labels.values())}".strip(): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_off_by_default(client: Client) -> None:
    assert client.get("/metrics", headers=BEARER).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}, {"Authorization": "Bearer "}],
)
def test_nobody_reads_it_without_the_token(measured: Client, headers: dict[str, str]) -> None:
    assert measured.get("/metrics", headers=headers).status_code == 404
    assert measured.post("/metrics", headers=BEARER).status_code == 404


def test_is_refused_over_plain_http_where_the_site_uses_https(
    measured: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = measured.get("/metrics", headers=BEARER)

    assert answer.status_code == 403
    assert "change any password or token" in answer.content.decode()
    assert measured.get("/metrics", headers=BEARER, secure=True).status_code == 200


def test_counts_requests_by_view_method_and_status(measured: Client) -> None:
    name = "register_request_seconds_count"
    before = samples(measured)
    measured.get("/about/?q=s3cret")
    measured.get("/nowhere/s3cret/")
    measured.generic("BREW", "/about/")

    now = samples(measured)

    grown = {key for key in now if key.startswith(name) and now[key] == before.get(key, 0) + 1}
    # /metrics itself is not counted
    assert grown == {
        f"{name} GET 200 agreements:about",
        f"{name} GET 404",
        f"{name} other 405 agreements:about",
    }


def test_says_nothing_of_records_people_and_paths(measured: Client) -> None:
    AgreementFactory(ref="AGR-4711", title="On s3cret matters", draft=True)
    measured.force_login(colleague(StaffRole.EDITOR, username="s3cret-clerk"))
    measured.get("/agreements/AGR-4711/")
    measured.get(f"/calendar/{'s3cret' * 7}x.ics")

    said = measured.get("/metrics", headers=BEARER).content.decode()

    assert "s3cret" not in said
    assert "4711" not in said
    assert "private_calendar" in said


def test_gauges_are_looked_up_when_asked(measured: Client) -> None:
    now = samples(measured)

    assert now["register_migrations_missing"] == 0
    assert now["register_reminders_ended_seconds"] == 0
    assert now["register_documents_free_bytes"] > 0
    assert {f"register_{name}" for name in metrics.GAUGES} <= now.keys()
    assert any(name.startswith("register_build_info") for name in now)


def test_is_never_stored(measured: Client) -> None:
    assert "no-store" in measured.get("/metrics", headers=BEARER)["Cache-Control"]


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_database_that_does_not_answer_takes_away_only_its_own_numbers(
    measured: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail() -> float:
        raise error

    monkeypatch.setitem(metrics.GAUGES, "migrations_missing", ("", fail))

    now = samples(measured)

    assert "register_documents_free_bytes" in now
    assert "register_migrations_missing" not in now


def test_two_who_ask_at_once_get_each_number_once(
    measured: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[str] = []

    def ask_meanwhile() -> float:
        if not inner:
            inner.append("")
            inner[0] = measured.get("/metrics", headers=BEARER).content.decode()
        return 1

    monkeypatch.setitem(metrics.GAUGES, "asked", ("", ask_meanwhile))

    outer = measured.get("/metrics", headers=BEARER).content.decode()

    assert [said.count("\nregister_asked 1.0") for said in (outer, inner[0])] == [1, 1]


def cut_off() -> Exception:
    """What usually happens, which is answered with 503."""
    error = OperationalError("canceling statement due to statement timeout")
    error.__cause__ = psycopg.errors.QueryCanceled()
    return error


@pytest.mark.parametrize(
    ("made", "status"),
    [(DatabaseError, 500), (InterfaceError, 500), (cut_off, 503)],
)
def test_request_that_a_database_error_ends_is_counted_once(
    measured: Client,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[], Exception],
    status: int,
) -> None:
    before = samples(measured)["register_database_errors_total"]

    def fail(*args: object) -> None:
        raise made()

    monkeypatch.setattr("agreements.web.views.pages.AboutView.get", fail)

    assert measured.get("/about/").status_code == status
    assert samples(measured)["register_database_errors_total"] == before + 1


def test_other_errors_are_not_the_database_s(
    measured: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = samples(measured)["register_database_errors_total"]

    def fail(*args: object) -> None:
        raise NoSlotError

    monkeypatch.setattr("agreements.web.views.pages.AboutView.get", fail)

    assert measured.get("/about/").status_code == 503
    assert samples(measured)["register_database_errors_total"] == before


def test_one_process_answers_for_all(tmp_path: Path) -> None:
    counting = "from agreements.serving.measures import REQUESTS as r; r.labels('v', 'GET', 200).observe(1)"
    reading = (
        "from prometheus_client import generate_latest; from agreements.serving.measures import counted; "
        "print(generate_latest(counted()).decode())"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    for code in (counting, counting):
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    said = subprocess.run(
        [sys.executable, "-c", reading], env=environment, check=True, capture_output=True, text=True
    ).stdout

    assert 'register_request_seconds_count{method="GET",status="200",view="v"} 2.0' in said
