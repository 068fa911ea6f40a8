"""Responses are cached only for visitors, until something that they show changes."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from agreements.domain.choices import Publication
from agreements.models import Agreement, Party
from tests.factories import AgreementFactory, AreaFactory, DocumentFactory, PartyFactory

# Nothing read within a transaction is cached.
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/",
    "/agreements/",
    "/agreements/?status=signed",
    "/agreements/AGR-0001/",
    "/agreements/AGR-0001.json",
    "/agreements.csv",
    "/agreements.json",
    "/statistics/",
    "/parties/",
    "/parties/state/",
    "/areas/",
    "/areas/field/",
    "/changes/",
    "/api/v1/agreements/",
    "/api/v1/agreements/AGR-0001/",
    "/api/v1/parties/",
    "/api/v1/parties/state/",
    "/api/v1/areas/",
    "/api/v1/areas/field/",
]


@pytest.fixture(autouse=True)
def agreement():
    cache.clear()
    party, area = PartyFactory(slug="state"), AreaFactory(slug="field")
    agreement = AgreementFactory(
        ref="AGR-0001", title="Care for all", signed="2020", parties=[party], areas=[area]
    )
    yield agreement
    cache.clear()


def text(response):
    return b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize("address", PAGES)
def test_repeat_request_costs_one_query_and_gets_the_same(
    address, client, django_assert_num_queries
):
    first = text(client.get(address))

    with django_assert_num_queries(1):
        response = client.get(address)
        if not response.streaming:
            assert response.content == first


@pytest.mark.parametrize("address", PAGES)
def test_conditional_request_gets_304(address, client, django_assert_num_queries):
    tag = client.get(address)["ETag"]

    with django_assert_num_queries(1):
        response = client.get(address, headers={"If-None-Match": tag})

    assert (response.status_code, response["ETag"]) == (304, tag)


def test_view_decides_whether_there_is_an_answer_at_all(client):
    anything = {"If-None-Match": "*"}

    assert client.get("/agreements/AGR-9999/", headers=anything).status_code == 404
    assert client.get("/agreements.csv?bad=1", headers=anything).status_code == 400


@pytest.mark.parametrize("address", PAGES)
def test_a_change_is_seen_by_the_next_request(address, client):
    tag = client.get(address)["ETag"]
    AgreementFactory(title="Quite another", signed="2021")

    response = client.get(address, headers={"If-None-Match": tag})

    assert response.status_code == 200
    assert response["ETag"] != tag


def test_publishing_withdrawing_and_renaming_show_at_once(client, agreement):
    rows = Agreement.objects.filter(pk=agreement.pk)
    assert "Care for all" in client.get("/agreements/").content.decode()

    rows.update(publication=Publication.WITHDRAWN)
    assert "Care for all" not in client.get("/agreements/").content.decode()
    assert client.get("/agreements/AGR-0001/").status_code == 404
    assert client.get("/agreements.csv").getvalue().count(b"\r\n") == 1

    rows.update(publication=Publication.PUBLISHED)
    assert "Care for all" in client.get("/agreements/").content.decode()

    Party.objects.update(name="Renamed Ministry")
    assert "Renamed Ministry" in client.get("/agreements/").content.decode()


def test_a_draft_changes_no_tag(client):
    draft = AgreementFactory(draft=True)
    tag = client.get("/agreements/")["ETag"]

    draft.title = "Nobody shall know"
    draft.save()
    DocumentFactory(agreement=draft)

    assert client.get("/agreements/")["ETag"] == tag


def test_logged_in_users_neither_read_nor_write_the_cache(client, agreement):
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    draft = AgreementFactory(ref="AGR-0002", draft=True)

    assert "ETag" not in staff.get("/agreements/")
    assert client.get(f"/agreements/{draft.ref}/").status_code == 404
    tag = client.get("/agreements/AGR-0001/")["ETag"]
    assert staff.get("/agreements/AGR-0001/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/agreements/?kind=nonsense", 200),
        ("/agreements.csv?kind=nonsense", 400),
        ("/agreements/AGR-9999/", 404),
        ("/admin/login/", 200),
        ("/healthz", 200),
    ],
)
def test_errors_and_staff_pages_are_never_cached(address, status, client):
    response = client.get(address)

    assert response.status_code == status
    assert ("ETag" in response) == (address == "/agreements/?kind=nonsense")


def test_documents_are_never_cached(client, agreement):
    document = DocumentFactory(agreement=agreement, is_public=True)

    response = client.get(f"/agreements/AGR-0001/documents/{document.pk}/")

    assert response.status_code in (200, 302, 404)
    assert 'W/"' not in response.get("ETag", "")


def test_htmx_parts_and_pages_are_cached_separately(client):
    page = client.get("/agreements/?kind=mou")
    part = client.get("/agreements/?kind=mou", headers={"HX-Request": "true"})

    assert "HX-Push-Url" not in page
    assert part["HX-Push-Url"] == "/agreements/?kind=mou"
    assert client.get("/agreements/?kind=mou", headers={"HX-Request": "true"})["HX-Push-Url"]
    assert page["ETag"] != part["ETag"]
    assert "HX-Request" in page["Vary"]


def test_each_day_has_its_own_answers(client):
    with time_machine.travel(datetime(2026, 11, 21, 8, tzinfo=UTC), tick=False):
        tag = client.get("/agreements/")["ETag"]
    with time_machine.travel(datetime(2026, 11, 22, 8, tzinfo=UTC), tick=False):
        assert client.get("/agreements/", headers={"If-None-Match": tag}).status_code == 200


def test_browsers_and_proxies_may_store_it_but_revalidate(client):
    response = client.get("/agreements/")

    assert response["Cache-Control"] == "public, no-cache"
    assert not response.cookies


def test_head_uses_the_answer_to_get(client, django_assert_num_queries):
    tag = client.get("/agreements/")["ETag"]

    with django_assert_num_queries(1):
        response = client.head("/agreements/")

    assert (response["ETag"], response.content) == (tag, b"")


def test_large_answer_is_not_cached(client, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("agreements.serving.response_cache.LARGEST", 10)
    client.get("/agreements/")

    with pytest.raises(pytest.fail.Exception), django_assert_max_num_queries(1):
        client.get("/agreements/")
