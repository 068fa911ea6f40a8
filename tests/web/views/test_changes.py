"""The page and the feed of changes, and the log on a record's page: what changed and when, and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.urls import reverse

from agreements.domain.choices import ChangeKind, Publication
from agreements.models import Agreement, Change
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("agreements:changes")
FEED = reverse("agreements:changes_atom")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def changed(agreement: Agreement, *facts: str, at: datetime = NOON) -> Change:
    return Change.objects.create(
        agreement=agreement, at=at, kind=ChangeKind.CHANGED, facts=list(facts)
    )


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def titles_in_feed(client: Client) -> list[str]:
    root = ElementTree.fromstring(client.get(FEED).content)
    return [entry.findtext(f"{ATOM}title") or "" for entry in root.findall(f"{ATOM}entry")]


def test_page_names_what_changed_and_when(client: Client) -> None:
    agreement = AgreementFactory(title="Memorandum on labour")
    changed(agreement, "title", "signed")

    page = text(client, PAGE)

    assert "Memorandum on labour" in page
    assert "Changed: title, date of signature" in page
    assert "21 November 2026, 16:00" in page
    assert agreement.get_absolute_url() in page


def test_moments_are_valid_in_html(client: Client) -> None:
    changed(AgreementFactory(), "title")

    moments = re.findall(r'<time datetime="([^"]*)"', client.get(PAGE).content.decode())

    assert moments
    # at most three digits of a second's fraction are allowed
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", each) for each in moments)


def test_page_and_feed_are_whole_while_nothing_has_changed(client: Client) -> None:
    assert "No changes since the log began." in text(client, PAGE)
    assert titles_in_feed(client) == []


@pytest.mark.parametrize(
    "publication", [Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN]
)
def test_records_that_are_not_public_show_nothing_anywhere(
    client: Client, publication: Publication
) -> None:
    agreement = AgreementFactory(title="Secret title", publication=publication)
    changed(agreement, "title")

    assert "Secret title" not in text(client, PAGE)
    assert agreement.ref not in text(client, PAGE)
    assert titles_in_feed(client) == []


def test_feed_has_an_entry_for_each_change(client: Client) -> None:
    agreement = AgreementFactory(title="Memorandum <b>on</b> labour")
    first, second = changed(agreement, "title"), changed(agreement, "place", at=NOON + timedelta(1))

    root = ElementTree.fromstring(client.get(FEED).content)
    entries = root.findall(f"{ATOM}entry")

    ids = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    assert [each.rpartition("#")[2] for each in ids] == [
        f"change-{second.pk}",
        f"change-{first.pk}",
    ]
    assert entries[0].findtext(f"{ATOM}title") == f"{agreement.ref} Memorandum <b>on</b> labour"
    assert entries[0].findtext(f"{ATOM}summary") == "Changed: place of signature"
    assert root.findtext(f"{ATOM}updated") == "2026-11-22T12:00:00+00:00"


def test_whoever_has_the_feed_already_is_told_so(client: Client) -> None:
    changed(AgreementFactory(), "title")
    tag = client.get(FEED)["ETag"]

    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 304


def test_pages_are_cut_and_lead_to_older_changes(client: Client) -> None:
    agreement = AgreementFactory()
    Change.objects.bulk_create(
        Change(agreement=agreement, at=NOON, kind=ChangeKind.CHANGED, facts=["title"])
        for _number in range(55)
    )

    first = client.get(PAGE)
    second = client.get(PAGE, {"before": first.context["older"]})

    assert (len(first.context["changes"]), len(second.context["changes"])) == (50, 5)
    assert "Older" in first.content.decode()
    assert second.context["older"] is None
    assert "Latest" in second.content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "1" * 30, "²", "1 OR 1"])
def test_a_page_that_cannot_be_is_refused(client: Client, before: str) -> None:
    response = client.get(PAGE, {"before": before})

    assert response.status_code == 400
    assert "Enter the number of a change" in response.content.decode()


def test_many_changes_cost_as_many_queries_as_one(
    client: Client, django_assert_num_queries: Any
) -> None:
    changed(AgreementFactory(), "title")
    for address in (PAGE, FEED):
        with django_assert_num_queries(2):
            client.get(address)
    for _number in range(20):
        changed(AgreementFactory(), "title")

    for address in (PAGE, FEED):
        with django_assert_num_queries(2):
            client.get(address)


def test_a_records_own_page_shows_its_latest_changes(client: Client) -> None:
    agreement, other = AgreementFactory.create_batch(2)
    changed(agreement, "signatories")
    changed(other, "place")

    page = text(client, agreement.get_absolute_url())

    assert "Changed: signatories" in page
    assert "Changed: place of signature" not in page


def test_a_record_without_changes_has_no_such_section(client: Client) -> None:
    assert 'id="changes-title"' not in text(client, AgreementFactory().get_absolute_url())


def test_the_log_is_found_from_every_page_and_by_search_engines(client: Client) -> None:
    assert f'href="{PAGE}"' in text(client, reverse("agreements:home"))
    assert f'href="{PAGE}"' in text(client, reverse("agreements:about"))
    assert PAGE in text(client, reverse("agreements:sitemap", args=["pages"]))


def test_scripts_of_other_pages_may_read_the_feed(client: Client) -> None:
    assert client.get(FEED)["Access-Control-Allow-Origin"] == "*"


def test_a_code_that_the_register_no_longer_knows_is_left_out(client: Client) -> None:
    changed(AgreementFactory(), "title", "something_old")

    assert "Changed: title <" in text(client, PAGE).replace("</span>", " <")
