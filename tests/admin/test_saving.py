"""What every write of the admin has in common: retries after a deadlock, but not after other errors."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import TemporaryUploadedFile
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


@pytest.mark.parametrize("attempts", [2, 3])
def test_large_file_is_sent_again_although_it_was_moved_into_the_store(
    request_of_somebody: Any, tmp_path: Path, attempts: int
) -> None:
    upload = TemporaryUploadedFile("large.txt", "text/plain", 12, None)
    upload.write(b"A large text")
    upload.seek(0)
    request_of_somebody.FILES["file"] = upload
    store, stored = FileSystemStorage(tmp_path), []

    def view() -> HttpResponse:
        sent = request_of_somebody.FILES
        stored.append(store.save("kept.txt", sent["file"]))
        # an answer on the conflict page may have moved the row
        sent.setlist("moved", sent.pop("file"))
        if len(stored) < attempts:
            raise OperationalError from DeadlockError()
        return HttpResponse("done")

    response = again_if_deadlocked(request_of_somebody, view)
    upload.close()

    assert response.content == b"done"
    assert [(tmp_path / name).read_text() for name in stored] == ["A large text"] * attempts


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
        ("why=Read%00+again", "Read again"),
    ],
    ids=["none", "empty", "blank", "given", "endless", "with a null"],
)
def test_reason_that_was_given(request_of_somebody: Any, sent: str, why: str) -> None:
    request_of_somebody.POST = QueryDict(sent)

    assert given_reason(request_of_somebody) == why
