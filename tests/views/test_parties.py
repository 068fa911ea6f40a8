"""The pages of the parties: who is public, what counts for whom, and how they are found."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.choices import NameKind, PartyKind
from agreements.models import Party
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory
from tests.views.conftest import Shown

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def state() -> Party:
    """Azerbaijan with a ministry that takes part in two agreements and one that is in none."""
    state = PartyFactory(name="Azerbaijan", slug="azerbaijan", kind=PartyKind.STATE, country="AZ")
    ministry = PartyFactory(name="Labour Ministry", slug="labour", parent=state)
    PartyFactory(name="Idle Ministry", slug="idle", parent=state)
    AgreementFactory(title="First", parties=[ministry, PartyFactory(name="Zenobia")])
    AgreementFactory(title="Second", parties=[ministry, state])
    AgreementFactory(title="Hidden", draft=True, parties=[ministry])
    return state


# ------------------------------------------------------------------ the list


def test_list_works_with_nothing(shown: Shown) -> None:
    assert "there are no parties to show" in shown("/parties/")


def test_list_shows_bodies_under_their_state_with_their_counts(shown: Shown, state: Party) -> None:
    page = shown("/parties/")

    assert "Azerbaijan 2 agreements State Labour Ministry 2 agreements Zenobia 1 agreement" in page
    assert "Idle Ministry" not in page


@pytest.mark.parametrize("query", ["labour", "LABOUR", "Əmək", "Ministerium"])
def test_search_finds_every_spelling(shown: Shown, state: Party, query: str) -> None:
    ministry = Party.objects.get(slug="labour")
    PartyNameFactory(party=ministry, name="Əmək Nazirliyi", language="az")
    PartyNameFactory(party=ministry, name="Ministerium für Arbeit", kind=NameKind.AS_PUBLISHED)

    page = shown(f"/parties/?q={query}")

    assert f"1 party has a name that contains “{query}”" in page
    assert "Labour Ministry 2 agreements Ministry, Azerbaijan" in page


@pytest.mark.parametrize("query", ["Idle", "nowhere", "%", "_"])
def test_search_finds_only_what_is_public_and_contains_the_text(
    shown: Shown, state: Party, query: str
) -> None:
    assert "0 parties have a name" in shown(f"/parties/?q={query}")


@pytest.mark.parametrize("query", ["x" * 201, "a%00b"], ids=["too long", "null byte"])
def test_search_that_is_refused_says_why_and_shows_nothing(
    shown: Shown, state: Party, query: str
) -> None:
    page = shown(f"/parties/?q={query}")

    assert "Azerbaijan" not in page
    assert "Ensure this value" in page or "Null characters are not allowed" in page


def test_text_of_the_search_is_escaped(client: Client) -> None:
    page = client.get("/parties/?q=<script>").content.decode()

    assert "<script>" not in page


def test_list_is_shown_a_page_at_a_time(shown: Shown, client: Client) -> None:
    AgreementFactory(parties=[PartyFactory(name=f"Party {n:03}") for n in range(101)])

    assert "Party 049" in shown("/parties/")
    assert "Party 050" not in shown("/parties/")
    assert shown("/parties/?page=3&q=party").startswith("Parties")
    assert 'href="?q=party&amp;page=2"' in client.get("/parties/?q=party").content.decode()


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "9" * 30])
def test_page_that_does_not_exist_is_not_found(client: Client, state: Party, page: str) -> None:
    assert client.get(f"/parties/?page={page}").status_code == 404


@pytest.mark.parametrize("query", ["", "?q=ministry"], ids=["all", "found"])
def test_queries_of_the_list_do_not_grow_with_the_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, query: str
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(6) as captured:
            client.get(f"/parties/{query}")
        return len(captured)

    parent = PartyFactory(state=True)
    AgreementFactory(parties=[PartyFactory(parent=parent)])
    with_one = queries()
    for _ in range(10):
        AgreementFactory(parties=[PartyFactory(parent=PartyFactory(parent=parent))])

    assert queries() == with_one


# ------------------------------------------------------------------ one party


def test_party_shows_what_it_is_and_what_its_bodies_agreed(shown: Shown, state: Party) -> None:
    page = shown("/parties/azerbaijan/")

    assert (
        "Kind State Country Azerbaijan Code in files and addresses azerbaijan Website not known"
        in page
    )
    assert "Its bodies in the register Labour Ministry 2 agreements" in page
    assert "2 agreements, those of its bodies included." in page
    assert "First" in page
    assert "Second" in page
    assert "Idle Ministry" not in page
    assert "Hidden" not in page


def test_party_shows_its_names_and_website(shown: Shown, client: Client, state: Party) -> None:
    ministry = Party.objects.get(slug="labour")
    ministry.website, ministry.short_name = "https://labour.example/", "MLSPP"
    ministry.save()
    PartyNameFactory(
        party=ministry, name="Əmək Nazirliyi", language="az", kind="translation", note="Since 2018."
    )

    page = shown("/parties/labour/")

    assert "Part of Azerbaijan" in page
    assert "Short name MLSPP" in page
    assert "Code in files and addresses labour Website https://labour.example/" in page
    assert "Əmək Nazirliyi in another language, Azerbaijani – Since 2018." in page
    assert '<bdi lang="az">Əmək Nazirliyi</bdi>' in client.get("/parties/labour/").content.decode()


def test_link_to_the_list_selects_the_same_agreements(client: Client, state: Party) -> None:
    response = client.get("/parties/azerbaijan/")

    assert 'href="/agreements/?party=azerbaijan"' in response.content.decode()
    listed = client.get("/agreements/?party=azerbaijan").context["agreements"]
    assert {a.ref for a in listed} == {a.ref for a in response.context["page_obj"]}


@pytest.mark.parametrize("slug", ["idle", "nobody"])
def test_party_without_a_published_agreement_is_not_found(
    client: Client, admin_client: Client, state: Party, slug: str
) -> None:
    assert client.get(f"/parties/{slug}/").status_code == 404
    assert admin_client.get(f"/parties/{slug}/").status_code == 404


def test_agreements_of_a_party_are_shown_a_page_at_a_time(client: Client, state: Party) -> None:
    AgreementFactory.create_batch(60, parties=[state])

    first = client.get("/parties/azerbaijan/")
    second = client.get("/parties/azerbaijan/?page=2")

    assert (len(first.context["page_obj"]), len(second.context["page_obj"])) == (25, 25)
    assert client.get("/parties/azerbaijan/?page=4").status_code == 404


def test_queries_of_a_party_do_not_grow_with_the_rows(
    client: Client, state: Party, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        with django_assert_num_queries(15):
            client.get("/parties/azerbaijan/")
        body = PartyFactory(parent=state)
        PartyNameFactory(party=state)
        AgreementFactory(parties=[body, PartyFactory(parent=PartyFactory(state=True))])
