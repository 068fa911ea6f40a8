"""Which database a query goes to, and what the cookie of people who have saved something does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from agreements.models import Agreement, Area
from agreements.models.sessions import StaffSession
from agreements.serving.replicas import middleware, positions
from agreements.serving.replicas.middleware import ReplicaMiddleware
from agreements.serving.replicas.reading import ReplicaRouter, reading_from


@pytest.fixture
def router(settings: Settings) -> ReplicaRouter:
    settings.DATABASE_REPLICAS = ["replica1"]
    return ReplicaRouter()


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The replica that every request gets in these tests; choosing one needs real replicas."""
    fit = ["replica1"]
    monkeypatch.setattr(middleware, "choose", lambda *_, **__: fit)
    return fit


# ------------------------------------------------------------------ the router


def test_outside_of_requests_everything_is_read_from_the_primary(router: ReplicaRouter) -> None:
    assert router.db_for_read(Agreement) == "default"


@pytest.mark.parametrize(
    ("model", "database"),
    [
        pytest.param(Agreement, "replica1", id="the register"),
        pytest.param(StaffSession, "default", id="logins"),
        pytest.param(User, "default", id="accounts"),
    ],
)
def test_in_a_request_the_register_is_read_from_its_replica(
    router: ReplicaRouter, model: Any, database: str
) -> None:
    with reading_from("replica1"):
        found = router.db_for_read(model)

    assert found == database


@pytest.mark.django_db
def test_within_a_transaction_everything_is_read_from_the_primary(router: ReplicaRouter) -> None:
    with reading_from("replica1"), transaction.atomic():
        assert router.db_for_read(Agreement) == "default"


def test_after_a_write_everything_is_read_from_the_primary(router: ReplicaRouter) -> None:
    with reading_from("replica1") as reading:
        written = router.db_for_write(Agreement, instance=Area())

        assert written == router.db_for_read(Agreement) == "default"
        assert reading.wrote


def test_a_row_read_from_a_replica_is_written_to_the_primary(router: ReplicaRouter) -> None:
    row = Area()
    row._state.db = "replica1"

    assert router.db_for_write(Area, instance=row) == "default"
    assert router.db_for_read(Area, instance=row) == "default"
    assert router.allow_relation(row, User())


def test_replicas_are_not_migrated(router: ReplicaRouter) -> None:
    assert router.allow_migrate("replica1", "agreements") is False
    assert router.allow_migrate("default", "agreements") is None


# ------------------------------------------------------------------ requests

Ask = Callable[..., tuple[str, HttpResponse]]


@pytest.fixture
def ask(router: ReplicaRouter, chosen: list[str]) -> Ask:
    """A function that takes a request and returns the database that answered it, and the response."""

    def ask(method: str, path: str) -> tuple[str, HttpResponse]:
        def answer(request: HttpRequest) -> HttpResponse:
            return HttpResponse(router.db_for_read(Agreement))

        request = RequestFactory().generic(method, path)
        response = ReplicaMiddleware(answer)(request)
        return response.content.decode(), response

    return ask


@pytest.mark.parametrize(
    ("method", "path", "database"),
    [
        ("GET", "/agreements/", "replica1"),
        ("HEAD", "/agreements.csv", "replica1"),
        ("GET", "/api/v1/agreements/", "replica1"),
        ("POST", "/agreements/", "default"),
        ("GET", "/admin/", "default"),
        ("GET", "/calendar/secret.ics", "default"),
    ],
)
def test_reading_in_public_alone_is_answered_by_a_replica(
    ask: Ask, method: str, path: str, database: str
) -> None:
    answered_by, response = ask(method, path)

    assert answered_by == database
    assert not response.cookies


def test_an_answer_that_is_made_while_it_is_sent_is_read_to_its_end_from_one_replica(
    router: ReplicaRouter, chosen: list[str]
) -> None:
    def parts() -> Iterator[str]:
        yield router.db_for_read(Agreement)
        yield router.db_for_read(Agreement)

    answer = ReplicaMiddleware(lambda request: StreamingHttpResponse(parts()))
    response = answer(RequestFactory().get("/agreements.csv"))

    read = [(part, router.db_for_read(Agreement)) for part in response]
    assert read == [(b"replica1", "default")] * 2


def test_without_replicas_nothing_of_it_runs(settings: Settings) -> None:
    assert settings.DATABASE_ROUTERS == []
    with pytest.raises(MiddlewareNotUsed):
        ReplicaMiddleware(lambda request: HttpResponse())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/agreements/", "/statistics/", "/parties/", "/api/v1/agreements/", "/about/"]
)
def test_visitors_get_no_cookies(client: Client, path: str) -> None:
    assert not client.get(path).cookies


# ------------------------------------------------------------------ the cookie


def with_cookie(value: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES[positions.COOKIE] = value
    return request


def test_cookie_holds_the_position_and_is_for_one_reader_alone() -> None:
    response = HttpResponse(headers={"Cache-Control": "public, max-age=60"})
    positions.remember(response, "1/A0")
    cookie = response.cookies[positions.COOKIE]

    assert positions.required_by(with_cookie(cookie.value)) == (1 << 32) + 0xA0
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 3600
    assert "private" in response["Cache-Control"]
    assert "public" not in response["Cache-Control"]


@pytest.mark.parametrize("forged", ["", "1/A0", "FFFFFFFF/FFFFFFFF:x:y", "nonsense"])
def test_cookie_that_was_made_up_counts_as_none(forged: str) -> None:
    assert positions.required_by(with_cookie(forged)) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0/0", 0),
        ("0/16B3748", 0x16B3748),
        ("16/B374D848", (0x16 << 32) + 0xB374D848),
        ("", None),
        ("16", None),
        ("g/0", None),
        ("1/2/3", None),
    ],
)
def test_positions_are_compared_as_numbers(text: str, number: int | None) -> None:
    assert positions.read(text) == number
