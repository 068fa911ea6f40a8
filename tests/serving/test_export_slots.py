"""Whole files take slots, and there are only a few slots, so that threads stay free for pages."""

import gc
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from agreements.exchange.exporting.formats import LIST_FORMATS
from agreements.notifications.calendar_tokens import new_token
from agreements.serving import export_slots
from agreements.serving.export_slots import EXPORTS_AT_ONCE, NoSlotError, whole_file
from tests.factories import AgreementFactory

CSV = "/agreements.csv"


@pytest.fixture(autouse=True)
def slots(monkeypatch: pytest.MonkeyPatch) -> BoundedSemaphore:
    """A separate set of slots, as in another process; giving a slot back twice is an error."""
    own = BoundedSemaphore(EXPORTS_AT_ONCE)
    monkeypatch.setattr(export_slots, "_slots", own)
    return own


def free(slots: BoundedSemaphore) -> int:
    return slots._value  # type: ignore[attr-defined]


def opened(path: str) -> Any:
    """The answer as a server holds it: begun, and neither read to its end nor closed."""
    heads: list[str] = []
    environ = RequestFactory().get(path).environ
    answer: Any = WSGIHandler()(environ, lambda status, headers: heads.append(status))
    answer.status = heads[0]
    return answer


@pytest.fixture
def register(transactional_db: None) -> None:
    AgreementFactory.create_batch(3)


@pytest.fixture
def clerk(transactional_db: None) -> User:
    return User.objects.create_superuser("clerk", "clerk@example.org", "long and unguessable")


@pytest.mark.usefixtures("register")
def test_page_is_answered_while_as_many_files_as_allowed_are_read(slots: BoundedSemaphore) -> None:
    reading = [opened(CSV) for _slot in range(EXPORTS_AT_ONCE)]

    refused, page, record = opened(CSV), opened("/agreements/"), opened("/agreements.atom")

    assert {answer.status for answer in reading} == {"200 OK"}
    assert refused.status == "503 Service Unavailable"
    assert (refused["Retry-After"], refused["Cache-Control"]) == ("30", "no-store")
    assert "try the download again in half a minute" in b"".join(refused).decode()
    assert (page.status, record.status) == ("200 OK", "200 OK")
    for answer in reading:
        answer.close()
    assert free(slots) == EXPORTS_AT_ONCE


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", [kind.extension for kind in LIST_FORMATS if not kind.text])
def test_each_format_takes_a_slot_until_it_is_closed(slots: BoundedSemaphore, name: str) -> None:
    answer = opened(f"/agreements.{name}")

    assert answer.status == "200 OK"
    assert free(slots) == EXPORTS_AT_ONCE - 1
    answer.close()
    answer.close()
    assert free(slots) == EXPORTS_AT_ONCE


@pytest.mark.usefixtures("register")
def test_reader_who_goes_away_in_the_middle_gives_the_slot_back(slots: BoundedSemaphore) -> None:
    answer = opened(CSV)
    next(iter(answer))

    # what gunicorn does when it cannot write any more
    answer.close()

    assert free(slots) == EXPORTS_AT_ONCE


def test_answer_that_nobody_closes_gives_the_slot_back_with_its_memory(
    slots: BoundedSemaphore,
) -> None:
    answer: HttpResponse | None = whole_file(lambda: HttpResponse())()
    assert free(slots) == EXPORTS_AT_ONCE - 1

    del answer
    gc.collect()

    assert free(slots) == EXPORTS_AT_ONCE


@pytest.mark.django_db
def test_file_that_fails_before_or_while_it_is_sent_gives_the_slot_back(
    slots: BoundedSemaphore,
) -> None:
    @whole_file
    def failing() -> HttpResponse:
        raise ValueError

    @whole_file
    def breaking() -> StreamingHttpResponse:
        return StreamingHttpResponse(broken())

    def broken() -> Iterator[str]:
        yield "half"
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        failing()
    assert free(slots) == EXPORTS_AT_ONCE
    answer = breaking()
    with pytest.raises(ValueError, match=r"^$"):
        b"".join(answer)
    answer.close()
    assert free(slots) == EXPORTS_AT_ONCE


def test_no_slot_is_an_error_of_its_own(slots: BoundedSemaphore) -> None:
    held = [whole_file(lambda: HttpResponse())() for _slot in range(EXPORTS_AT_ONCE)]

    with pytest.raises(NoSlotError):
        whole_file(lambda: HttpResponse())()
    assert len(held) == EXPORTS_AT_ONCE


@pytest.mark.usefixtures("register")
def test_private_calendars_and_exports_of_staff_take_slots_too(
    slots: BoundedSemaphore, clerk: User, client: Client
) -> None:
    calendar = reverse("agreements:private_calendar", args=[new_token(clerk, at=timezone.now())])
    selected = {"action": "export_csv", "_selected_action": [1], "select_across": "1"}
    client.force_login(clerk)
    reading = [opened(calendar) for _slot in range(EXPORTS_AT_ONCE)]

    refused = client.post("/admin/agreements/agreement/", selected)

    assert {answer.status for answer in reading} == {"200 OK"}
    assert refused.status_code == 503
    assert "Others are downloading whole files" in refused.content.decode()
    assert opened(calendar).status == "503 Service Unavailable"


@pytest.mark.usefixtures("register")
def test_repeat_request_of_an_unchanged_file_needs_no_slot(client: Client) -> None:
    tag = opened(CSV)["ETag"]
    held = [opened(CSV) for _slot in range(EXPORTS_AT_ONCE - 1)]

    assert client.get(CSV, headers={"If-None-Match": tag}).status_code == 304
    assert held is not None
