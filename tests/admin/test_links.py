"""Dead links: found by a filter of the admin, described on the page, and shown to the public next to their source."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from agreements.models import LinkCheck
from tests.factories import AgreementFactory, DocumentFactory, EvidenceFactory, SourceFactory

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 11, 21, 12, tzinfo=UTC)
ASKED = datetime(2026, 11, 28, 22, tzinfo=UTC)
GONE = "The page no longer exists (404)."


def check(url: str, *, problem: str = "", seen: Any = SEEN) -> None:
    LinkCheck.objects.create(
        url=url, last_seen_alive=seen, link_checked_at=ASKED, link_problem=problem
    )


@pytest.fixture
def rows() -> dict[str, list[Any]]:
    """A dead, a working, an unreadable and an unchecked URL, each for a source and a document; and rows without a URL."""
    made: dict[str, list[Any]] = {"source": [], "document": []}
    for name in ("dead", "alive", "unasked", "unreadable"):
        url = f"https://{name}.example/"
        made["source"].append(SourceFactory(url=url, publisher=name))
        made["document"].append(DocumentFactory(address=url, title=name))
    made["source"].append(SourceFactory(url="", title="On paper"))
    made["document"].append(DocumentFactory(uploaded=True))
    check("https://dead.example/", problem=GONE)
    check("https://alive.example/", seen=ASKED)
    check("https://unreadable.example/")
    LinkCheck.objects.create(url="https://unasked.example/")
    return made


@pytest.mark.parametrize("model", ["source", "document"])
@pytest.mark.parametrize("state", ["dead", "alive", "unasked", "unreadable"])
def test_rows_are_found_by_what_came_of_asking(
    admin_client: Client, rows: dict[str, list[Any]], model: str, state: str
) -> None:
    page = admin_client.get(reverse(f"admin:agreements_{model}_changelist"), {"link": state})

    found = [row.pk for row in page.context["cl"].result_list]
    assert found == [row.pk for row in rows[model] if state in str(row)]
    assert (GONE in page.content.decode()) is (state == "dead")


@pytest.mark.parametrize("model", ["source", "document"])
@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (0, f"Last worked on 21 November 2026. Checked on 29 November 2026: {GONE}"),
        (1, "Last worked on 29 November 2026.</div>"),
        (2, "Not checked yet."),
        (
            3,
            "Last worked on 21 November 2026. Checked on 29 November 2026: The server answered but blocks automatic checks",
        ),
    ],
    ids=["dead", "alive", "unasked", "unreadable"],
)
def test_page_says_what_came_of_asking(
    admin_client: Client, rows: dict[str, list[Any]], model: str, place: int, sentence: str
) -> None:
    row = rows[model][place]

    page = admin_client.get(reverse(f"admin:agreements_{model}_change", args=[row.pk]))

    assert sentence in page.content.decode()


def test_page_never_seen_alive_says_so(admin_client: Client) -> None:
    source = SourceFactory(url="https://dead.example/")
    check(source.url, problem=GONE, seen=None)

    page = admin_client.get(reverse("admin:agreements_source_change", args=[source.pk]))

    assert f"Never seen working. Checked on 29 November 2026: {GONE}" in page.content.decode()


@pytest.mark.parametrize("model", ["source", "document"])
def test_list_costs_the_same_for_many(admin_client: Client, model: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse(f"admin:agreements_{model}_changelist"), {"link": "dead"})
        return len(captured)

    def add(number: int) -> None:
        url = f"https://dead.example/{number}"
        SourceFactory(url=url)
        DocumentFactory(address=url)
        check(url, problem=GONE)

    add(0)
    with_one = queries()
    for number in range(1, 12):
        add(number)

    assert queries() == with_one


# ------------------------------------------------------------------ the public page


def test_public_page_says_when_a_page_was_last_seen_alive(client: Client) -> None:
    agreement = AgreementFactory()
    source = SourceFactory(url="https://news.example/mou")
    EvidenceFactory(agreement=agreement, source=source)
    DocumentFactory(agreement=agreement, address="https://text.example/mou")
    check("https://news.example/mou")
    check("https://text.example/mou", seen=datetime(2026, 10, 1, tzinfo=UTC))

    page = client.get(agreement.get_absolute_url()).content.decode()

    said = " ".join(strip_tags(page).split())
    assert "last reachable 21 November 2026" in said
    assert "last reachable 1 October 2026" in said


def test_public_page_says_nothing_of_a_page_that_was_never_seen(client: Client) -> None:
    agreement = AgreementFactory()
    EvidenceFactory(agreement=agreement, source=SourceFactory(url="https://news.example/mou"))
    check("https://news.example/mou", problem=GONE, seen=None)

    page = client.get(agreement.get_absolute_url()).content.decode()

    assert "last reachable" not in page
    assert GONE not in page
