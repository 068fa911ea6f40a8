"""What every write of the admin has in common: another try after a deadlock, and no more than that."""

from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict

from agreements.admin.saving import again_if_deadlocked, given_reason


class DeadlockError(Exception):
    sqlstate = "40P01"


class OtherFaultError(Exception):
    sqlstate = "57014"


@pytest.fixture
def request_of_somebody() -> Any:
    request: Any = HttpRequest()
    request.method, request.session = "POST", {}
    request.POST = QueryDict("title=Typed")
    request._messages = FallbackStorage(request)
    return request


def failing(request: Any, cause: Exception, times: int) -> Any:
    calls = []

    def view() -> HttpResponse:
        calls.append(request.POST["title"])
        request.POST = QueryDict("title=Changed+on+the+way")
        messages.success(request, "Saved.")
        if len(calls) <= times:
            raise OperationalError from cause
        return HttpResponse(str(len(calls)))

    view.calls = calls  # type: ignore[attr-defined]
    return view


def test_deadlock_is_tried_again_with_what_was_sent_and_said_once(request_of_somebody: Any) -> None:
    view = failing(request_of_somebody, DeadlockError(), times=2)

    response = again_if_deadlocked(request_of_somebody, view)

    assert response.content == b"3"
    assert view.calls == ["Typed"] * 3
    assert [str(message) for message in messages.get_messages(request_of_somebody)] == ["Saved."]


def test_a_third_deadlock_is_a_fault(request_of_somebody: Any) -> None:
    with pytest.raises(OperationalError):
        again_if_deadlocked(
            request_of_somebody, failing(request_of_somebody, DeadlockError(), times=3)
        )


def test_other_faults_are_not_tried_again(request_of_somebody: Any) -> None:
    view = failing(request_of_somebody, OtherFaultError(), times=1)

    with pytest.raises(OperationalError):
        again_if_deadlocked(request_of_somebody, view)

    assert len(view.calls) == 1


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", ""),
        ("why=", ""),
        ("why=+++", ""),
        ("why=+Read+again+", "Read again"),
        ("why=" + "x" * 3000, "x" * 1000),
    ],
    ids=["none", "empty", "blank", "given", "endless"],
)
def test_reason_that_was_given(request_of_somebody: Any, sent: str, why: str) -> None:
    request_of_somebody.POST = QueryDict(sent)

    assert given_reason(request_of_somebody) == why
