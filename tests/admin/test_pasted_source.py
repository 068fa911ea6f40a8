"""Pasting a source at the top of an agreement's page: a new one, a known one, half of one, without JavaScript and with."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.curation.history.past import entries_of
from agreements.curation.pasted_sources import understood
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Source
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_agreement_add")
READ = reverse("admin:agreements_agreement_read_source")
URL = "https://www.azernews.az/nation/231904.html"
BYLINE = f"By Nigar Abbasova  12 November 2026 18:05 (UTC+04:00) Azernews\n{URL}?utm_source=x"


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors_of(response: Any) -> str:
    return " ".join(response.context["adminform"].form.errors.get("pasted", []))


def test_pasted_byline_becomes_the_source_of_what_is_entered(admin_client: Client) -> None:
    response = admin_client.post(ADD, agreement_form(pasted=BYLINE, signed="10 November 2026"))

    source = Source.objects.get()
    assert (source.publisher, source.author, source.language) == (
        "Azernews",
        "Nigar Abbasova",
        "en",
    )
    assert source.url == URL
    assert str(source.published) == "2026-11-12"
    assert source.published_at == datetime(2026, 11, 12, 14, 5, tzinfo=UTC)
    assert source.retrieved == timezone.localdate()
    agreement = Agreement.objects.get()
    assert set(agreement.evidence.values_list("fact", "source")) == {
        (fact, source.pk)
        # the last two are what the form begins with
        for fact in ("title", "signed", "kind", "stage")
    }
    assert len(entries_of(Source, source.pk)) == 1
    assert any(line.startswith("New source: ") and "Azernews" in line for line in said(response))


def test_what_was_typed_counts_more_than_what_was_read(admin_client: Client) -> None:
    typed = {"new_source-publisher": "The Daily", "new_source-author": ""}
    # read before, and the author then cleared
    admin_client.post(
        ADD, agreement_form(pasted=BYLINE, pasted_read=BYLINE, **typed, **{"new_source-url": URL})
    )

    source = Source.objects.get()
    assert (source.publisher, source.author, source.url) == ("The Daily", "", URL)


@pytest.mark.parametrize("chosen", [False, True])
def test_source_that_the_register_has_is_used(admin_client: Client, chosen: bool) -> None:
    known = SourceFactory(url=URL)
    fields = {"source": known.pk} if chosen else {}

    response = admin_client.post(ADD, agreement_form(pasted=BYLINE, **fields))

    assert Source.objects.get() == known
    assert {row.source for row in Agreement.objects.get().evidence.all()} == {known}
    assert any(line.startswith("The register already has this source: ") for line in said(response))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"pasted": "5 May 2024"}, "Publisher: This field is required."),
        ({"pasted": "By Aysel Aliyeva 12 November 2026"}, "Publisher: This field is required."),
        ({"pasted": "..."}, "Nothing was read from it."),
        ({"pasted": "x" * 2001}, "at most 2000 characters"),
        ({"new_source-publisher": "The Daily"}, "A source needs a URL or a title."),
        ({"pasted": BYLINE, "new_source-published": "31 February"}, "Published: "),
        ({"pasted": BYLINE, "new_source-published_at": "noon"}, "Moment of publication: "),
        ({"pasted": "\0", "new_source-url": "https://a.example/\0"}, "Null characters"),
        ({"pasted": "http://[broken", "new_source-url": "http://[b"}, "URL: Enter a valid URL."),
        # chosen after it was read
        (
            {"pasted": BYLINE, "pasted_read": BYLINE, "new_source-url": URL, "source": True},
            "Choose a source or paste a new one, but not both.",
        ),
    ],
)
def test_half_a_source_is_refused_and_shown_as_it_was_read(
    admin_client: Client, sent: dict[str, Any], sentence: str
) -> None:
    fields = {**sent, **({"source": SourceFactory().pk} if sent.get("source") else {})}

    response = admin_client.post(ADD, agreement_form(**fields))

    assert sentence in errors_of(response)
    assert not Agreement.objects.exists()
    page = response.content.decode()
    if sent.get("pasted") == BYLINE and not sent.get("pasted_read"):
        assert 'value="Nigar Abbasova"' in page
    if response.context["adminform"].form.new_source.has_changed():
        assert "open>" in page[page.index('class="new-source"') :].partition("<summary>")[0]


def test_new_source_that_is_pasted_replaces_the_chosen_one(admin_client: Client) -> None:
    chosen = SourceFactory()

    refused = admin_client.post(ADD, agreement_form(pasted=BYLINE, source=chosen.pk, signed="x"))
    assert refused.context["adminform"].form["source"].value() == ""
    response = admin_client.post(ADD, agreement_form(pasted=BYLINE, source=chosen.pk))

    assert {each.source.url for each in Agreement.objects.get().evidence.all()} == {URL}
    assert f"It replaces the source that was chosen: {chosen}." in said(response)


def test_chosen_source_stays_if_nothing_was_read(admin_client: Client) -> None:
    chosen = SourceFactory()

    response = admin_client.post(ADD, agreement_form(pasted="...", source=chosen.pk))

    assert "Nothing was read from it." in errors_of(response)
    assert response.context["adminform"].form["source"].value() == str(chosen.pk)


def test_who_may_not_add_sources_may_still_use_a_known_one(client: Client) -> None:
    editor = colleague(StaffRole.EDITOR)
    known, address = SourceFactory(url=URL), "https://other.example/1"
    for group in editor.groups.all():
        group.permissions.remove(Permission.objects.get(codename="add_source"))
    client.force_login(editor)

    refused = client.post(ADD, agreement_form(pasted=f"{address} 1 May 2024"))
    assert "You cannot add sources." in errors_of(refused)
    client.post(ADD, agreement_form(pasted=URL))
    assert {row.source for row in Agreement.objects.get().evidence.all()} == {known}


def test_script_is_told_what_was_read(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))

    read = client.post(READ, {"pasted": BYLINE}).json()
    assert read["known"] is None
    assert read["fields"] == {
        "url": URL,
        "publisher": "Azernews",
        "title": "",
        "author": "Nigar Abbasova",
        "language": "en",
        "published": "12 November 2026",
        "published_at": "2026-11-12 18:05+04:00",
    }
    assert read["note"] == ""
    guessed = client.post(READ, {"pasted": "https://a.example/1"}).json()
    assert "only the site of the URL" in guessed["note"]
    known = SourceFactory(url=URL)
    assert client.post(READ, {"pasted": BYLINE}).json()["known"]["value"] == str(known.pk)
    assert client.post(READ, {"pasted": "x" * 100_000}).status_code == 200
    assert client.post(READ).json()["known"] is None
    assert client.get(READ).status_code == 405
    assert not Agreement.objects.exists()


def test_script_is_told_nothing_without_rights(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))

    assert client.post(READ, {"pasted": BYLINE}).status_code == 403


@pytest.mark.parametrize(
    ("text", "publisher", "title", "author"),
    [
        # the register's name for the site
        ("https://trend.az/en/2", "Trend News Agency", "", ""),
        (
            "https://www.trend.az/2 Memorandum is signed",
            "Trend News Agency",
            "Memorandum is signed",
            "",
        ),
        # the site names itself, or only has a host
        (f"Azernews\n{URL}", "Azernews", "", ""),
        ("https://e-qanun.az/1", "e-qanun.az", "", ""),
        # without an address, only what the register knows
        ("Trend News Agency, 5 May 2024", "Trend News Agency", "", ""),
        ("Some Paper, 5 May 2024", "", "", ""),
        (
            "By Aysel Aliyeva Trend News Agency\nhttps://trend.az/3",
            "Trend News Agency",
            "",
            "Aysel Aliyeva",
        ),
        # a newspaper is no author, and its name counts more than that of the site
        ("By Trend News Agency\n3 March 2021", "Trend News Agency", "", ""),
        (f"By Azernews\n{URL}", "Azernews", "", ""),
        ("https://a.example/1\nBy Valleynews", "Valleynews", "", ""),
        ("https://a.example/1\nORBINFORM", "ORBINFORM", "", ""),
        ("ALMA-ATA. TREND NEWS AGENCY\nTrend news agency", "Trend News Agency", "", ""),
        ("https://a.example/1\nLipkovo, 4 June 2018 (VNA) - Two towns met", "VNA", "", ""),
        # no titles
        ("https://a.example/1\n+ ↺ − 16 px", "a.example", "", ""),
        ("https://a.example/1\nWire - City Press Net) Doha", "a.example", "", ""),
        ("https://a.example/1\nDubai, United Arab Emirates", "a.example", "", ""),
        # two candidates for a title are none
        ("One two three\nFour five six\nhttps://trend.az/4", "Trend News Agency", "", ""),
    ],
)
def test_publisher_and_title_are_those_that_are_evident(
    text: str, publisher: str, title: str, author: str
) -> None:
    SourceFactory(url="https://trend.az/en/1", publisher="Trend News Agency")
    SourceFactory(url="http://www.trend.az/9", publisher="Trend News Agency")
    SourceFactory(url="https://trend.az/8", publisher="Another")

    with CaptureQueriesContext(connection) as made:
        read = understood(text)

    assert (read.publisher, read.title, read.author) == (publisher, title, author)
    assert len(made) <= 3
    assert read.is_guess == (publisher in ("a.example", "e-qanun.az"))
