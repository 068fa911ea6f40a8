"""Somebody who is not logged in may send only a little, and no files; the rest is refused before anything reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import resolve

from agreements.web.views.bodies import takes_files
from tests.web.views.conftest import words_in

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
UPLOAD = "/admin/agreements/agreement/add/"
ANYWHERE = [
    "/",
    "/agreements/",
    "/api/v1/agreements/",
    "/agreements.csv",
    "/admin/login/",
    "/admin/password/",
    UPLOAD,
]


class Unreadable:
    """A body that fails the test when anything reads it."""

    def read(self, *args: int) -> bytes:
        raise AssertionError("the body was read")

    readline = readlines = __iter__ = read  # type: ignore[assignment]


def sent(path: str, *, kind: str = FORM, length: int | None = None, **more: str) -> Any:
    """The answer to a body of this type and declared length, none of which may be read."""
    environ = RequestFactory().post(path).environ
    declared = "" if length is None else str(length)
    environ |= {"wsgi.input": Unreadable(), "CONTENT_TYPE": kind, "CONTENT_LENGTH": declared}
    heads: list[str] = []
    answer: Any = WSGIHandler()(environ | more, lambda status, headers: heads.append(status))
    assert int(heads[0].split()[0]) == answer.status_code
    return answer


@pytest.fixture
def clerk(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("clerk", "clerk@example.org", "p"))
    return client


@pytest.mark.parametrize("path", ANYWHERE)
def test_large_body_of_a_guest_is_refused_unread(path: str) -> None:
    answer = sent(path, length=settings.GUEST_BODY_SIZE + 1)

    assert answer.status_code == 413
    assert "1000000 bytes" in answer.content.decode()


@pytest.mark.parametrize("path", ANYWHERE)
@pytest.mark.parametrize("length", [0, 100, 5_000_000])
def test_files_of_a_guest_are_refused_unread(path: str, length: int) -> None:
    answer = sent(path, kind=MULTIPART, length=length)

    assert answer.status_code == 415
    assert "only accepted from staff who are logged in" in answer.content.decode()


@pytest.mark.parametrize("path", ANYWHERE)
def test_body_in_chunks_is_refused_rather_than_taken_for_empty(path: str) -> None:
    answer = sent(path, HTTP_TRANSFER_ENCODING="chunked")

    assert answer.status_code == 411
    assert "Content-Length" in answer.content.decode()


def test_refusal_is_a_page_in_the_house_style(client: Client) -> None:
    page = client.post("/admin/login/", "a" * (settings.GUEST_BODY_SIZE + 1), content_type=FORM)

    assert page.status_code == 413
    assert "The register did not accept this" in words_in(page.content.decode())


@pytest.mark.parametrize("key", ["made-up", "x" * 5000])
def test_made_up_session_is_no_login(client: Client, key: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4")

    assert client.post(UPLOAD, {"documents-0-file": file}).status_code == 415
    assert client.post(UPLOAD, "a" * 2_000_000, content_type=FORM).status_code == 413


def test_body_of_the_allowed_size_is_read(client: Client) -> None:
    rest = settings.GUEST_BODY_SIZE - len("username=")
    page = client.post("/admin/login/", f"username={'a' * rest}", content_type=FORM)

    assert page.status_code == 200


def test_staff_send_large_forms_and_files_where_a_form_has_files(clerk: Client) -> None:
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4" + b"a" * 2_000_000)
    long = f"title={'a' * 2_000_000}"

    assert clerk.post(UPLOAD, {"documents-0-file": file}).status_code == 200
    assert clerk.post(UPLOAD, long, content_type=FORM).status_code == 200


@pytest.mark.parametrize("path", ["/admin/agreements/area/add/", "/admin/login/", "/admin/logout/"])
def test_staff_send_no_files_where_no_form_has_any(clerk: Client, path: str) -> None:
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4")

    assert clerk.post(path, {"name": "Labour", "file": file}).status_code == 415


def test_login_that_has_just_ended_still_counts(clerk: Client) -> None:
    """What was typed is kept and offered again after the next login."""
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4" + b"a" * 2_000_000)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
        page = clerk.post(UPLOAD, {"title": "Labour", "documents-0-file": file})

    assert page.context["unsent"]


@pytest.mark.parametrize(
    ("path", "is_so"),
    [
        (UPLOAD, True),
        ("/admin/agreements/agreement/1/change/", True),
        ("/admin/agreements/document/add/", True),
        ("/admin/agreements/import/add/", True),
        ("/admin/agreements/importprofile/add/", True),
        ("/admin/agreements/party/add/", False),
        ("/admin/auth/user/add/", False),
        ("/admin/", False),
        ("/agreements/", False),
    ],
)
def test_screens_of_records_with_files_take_files(path: str, is_so: bool) -> None:
    assert takes_files(resolve(path).func) is is_so
