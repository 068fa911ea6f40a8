"""A past day has what existed on it: what was certainly concluded later is in no page, count, chart or file of that day."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agreements.models import Party
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db
PAST = "as_of=1939-09-03"


@pytest.fixture(autouse=True)
def that_day() -> Any:
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def treaties() -> None:
    """Treaties with Germany: two in force in 1939, one of 2018, one being negotiated today, one without any date."""
    germany = PartyFactory(country="DE", state=True)
    for ref, facts in {
        "AGR-0001": {"signed": "1890-07-01", "in_force": "1890-07-01"},
        "AGR-0002": {"signed": "1935", "in_force": "1935-06-18"},
        "AGR-0003": {"signed": "2018-03-04", "in_force": "2018-03-04"},
        "AGR-0004": {"stage": "negotiation"},
        "AGR-0005": {},
    }.items():
        AgreementFactory(ref=ref, parties=[germany], **facts)


def words(client: Client, url: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub("<[^>]+>", "", client.get(url).content.decode()).split())


def refs(client: Client, query: str) -> list[tuple[str, str]]:
    text = client.get(f"/agreements.csv?{query}&sort=ref").getvalue().decode("utf-8-sig")
    return [(row["ref"][-1], row["status"]) for row in csv.DictReader(io.StringIO(text))]


def test_files_hold_what_existed_and_what_may_have(client: Client) -> None:
    assert refs(client, f"{PAST}&country=DE") == [
        ("1", "in_force"),
        ("2", "in_force"),
        ("4", "undetermined"),
        ("5", "undetermined"),
    ]


def test_later_treaties_are_selected_by_their_own_code_only(client: Client) -> None:
    assert refs(client, f"{PAST}&status=not_yet_concluded") == [("3", "not_yet_concluded")]
    assert refs(client, f"{PAST}&status=in_force") == [("1", "in_force"), ("2", "in_force")]
    assert refs(client, f"{PAST}&status=negotiation") == []


def test_every_format_and_page_counts_the_same(client: Client) -> None:
    page = client.get(f"/agreements/?{PAST}")
    api = client.get(f"/api/v1/agreements/?{PAST}").json()
    document = json.loads(client.get(f"/agreements.json?{PAST}").getvalue())

    assert page.context["selection"].count == api["count"] == document["count"] == 4
    assert api["selection"]["undetermined"] == document["selection"]["undetermined"] == 2
    assert "AGR-0003" not in page.content.decode()
    assert {row["status"] for row in api["results"]} == {"in_force", "undetermined"}


@pytest.mark.parametrize("url", ["/agreements/", "/statistics/"])
def test_pages_say_how_many_are_undetermined(client: Client, url: str) -> None:
    page, today = words(client, f"{url}?{PAST}"), words(client, url)

    assert (
        "For 2 of them, the known dates cannot say where they stood on 3 September 1939; "
        "their status is “undetermined”."
    ) in page
    assert "their status is “undetermined”" not in today


@pytest.mark.parametrize("extension", ["md", "atom", "ics"])
def test_files_in_prose_say_how_many_are_undetermined(client: Client, extension: str) -> None:
    text = client.get(f"/agreements.{extension}?{PAST}")
    of_today = client.get(f"/agreements.{extension}")

    said = b"".join(text).decode().replace("\r\n ", "").replace("\\", "")
    assert "For 2 of them, the known dates cannot say where they stood on 3 September 1939;" in said
    assert "undetermined" not in b"".join(of_today).decode()


def test_status_facet_offers_what_is_not_yet_concluded_on_past_days_only(client: Client) -> None:
    def offered(query: str) -> dict[str, int]:
        facets = client.get(f"/agreements/?{query}").context["selection"].facets
        [facet] = [facet for facet in facets if facet.parameter == "status"]
        return {choice.value: choice.count for choice in facet.choices}

    assert offered(PAST)["not_yet_concluded"] == 1
    assert offered(PAST)["undetermined"] == 2
    assert not {"not_yet_concluded", "undetermined"} & offered("").keys()
    assert "not_yet_concluded" in offered("status=not_yet_concluded")


def test_today_and_days_to_come_are_as_before(client: Client) -> None:
    now = [
        ("1", "in_force"),
        ("2", "in_force"),
        ("3", "in_force"),
        ("4", "negotiation"),
        ("5", "signed"),
    ]

    assert refs(client, "") == refs(client, "as_of=2026-11-21") == now
    assert refs(client, "as_of=2031-01-01") == now


def test_statistics_of_a_past_day_leave_out_later_years(client: Client) -> None:
    statistics = client.get(f"/statistics/?{PAST}").context["statistics"]

    assert [row.label for row in statistics.statuses.rows] == ["In force", "Undetermined"]
    assert "2018" not in [row.label for row in statistics.years.rows]


def test_page_of_a_later_treaty_says_so_on_a_past_day(client: Client) -> None:
    page = words(client, f"/agreements/AGR-0003/?{PAST}")

    assert "Not yet concluded" in page
    assert "Not yet signed on 3 September 1939; its signature is dated 4 March 2018." in page


@pytest.mark.parametrize(("query", "expected"), [(f"?{PAST}", [1]), ("", [2])])
def test_bodies_of_a_party_count_what_existed(
    client: Client, query: str, expected: list[int]
) -> None:
    ministry = PartyFactory(parent=Party.objects.get(country="DE"))
    for signed in ("1930", "2018"):
        AgreementFactory(signed=signed, parties=[ministry])

    page = client.get(f"/parties/{ministry.parent.slug}/{query}")

    assert [branch.count for branch in page.context["branches"]] == expected
