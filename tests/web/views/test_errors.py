"""The error pages have the layout of all pages and work without the database."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from pytest_django import Settings

from agreements.web.views import errors
from mou_tracker import urls as site
from tests.web.views.conftest import words_in

handler403, handler500 = site.handler403, site.handler500


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault")


urlpatterns = [
    path("suspicious/", suspicious),
    path("forbidden/", forbidden),
    path("broken/", broken),
    path("", include("agreements.urls")),
]


@pytest.fixture
def visitor(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_whoever_is_logged_in_is_told_so_and_led_back(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))

    page = words_in(client.get("/admin/auth/user/").content.decode())

    assert "You are logged in as clerk, and this account does not have access" in page
    assert "log in first" not in page


CASES = [
    pytest.param("/suspicious/", 400, "This URL could not be understood", id="400"),
    pytest.param("/forbidden/", 403, "You do not have access to this page", id="403"),
    pytest.param("/nowhere/", 404, "Page not found", id="404"),
    pytest.param("/broken/", 500, "Something went wrong", id="500"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("address", "status", "heading"), CASES)
def test_error_is_shown_in_the_house_style_without_the_database(
    visitor: Client, address: str, status: int, heading: str
) -> None:
    # Without the django_db mark any query fails the test.
    response = visitor.get(address)

    page = response.content.decode()
    assert response.status_code == status
    assert words_in(page).startswith(f"{status} {heading}")
    assert 'aria-label="Main"' in page
    assert 'name="robots" content="noindex"' in page


def test_fault_needs_nothing_of_the_request() -> None:
    response = errors.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert b"Something went wrong" in response.content


def test_fault_in_what_the_page_is_made_of_is_told_in_plain_words(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    # Static files have not been collected, so no style sheet has a URL.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = "nowhere"

    response = errors.server_error(RequestFactory().get("/"))

    assert (response.status_code, b"Something went wrong" in response.content) == (500, True)
    assert "cannot be rendered" in caplog.text


def test_missing_page_offers_the_search(visitor: Client) -> None:
    page = visitor.get("/nowhere/").content.decode()

    assert 'action="/agreements/"' in page
    assert 'name="q"' in page


def test_refusal_names_what_was_not_understood() -> None:
    request = RequestFactory().get("/agreements/AGR-0001/?as_of=<x>")

    response = errors.refused(request, ["as_of: <x> is no day."])

    page = response.content.decode()
    assert response.status_code == 400
    assert "<li>as_of: &lt;x&gt; is no day.</li>" in page
    assert '<a href="/agreements/AGR-0001/">Show the page without these parameters</a>' in page


@pytest.mark.django_db
def test_form_without_its_token_is_refused_in_the_house_style() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})

    assert response.status_code == 403
    assert words_in(response.content.decode()).startswith("403 The form was not accepted")
