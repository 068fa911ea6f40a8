"""/healthz: what it reports to monitoring."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from agreements.counting.register_version.triggers import uninstall

pytestmark = pytest.mark.django_db


def test_migrated_database_is_healthy(client: Client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


def test_missing_migration_is_named_as_the_reason(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("auth", "0001_initial")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["reason"] == "Migrations not applied: 1. Run manage.py migrate."


def test_missing_triggers_are_named_as_the_reason(client: Client) -> None:
    uninstall(connection)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert "Triggers" in response.json()["reason"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_silent_database_is_unhealthy_and_keeps_its_secrets(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(recorder: MigrationRecorder) -> None:
        raise error("no route to user:s3cret@db.example.org")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "reason": "The database does not answer.",
    }


def test_load_balancer_may_ask_by_address_over_http(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["register.example.org"]
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/healthz", headers={"host": "10.0.0.7:8000"})

    assert response.status_code == 200


def test_asking_is_cheap(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/healthz")

    with django_assert_max_num_queries(3):
        client.get("/healthz")


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
