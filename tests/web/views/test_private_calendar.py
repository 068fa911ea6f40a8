"""The private calendar, at a URL that only one person knows."""

import logging
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.models import CalendarAddress
from agreements.notifications.calendar_tokens import new_token, owner_of, revoke_token
from agreements.security.token_urls import TokenFilter
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    return colleague(StaffRole.EDITOR)


def address(token: str) -> str:
    return reverse("agreements:private_calendar", args=[token])


def events(client: Client, token: str) -> dict[str, str]:
    """Return the days of the calendar by their summary."""
    with time_machine.travel(NOON, tick=False):
        response = client.get(address(token))
        content = b"".join(response.streaming_content)
    assert response.status_code == 200
    calendar = icalendar.Calendar.from_ical(content)
    return {
        str(event["summary"]): str(event.decoded("dtstart")) for event in calendar.walk("VEVENT")
    }


def test_it_holds_what_is_to_be_done_and_when(client: Client, clerk: User) -> None:
    agreement = AgreementFactory(
        title="On labour", signed="2020-01-01", in_force="2020-01-01", expires_stated="2027-03-31", notice_days=30, review_due="2027-01-15"
    )  # fmt: skip
    agreement.responsible.add(clerk)
    CommitmentFactory(agreement=agreement, text="Train nurses", due="2026-12-24")
    CommitmentFactory(agreement=agreement, text="Done", due="2026-12-24", progress="fulfilled")
    CommitmentFactory(agreement=agreement, text="Some day", due="2027")
    AgreementFactory(title="Of somebody else", expires_stated="2027-03-31")

    found = events(client, new_token(clerk, at=NOON))

    assert found == {
        "Last day in force: On labour": "2027-03-31",
        "Last day for notice: On labour": "2027-03-01",
        "Commitment due: Train nurses": "2026-12-24",
        "Review due: On labour": "2027-01-15",
    }


def test_a_record_that_is_not_public_is_named_by_its_reference_alone(
    client: Client, clerk: User
) -> None:
    draft = AgreementFactory(title="Secret talks", expires_stated="2027-03-31", draft=True)
    draft.responsible.add(clerk)
    CommitmentFactory(agreement=draft, text="Train spies", due="2026-12-24")
    token = new_token(clerk, at=NOON)

    content = b"".join(client.get(address(token)).streaming_content).decode()

    assert set(events(client, token)) == {
        f"Last day in force: {draft.ref}",
        f"Commitment due: {draft.ref}",
    }
    assert not any(word in content for word in ("Secret", "spies"))
    assert f"/admin/agreements/agreement/{draft.pk}/change/" in content.replace("\r\n ", "")


def test_internal_commitments_are_for_staff_and_named_by_the_reference_alone(
    client: Client, clerk: User
) -> None:
    agreement = AgreementFactory(title="On labour")
    agreement.responsible.add(clerk)
    CommitmentFactory(agreement=agreement, text="Train spies", due="2026-12-24", is_public=False)
    token = new_token(clerk, at=NOON)

    assert set(events(client, token)) == {f"Commitment due: {agreement.ref}"}
    assert b"spies" not in b"".join(client.get(address(token)).streaming_content)

    clerk.groups.clear()

    assert not events(client, token)


def test_events_lead_to_the_record_and_keep_their_identity(client: Client, clerk: User) -> None:
    agreement = AgreementFactory(expires_stated="2027-03-31")
    agreement.responsible.add(clerk)
    token = new_token(clerk, at=NOON)

    first, second = (b"".join(client.get(address(token)).streaming_content) for _ in range(2))

    [event] = icalendar.Calendar.from_ical(first).walk("VEVENT")
    assert first == second
    assert event["url"] == (
        f"http://127.0.0.1:8000/admin/agreements/agreement/{agreement.pk}/change/"
    )
    assert token.encode() not in first


def test_no_store_and_no_index(client: Client, clerk: User) -> None:
    response = client.get(address(new_token(clerk, at=NOON)))

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Access-Control-Allow-Origin" not in response
    assert response.cookies == {}
    assert "Disallow: /calendar/" in client.get("/robots.txt").content.decode()


def test_rights_are_those_of_now(client: Client, clerk: User) -> None:
    draft = AgreementFactory(title="draft", expires_stated="2027-03-31", draft=True)
    published = AgreementFactory(title="published", expires_stated="2027-03-31")
    for agreement in (draft, published):
        agreement.responsible.add(clerk)
    token = new_token(clerk, at=NOON)
    assert set(events(client, token)) == {
        f"Last day in force: {draft.ref}",
        "Last day in force: published",
    }

    clerk.groups.clear()

    assert set(events(client, token)) == {"Last day in force: published"}


def _revoke(user: User) -> None:
    revoke_token(user)


def _remake(user: User) -> None:
    new_token(user, at=NOON)


def _leave(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _remove(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("step", [_revoke, _remake, _leave, _remove])
def test_address_leads_nowhere_once(client: Client, clerk: User, step: Any) -> None:
    token = new_token(clerk, at=NOON)
    assert client.get(address(token)).status_code == 200

    step(clerk)

    assert client.get(address(token)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"/calendar/{'a' * 43}.ics", id="unknown"),
        pytest.param("/calendar/short.ics", id="too short"),
        pytest.param(f"/calendar/{'a' * 44}.ics", id="too long"),
        pytest.param(f"/calendar/{'a' * 42}%00.ics", id="with a null"),
        pytest.param(f"/calendar/{'ə' * 43}.ics", id="other letters"),
        pytest.param("/calendar/", id="nothing"),
    ],
)
def test_unknown_addresses_are_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_is_posted_there(client: Client, clerk: User) -> None:
    assert client.post(address(new_token(clerk, at=NOON))).status_code == 405


def test_token_is_long_and_never_stored(clerk: User) -> None:
    token, other = (new_token(clerk, at=NOON) for _ in range(2))

    assert len(token) == len(other) == 43
    assert token != other
    [stored] = CalendarAddress.objects.values()
    assert token not in stored.values()
    assert owner_of(other) == clerk


def test_known_and_unknown_tokens_are_asked_for_by_the_same_query(clerk: User) -> None:
    known = new_token(clerk, at=NOON)

    def asked(token: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            owner_of(token)
        return [query["sql"].partition("WHERE")[0] for query in captured]

    assert asked(known) == asked("x" * 43)


def test_token_stays_out_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(TokenFilter())

    client.get(f"/calendar/{'s' * 43}.ics")
    logging.getLogger("any").warning("GET %s 200", f"/calendar/{'s' * 43}.ics")
    logging.getLogger("any").warning("GET /agreements/ %d", 200)

    assert "s" * 43 not in caplog.text
    assert "Not Found: /calendar/….ics" in caplog.text
    assert "GET /calendar/….ics 200" in caplog.text
    assert "GET /agreements/ 200" in caplog.text


def test_queries_do_not_grow_with_the_agreements(client: Client, clerk: User) -> None:
    token = new_token(clerk, at=NOON)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            events(client, token)
        return len(captured)

    def add(count: int) -> None:
        for agreement in AgreementFactory.create_batch(count, expires_stated="2027-03-31"):
            agreement.responsible.add(clerk)
            CommitmentFactory(agreement=agreement, due="2026-12-24")

    add(1)
    one = queries()
    add(20)

    assert queries() == one
