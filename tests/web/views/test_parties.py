"""The pages of the parties: which are public, which agreements count for them, and how to find them."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.domain.choices import NameKind, PartyKind
from agreements.models import Party
from agreements.statistics.time_bars import MOST_LINES
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory
from tests.registers import COLUMNS
from tests.web.views.conftest import Shown

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
    assert "there are no parties." in shown("/parties/")


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
        with django_assert_max_num_queries(3 + COLUMNS) as captured:
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
        "Kind State Country Azerbaijan Code in files and URLs azerbaijan Website not known" in page
    )
    assert "Its bodies in the register Labour Ministry 2 agreements" in page
    assert "2 agreements, including those of its bodies." in page
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
    assert "Code in files and URLs labour Website https://labour.example/" in page
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
    client: Client, state: Party, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    AgreementFactory(signed="1999", parties=[state, PartyFactory()])
    for _ in range(5):
        with django_assert_max_num_queries(20 + COLUMNS):
            client.get("/parties/azerbaijan/")
        body = PartyFactory(parent=state)
        PartyNameFactory(party=state)
        for year in range(2000, 2010):
            AgreementFactory(
                signed=str(year), parties=[body, PartyFactory(parent=PartyFactory(state=True))]
            )


# ------------------------------------------------------------------ the portfolio, as a selection


def test_partners_are_those_outside_its_own_house(shown: Shown) -> None:
    home, abroad = (
        PartyFactory(state=True, slug=slug, name=slug.title()) for slug in ("home", "abroad")
    )
    office = PartyFactory(parent=abroad, name="Office abroad")
    AgreementFactory(parties=[PartyFactory(parent=home, name="Home Ministry"), office])
    AgreementFactory(parties=[home, abroad])

    page = shown("/parties/home/")

    assert "Most frequent partners Abroad 2 agreements Office abroad 1 agreement" in page
    assert "Home Ministry 1 agreement" not in page.partition("Most frequent partners")[2]


def test_timeline_leads_from_each_line_to_its_agreement(client: Client, state: Party) -> None:
    signed = AgreementFactory(title="On care", signed="2023-10~", parties=[state])

    page = client.get("/parties/azerbaijan/").content.decode()

    drawn = page.partition('<figure class="time-bars"')[2].partition("</figure>")[0]
    assert f'<a class="time-bar-title" href="{signed.get_absolute_url()}">' in drawn
    assert "signed about October 2023" in drawn
    assert "end unknown" in drawn
    assert 'mask="url(#bar-fading)"' in drawn
    assert "Agreements with Azerbaijan, from start to end." in drawn
    assert "newest of" not in drawn


def test_timeline_is_left_out_where_no_date_is_known(client: Client, state: Party) -> None:
    assert "time-bars" not in client.get("/parties/azerbaijan/").content.decode()


def test_many_agreements_are_drawn_by_year_and_few_one_by_one(client: Client, state: Party) -> None:
    for year in range(2000, 2000 + MOST_LINES):
        AgreementFactory(
            title=f"Of {year}", signed=str(year), in_force=str(year), parties=[state], kind="treaty"
        )

    few = client.get("/parties/azerbaijan/?kind=treaty").content.decode()
    AgreementFactory(signed="1990", parties=[state], kind="treaty")
    many = client.get("/parties/azerbaijan/?kind=treaty").content.decode()

    assert few.count('class="time-bar-title"') == MOST_LINES
    assert "In force, year by year" not in few
    assert "time-bar" not in many.partition("<main")[2]
    link = "/agreements/?as_of=2004-12-31&amp;kind=treaty&amp;party=azerbaijan&amp;status=in_force"
    assert f'<a href="{link}">5</a>' in many


def test_page_is_that_of_its_day_and_filters(shown: Shown, client: Client, state: Party) -> None:
    term = {"in_force": "2020-01-01", "term_kind": "fixed", "term_months": 24}
    AgreementFactory(title="Over by now", signed="2020-01-01", parties=[state], **term)

    asked = "/parties/azerbaijan/?as_of=2021-06-01&signed_from=2020"
    page = shown(asked)

    words = "Agreements with Azerbaijan signed from 2020, as of 1 June 2021"
    assert f"<title>{words}" in client.get(asked).content.decode()
    assert f"{words}, by year of signature: 1 agreement with a known year" in page
    assert f"{words}, from start to end." in page
    assert "Over by now In force signed 1 January 2020 · term ends 1 January 2022" in page
    assert "Over by now Expired" in shown("/parties/azerbaijan/?signed_from=2020")


def test_filters_can_be_taken_off_again(client: Client, state: Party) -> None:
    narrowed = client.get("/parties/azerbaijan/?kind=treaty")
    whole = client.get("/parties/azerbaijan/?sort=title")

    assert "No published agreements match all of these filters." in narrowed.content.decode()
    assert '<a href="/parties/azerbaijan/">Remove filters</a>' in narrowed.content.decode()
    assert "<title>Azerbaijan" in whole.content.decode()
    assert "Remove filters" not in whole.content.decode()


def test_value_that_is_not_understood_leaves_the_title_of_the_party(
    client: Client, state: Party
) -> None:
    page = client.get("/parties/azerbaijan/?status=nonsense").content.decode()

    assert "<title>Azerbaijan" in page
    assert "is not a known value" in page
    assert "time-bars" not in page
