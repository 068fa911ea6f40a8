"""Records that were public and are not any more: 410 at each of their URLs, and named where changes are."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.curation.tombstones import Farewell
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Tombstone
from agreements.web.api import views
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    PartyFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
BEFORE = "2026-11-30T11:59:59Z"
# a word of everything that only the record itself says
HIDDEN = "xyzzy"
OF_RECORD = (
    "/agreements/{}/",
    "/agreements/{}.json",
    "/agreements/{}.bib",
    "/agreements/{}.ris",
    "/agreements/{}/documents/7/",
    "/agreements/{}/documents/7/versions/1/",
    "/agreements/{}/documents/999/",
    "/api/v1/agreements/{}/",
)
LISTS = (
    "/changes.atom",
    f"/agreements.json?updated_since={BEFORE}",
    f"/api/v1/agreements/?updated_since={BEFORE}",
)


def gone(
    ref: str = "AGR-0005", *, shows_title: bool = False, reason: str = "Entered twice"
) -> Agreement:
    """Publish a record with everything that could leak, and withdraw it."""
    with recorded():
        parties = [PartyFactory(name=f"{HIDDEN} ministry"), PartyFactory()]
        agreement = AgreementFactory(
            ref=ref,
            title="On labour" if shows_title else f"On {HIDDEN}",
            summary=f"On {HIDDEN}",
            place=HIDDEN,
            parties=parties,
            areas=[AreaFactory()],
        )
        EvidenceFactory(agreement=agreement)
        DocumentFactory(agreement=agreement, uploaded=True, title=HIDDEN)
    workflow.take(
        PublicationVerb.WITHDRAW,
        agreement,
        by=colleague(StaffRole.PUBLISHER, username=ref),
        at=NOON,
        reason=f"{HIDDEN} for staff",
        told=Farewell(reason, shows_title),
    )
    return agreement


@pytest.mark.parametrize("url", OF_RECORD)
def test_each_url_of_a_withdrawn_record_answers_410(client: Client, url: str) -> None:
    gone()

    response = client.get(url.format("AGR-0005"))

    text = response.content.decode()
    assert response.status_code == 410
    assert response["Cache-Control"] == "no-cache"
    assert "ETag" not in response
    assert HIDDEN not in text
    assert "AGR-0005" in text
    assert "Entered twice" in text
    assert client.head(url.format("AGR-0005")).status_code == 410


@pytest.mark.parametrize("url", OF_RECORD)
def test_record_that_never_was_public_answers_404(client: Client, url: str) -> None:
    AgreementFactory(ref="AGR-0005", draft=True)
    gone("AGR-0006")

    draft, nothing = (client.get(url.format(ref)) for ref in ("AGR-0005", "AGR-0099"))

    assert draft.status_code == nothing.status_code == 404
    assert draft.content.replace(b"AGR-0005", b"") == nothing.content.replace(b"AGR-0099", b"")


@pytest.mark.parametrize("url", OF_RECORD[:4] + OF_RECORD[-1:])
def test_published_again_it_answers_as_before_to_those_who_kept_the_410(
    client: Client, url: str
) -> None:
    agreement = gone()
    publisher = colleague(StaffRole.PUBLISHER)

    workflow.take(PublicationVerb.PUBLISH, agreement, by=publisher, at=NOON)

    assert client.get(url.format("AGR-0005")).status_code == 200


def test_page_says_what_the_publisher_chose(client: Client) -> None:
    gone(shows_title=True, reason="Never <b>signed</b>")
    gone("AGR-0006")

    page, other = (client.get(f"/agreements/AGR-000{n}/").content.decode() for n in (5, 6))

    assert "On labour" in page
    assert "Never &lt;b&gt;signed&lt;/b&gt;" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "Withdrawn record" in other


def test_json_of_a_withdrawn_record_is_what_the_api_says(client: Client) -> None:
    gone(shows_title=True)

    file = json.loads(client.get("/agreements/AGR-0005.json").content)
    api = client.get("/api/v1/agreements/AGR-0005/").json()

    assert (
        file
        == api
        == {
            "type": "about:blank",
            "status": 410,
            "detail": "AGR-0005 was withdrawn on 2026-11-30: Entered twice",
            "ref": "AGR-0005",
            "withdrawn": "2026-11-30T12:00:00Z",
            "title": "On labour",
            "reason": "Entered twice",
            "url": file["url"],
        }
    )
    assert file["url"].endswith("/agreements/AGR-0005/")


def test_staff_still_get_the_documents_of_a_withdrawn_record(client: Client) -> None:
    agreement = gone()
    client.force_login(colleague(StaffRole.READER))
    document = agreement.documents.get()

    response = client.get(f"/agreements/AGR-0005/documents/{document.pk}/")
    response.close()

    assert response.status_code == 200


def test_sitemap_and_lists_no_longer_name_it(client: Client) -> None:
    gone()

    for url in ("/sitemap-agreements.xml", "/agreements/", "/agreements.csv", "/agreements.atom"):
        response = client.get(url)
        body = b"".join(response) if response.streaming else response.content
        assert b"AGR-0005" not in body, url


@pytest.mark.parametrize("url", LISTS)
def test_changes_name_it_and_nothing_else_of_it(client: Client, url: str) -> None:
    gone()

    response = client.get(url)

    body = (b"".join(response) if response.streaming else response.content).decode()
    assert "AGR-0005" in body
    assert "Entered twice" in body
    assert HIDDEN not in body


def test_page_of_changes_names_what_was_withdrawn_last(client: Client) -> None:
    gone()

    page, older = (client.get(url).content.decode() for url in ("/changes/", "/changes/?before=9"))

    assert "AGR-0005" in page
    assert "Entered twice" in page
    assert HIDDEN not in page
    assert "AGR-0005" not in older


# updated_since


def refs(client: Client, query: str) -> tuple[list[str], list[str] | None]:
    """Return the refs of the JSON file, which the API repeats, and those it says are gone."""
    file = json.loads(b"".join(client.get(f"/agreements.json?{query}")))
    page = client.get(f"/api/v1/agreements/?{query}").json()
    listed = [record["ref"] for record in file["agreements"]]
    assert listed == [record["ref"] for record in page["results"]]
    assert file["count"] == page["count"] == len(listed)
    assert file.get("gone") == page.get("gone")
    named = None if "gone" not in file else [record["ref"] for record in file["gone"]]
    return listed, named


def changed(ref: str, at: str, **more: Any) -> None:
    AgreementFactory(ref=ref, **more)
    Agreement.objects.filter(ref=ref).update(updated_at=at)


def test_updated_since_selects_what_changed_and_names_what_is_gone(client: Client) -> None:
    changed("AGR-0001", "2026-11-30T11:00:00Z")
    changed("AGR-0002", "2026-11-30T12:00:00Z")
    changed("AGR-0003", "2026-11-30T13:00:00Z", kind="treaty")
    changed("AGR-0004", "2026-11-30T13:00:00Z", draft=True)
    gone()

    assert refs(client, "sort=ref") == (["AGR-0001", "AGR-0002", "AGR-0003"], None)
    assert refs(client, "sort=ref&updated_since=2026-11-30T12:00:00Z") == (
        ["AGR-0002", "AGR-0003"],
        ["AGR-0005"],
    )
    assert refs(client, "updated_since=2026-11-30T12:00:01Z") == (["AGR-0003"], [])
    assert refs(client, f"updated_since={BEFORE}&kind=treaty") == (["AGR-0003"], ["AGR-0005"])


@pytest.mark.parametrize(
    "given",
    [
        "2026-11-30T12:00:00Z",
        "2026-11-30T16:00:00+04:00",
        "2026-11-30T16:00:00%2B04:00",
        "2026-11-30T16:00:00+0400",
        "2026-11-30T16:00+04:00",
        "2026-11-30T12:00:00.000Z",
    ],
)
def test_the_same_moment_may_be_written_in_many_ways(client: Client, given: str) -> None:
    changed("AGR-0001", "2026-11-30T11:59:59Z")
    changed("AGR-0002", "2026-11-30T12:00:00Z")

    assert refs(client, f"updated_since={given}")[0] == ["AGR-0002"]


def test_day_begins_on_the_clock_of_the_register(client: Client, settings: Any) -> None:
    changed("AGR-0001", "2026-11-29T19:59:59Z")
    changed("AGR-0002", "2026-11-29T20:00:00Z")

    assert settings.TIME_ZONE == "Asia/Baku"
    assert refs(client, "updated_since=2026-11-30")[0] == ["AGR-0002"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("yesterday", "ISO 8601"),
        ("2026-13-01", "ISO 8601"),
        ("2026-11-31T12:00:00Z", "ISO 8601"),
        ("2026-11-30T12:00:00", "offset from UTC"),
        ("0001-01-01", "1000 to 2999"),
        ("9999-12-31T23:59:59Z", "1000 to 2999"),
        ("0001-01-01T00:00:00+14:00", "1000 to 2999"),
        ("x" * 5000, "ISO 8601"),
        ("2026-11-30&updated_since=2026-11-29", "more than once"),
    ],
)
def test_bad_moment_is_refused_with_a_sentence(client: Client, given: str, why: str) -> None:
    for url in ("/agreements.json", "/agreements.csv", "/api/v1/agreements/"):
        response = client.get(f"{url}?updated_since={given}")

        assert response.status_code == 400
        assert "updated_since" in response.content.decode()
        assert why in response.content.decode()


def test_gone_is_on_the_first_page_only(client: Client) -> None:
    for number in range(30):
        changed(f"AGR-00{number + 10}", "2026-11-30T13:00:00Z")
    gone()

    first = client.get(f"/api/v1/agreements/?updated_since={BEFORE}").json()
    second = client.get(first["next"]).json()

    assert [record["ref"] for record in first["gone"]] == ["AGR-0005"]
    assert "gone" not in second
    assert "updated_since" in first["next"]
    assert quote(BEFORE) in first["selection"]["query"]


def test_too_many_gone_for_a_page_are_left_to_the_file(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_GONE", 2)
    for number in range(3):
        Tombstone.objects.create(ref=f"AGR-000{number}", withdrawn_at=NOON)

    page = client.get(f"/api/v1/agreements/?updated_since={BEFORE}")
    file = json.loads(b"".join(client.get(f"/agreements.json?updated_since={BEFORE}")))

    assert page.status_code == 400
    assert "More than 2 records were withdrawn" in page.content.decode()
    assert len(file["gone"]) == 3


def test_withdrawal_and_its_end_outdate_what_was_cached(client: Client) -> None:
    url = f"/agreements.json?updated_since={BEFORE}"
    before = client.get(url).get("ETag")
    agreement = gone()
    after = json.loads(b"".join(client.get(url)))["gone"]
    workflow.take(PublicationVerb.PUBLISH, agreement, by=colleague(StaffRole.PUBLISHER), at=NOON)

    assert before is None or before != client.get(url).get("ETag")
    assert [record["ref"] for record in after] == ["AGR-0005"]
    assert json.loads(b"".join(client.get(url)))["gone"] == []
