"""Plain http on a site that uses https: what is redirected, and what is refused instead."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

pytestmark = pytest.mark.django_db
IMPORTED_FILE = "/admin/agreements/import/1/file/"


@pytest.fixture(autouse=True)
def https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.BASE_URL = "https://register.example.org"


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "path",
    ["/", "/agreements/?q=labour", "/admin/", "/nowhere", "/admin/agreements/agreement/1/change/"],
)
def test_page_leads_to_https(client: Client, method: str, path: str) -> None:
    answer = getattr(client, method)(path)

    assert answer.status_code == 301
    assert answer["Location"] == f"https://testserver{path}"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/agreements.csv?q=secret", id="file"),
        pytest.param("/api/v1/agreements/", id="API"),
        pytest.param("/api/v1/agreements", id="API, slash forgotten"),
        pytest.param("/agreements/AGR-0001/documents/1/", id="document"),
        pytest.param(f"/calendar/{'x' * 43}.ics", id="secret calendar"),
        pytest.param("/admin/password/Mg/set-password/", id="password reset"),
        pytest.param(IMPORTED_FILE, id="imported file"),
    ],
)
def test_data_and_secrets_are_refused(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 403
    assert "Location" not in answer
    assert "Use https://register.example.org" in answer.content.decode()


@pytest.mark.parametrize("path", ["/admin/login/", "/agreements/", "/nowhere/"])
def test_whatever_is_sent_is_refused(client: Client, path: str) -> None:
    answer = client.post(path, {"username": "clerk", "password": "s3cret"})

    assert answer.status_code == 403
    assert "change any password or token that you sent over http" in answer.content.decode()


def test_https_behind_the_proxy_is_answered(client: Client, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    assert client.get("/api/v1/", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert client.get("/api/v1/", headers={"X-Forwarded-Proto": "http"}).status_code == 403


def test_health_is_answered_over_http(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


def test_imported_file_is_where_the_test_looks() -> None:
    assert reverse("admin:agreements_import_file", args=[1]) == IMPORTED_FILE


def test_site_on_http_refuses_nothing(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False

    assert client.get("/api/v1/").status_code == 200
