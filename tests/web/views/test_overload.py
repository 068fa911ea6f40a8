"""The response when a query is cut off or no connection is free: a 503 that says when to try again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.web.api.views import ReadingView
from mou_tracker import urls as site
from tests.web.views.conftest import words_in

handler403, handler500 = site.handler403, site.handler500
CAUSES: dict[str, Exception] = {
    "cancelled": QueryCanceled("canceling statement due to statement timeout"),
    "no-connection": PoolTimeout("couldn't get a connection after 5.00 sec"),
}


def failing(request: HttpRequest, cause: str, **kwargs: Any) -> HttpResponse:
    raise OperationalError("the driver's own words") from CAUSES.get(cause)


def sleeping(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse()


class FailingInApi(ReadingView):
    def get(self, request: Request, cause: str) -> Response:
        raise OperationalError("the driver's own words") from CAUSES[cause]


urlpatterns = [
    path("sleeping/", sleeping),
    path("failing/<slug:cause>/", failing),
    path("failing/<slug:cause>.<slug:extension>", failing),
    path("api/v1/failing/<slug:cause>/", FailingInApi.as_view()),
    path("", include("agreements.urls")),
]


@pytest.fixture
def visitor(settings: Settings) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("cause", CAUSES)
def test_page_is_refused_in_the_house_style_without_the_database(
    visitor: Client, cause: str
) -> None:
    # Without the django_db mark any query fails the test.
    response = visitor.get(f"/failing/{cause}/")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    assert "The register cannot answer right now" in words_in(response.content.decode())
    assert "driver" not in response.content.decode()


@pytest.mark.parametrize("cause", CAUSES)
def test_api_is_refused_in_json(visitor: Client, cause: str) -> None:
    response = visitor.get(f"/api/v1/failing/{cause}/")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "half a minute" in json.loads(response.content)["detail"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_file_is_refused_in_a_line_of_text(visitor: Client) -> None:
    response = visitor.get("/failing/cancelled.csv")

    assert response.status_code == 503
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().count("\n") == 1


class FailingBeforeTheView:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        raise OperationalError("the driver's own words") from CAUSES["no-connection"]


def test_what_is_cut_off_before_the_view_is_refused_as_well(
    visitor: Client, settings: Settings
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.FailingBeforeTheView"]

    response = visitor.get("/failing/something-else/")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"


def test_other_faults_of_the_database_stay_faults(visitor: Client) -> None:
    assert visitor.get("/failing/something-else/").status_code == 500


@pytest.mark.postgresql
@pytest.mark.django_db
def test_question_that_takes_too_long_is_refused(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = visitor.get("/sleeping/")

    assert response.status_code == 503
    assert "BUSY at /sleeping/" in caplog.text
