"""The list shows the selection, explains what it did not understand, and needs few queries."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from agreements.models import Person
from tests.factories import AgreementFactory, AreaFactory, PartyFactory, SignatoryFactory
from tests.registers import COLUMNS

pytestmark = pytest.mark.django_db
URL = "/agreements/"


@pytest.fixture
def get(client):
    def get(query: str = "", status: int = 200):
        response = client.get(f"{URL}?{query}" if query else URL)
        assert response.status_code == status
        return response

    return get


def titles(response) -> list[str]:
    return [agreement.title for agreement in response.context["agreements"]]


def test_it_works_with_nothing(get):
    response = get()

    assert titles(response) == []
    assert reverse("agreements:agreement_list") == URL


def test_it_lists_what_is_published_with_its_facts(get):
    party = PartyFactory(name="Ministry of Care")
    AgreementFactory(title="Care accord", signed="2023-08", parties=[party])

    page = get().content.decode()

    for expected in ("Care accord", "August 2023", "Ministry of Care", "AGR-0001", "Signed"):
        assert expected in page


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_it_hides_what_is_not_published(get, publication):
    AgreementFactory(title="Hidden", publication=publication)

    response = get()

    assert titles(response) == []
    assert response.context["result_count"] == 0
    assert "Hidden" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=nonsense", "“nonsense” is not a known value"),
        ("party=99999999999999999999999", "There is no entry named"),
        ("signed_from=2023-13", "13"),
    ],
)
def test_bad_value_shows_the_form_with_what_was_typed_and_no_rows(get, query, sentence):
    AgreementFactory(title="Never shown")

    response = get(query)
    page = response.content.decode()

    assert titles(response) == []
    assert "Never shown" not in page
    assert sentence in page
    assert response.context["selection"].form.errors


def test_refused_text_stays_in_its_field(get):
    assert 'value="2023-13"' in get("signed_from=2023-13").content.decode()


def test_unknown_parameter_is_reported_and_the_rows_are_shown(get):
    AgreementFactory(title="Shown")

    response = get("sattus=signed")

    assert titles(response) == ["Shown"]
    assert "Did you mean “status”?" in response.content.decode()


def test_hostile_parameter_is_escaped(get):
    page = get("q=%3Cscript%3Ealert(1)%3C/script%3E&%3Cb%3E=1&status=%3Ci%3E").content.decode()

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_pages_hold_as_many_as_asked_and_say_where_one_is(get):
    for n in range(60):
        AgreementFactory(title=f"T{n:02d}")

    assert len(titles(get("sort=title"))) == 25
    assert titles(get("sort=title&per_page=50&page=2")) == [f"T{n}" for n in range(50, 60)]
    assert get().context["result_count"] == 60


def test_page_beyond_the_end_is_explained(get):
    AgreementFactory(title="Only one")

    response = get("page=7")

    assert titles(response) == []
    assert "Only one" not in response.content.decode()
    assert response.context["beyond_the_end"]


def test_headers_sort_and_say_so(get):
    AgreementFactory()

    default, by_title = get().content.decode(), get("sort=title&status=signed").content.decode()

    assert default.count('aria-sort="descending"') == 1
    assert by_title.count('aria-sort="ascending"') == 1
    assert "sort=signed" in default
    assert "sort=-signed&amp;status=signed" in by_title


def test_csv_link_carries_the_selection(get):
    AgreementFactory(parties=[PartyFactory(country="UZ")])

    page = get("country=UZ&page=1").content.decode()

    assert 'href="/agreements.csv?country=UZ"' in page


@time_machine.travel("2026-07-28T20:30:00+00:00")
def test_today_is_the_registers_day_not_the_servers(get, settings):
    settings.TIME_ZONE = "Asia/Baku"
    AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)

    response = get("status=expired")

    assert response.context["selection"].as_of == date(2026, 7, 29)
    assert len(titles(response)) == 1


def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_num_queries):
    parties = [PartyFactory(parent=PartyFactory(state=True)) for _n in range(3)]
    areas = [AreaFactory() for _n in range(3)]
    AgreementFactory(parties=parties, areas=areas, signed="2020")
    with django_assert_num_queries(5 + COLUMNS):
        client.get(URL)

    for _n in range(99):
        AgreementFactory(parties=parties, areas=areas, signed="2020")

    with django_assert_num_queries(5 + COLUMNS):
        client.get(f"{URL}?per_page=100")


def test_every_filter_together_stays_within_the_queries(client, django_assert_max_num_queries):
    PartyFactory(slug="p")
    AreaFactory(slug="a")
    AgreementFactory(parties=[PartyFactory(slug="q", country="AZ")])
    query = (
        "q=x&status=signed&kind=mou&legal_nature=not_assessed&area=a&country=AZ&party=q&signed_from=2000&signed_to=2020"
        "&certainty=certain&verification=unverified&has_document=false&expires_within=90&as_of=2024-01-01&sort=relevance"
    )

    with django_assert_max_num_queries(13 + COLUMNS):
        assert client.get(f"{URL}?{query}").context["selection"].is_valid


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("q=&as_of=&country=UZ&signed_from=&sort=-signed&per_page=25", "/agreements/?country=UZ"),
        ("q=&status=", "/agreements/"),
    ],
)
def test_form_leads_to_the_short_address_of_what_it_selects(client, sent, address):
    assert client.get(f"{URL}?{sent}")["Location"] == address


@pytest.mark.parametrize("sent", ["q=&status=nonsense", "q=&sattus=signed"])
def test_query_with_something_to_explain_is_shown_where_it_is(get, sent):
    AgreementFactory()

    assert get(sent).context["selection"]


def test_empty_list_says_which_filter_to_take_away_for_how_many(get):
    AgreementFactory(signed="2023", parties=[PartyFactory(country="UZ")])
    AgreementFactory(signed="2023", parties=[PartyFactory(country="UZ")])
    AgreementFactory(signed="2020", in_force="2020", parties=[PartyFactory(country="JP")])

    response = get("status=in_force&country=UZ&as_of=2026-01-01")
    ways = [(way.label, way.value, way.count) for way in response.context["selection"].ways_out]

    assert ways == [("Status", "In force", 2), ("Countries", "Uzbekistan", 1)]
    for way in response.context["selection"].ways_out:
        assert get(way.query).context["result_count"] == way.count
        assert f'href="/agreements/?{way.query.replace("&", "&amp;")}"' in response.content.decode()


def test_period_is_taken_away_as_a_whole(get):
    AgreementFactory(signed="2020")

    selection = get("signed_from=2022&signed_to=2023&certainty=certain").context["selection"]

    assert [(way.value, way.count, way.query) for way in selection.ways_out] == [
        ("2022 and 2023", 1, "")
    ]


def test_list_that_has_rows_or_is_refused_names_no_way_out(get):
    AgreementFactory()

    assert get("kind=mou").context["selection"].ways_out == []
    assert get("kind=nonsense").context["selection"].ways_out == []


def test_rows_lead_to_the_day_that_the_list_is_of(get):
    agreement = AgreementFactory()
    address = agreement.get_absolute_url()

    assert f'href="{address}?as_of=2024-05-01"' in get("as_of=2024-05-01").content.decode()
    assert f'href="{address}"' in get().content.decode()


def test_button_says_how_many_it_shows_and_list_leads_to_its_statistics(get):
    AgreementFactory(title="Care", kind="mou")
    AgreementFactory(kind="treaty")

    page = " ".join(get("kind=mou").content.decode().split())

    assert "Show 1 agreement </button>" in page
    assert 'href="/statistics/?kind=mou"' in page


@pytest.mark.parametrize(
    ("query", "lead", "heading"),
    [
        ("", "Azerbaijan – Japan Care ministry", "Parties"),
        ("country=AZ", "Japan Subject", "Partner of Azerbaijan"),
        ("country=JP", "Azerbaijan Care ministry", "Partner of Japan"),
        ("party=azerbaijan", "Japan Subject", "Partner of Azerbaijan"),
        ("country=AZ&country=JP", "Azerbaijan – Japan", "Parties"),
    ],
)
def test_row_leads_with_the_side_that_is_not_asked_for(shown, query, lead, heading):
    state = PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ", state=True)
    office = PartyFactory(name="Care ministry", parent=PartyFactory(name="Office", parent=state))
    japan = PartyFactory(name="Japan", country="JP", state=True)
    AgreementFactory(title="Agreement between A and B on subject", parties=[office, japan])

    page = shown(f"{URL}?{query}")

    assert lead in page
    assert heading in page


def test_row_of_many_parties_counts_them_and_names_the_first(shown):
    parties = [PartyFactory(name=f"State {n}", country="") for n in range(6)]
    AgreementFactory(parties=parties)

    assert "6 parties State 0, State 1, State 2, State 3 and 2 more" in shown(URL)


@pytest.mark.parametrize(
    ("query", "is_named"),
    [
        ("q=babayev", True),
        ("q=%D0%91%D0%B0%D0%B1%D0%B0%D0%B5%D0%B2", True),
        ("signatory=minister+babayev", True),
        ("signatory=sahil-babayev", True),
        ("q=care", False),
        ("signatory=sahil-babayev-2", None),
    ],
)
def test_row_names_the_signatory_that_was_searched_for(shown, query, is_named):
    person = Person.objects.create(name="Sahil Babayev", slug="sahil-babayev")
    agreement = AgreementFactory(title="Care accord")
    SignatoryFactory(agreement=agreement, name="S. Babayev", title="Minister", person=person)
    SignatoryFactory(agreement=agreement, name="Another")

    page = shown(f"{URL}?{query}")

    assert ("Care accord" in page) is (is_named is not None)
    assert ("signed by S. Babayev, Minister" in page) is bool(is_named)
    assert "signed by Another" not in page


@pytest.mark.parametrize(
    ("query", "heading", "chips"),
    [
        ("country=TR&party=azerbaijan", "with Türkiye and with Azerbaijan", ["and"]),
        ("country=TR&country=RS", "with Türkiye or Serbia", ["or"]),
        ("country=TR&country=RS&country_match=all", "with Türkiye and Serbia", ["and"]),
        ("country=TR&country_match=all&kind=mou", "(memorandum of understanding)", ["and"]),
    ],
)
def test_heading_and_chips_say_and_where_they_mean_it(get, query, heading, chips):
    azerbaijan = PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ")
    for code in ("TR", "RS"):
        AgreementFactory(parties=[azerbaijan, PartyFactory(country=code)])

    selection = get(query).context["selection"]

    assert heading in selection.words
    assert [chip.joint for chip in selection.chips[1:]] == chips


def test_match_without_values_is_no_part_of_the_address(client):
    PartyFactory(country="TR")

    assert client.get(f"{URL}?q=&country_match=all&area_match=all")["Location"] == URL
    sent = "q=&country=TR&country_match=all&area_match=any"
    assert client.get(f"{URL}?{sent}")["Location"] == f"{URL}?country=TR&country_match=all"


def test_match_is_chosen_at_the_head_of_its_facet(get):
    AgreementFactory(parties=[PartyFactory(country="TR")], areas=[AreaFactory()])

    page = get("country=TR&country_match=all").content.decode()

    assert page.count('name="country_match"') == 2
    assert re.search(r'value="all" id="id_country_match-all"\s+checked', page)
    two = get("country=TR&country=AZ").content.decode()
    assert re.search(r'value="any" id="id_country_match-any"\s+checked', two)
    assert "country_match" not in get("country=TR&country=-AZ").content.decode()
    refused = get("status=nonsense&country_match=all").content.decode()
    assert '<select name="country_match"' in refused


def test_every_value_can_be_left_out_by_a_box_that_says_so(get):
    AgreementFactory(parties=[PartyFactory(country="TR")])
    AgreementFactory(parties=[PartyFactory(country="AZ")])

    page = get("country=-AZ").content.decode()

    boxes = re.findall(
        r'value="-(..)" id="([^"]+)" aria-label="([^"]+)" title="[^"]+"( checked)?', page
    )
    assert boxes == [
        ("TR", "id_country--TR", "without Türkiye", ""),
        ("AZ", "id_country--AZ", "without Azerbaijan", " checked"),
    ]


def test_facets_draw_ten_choices_and_lead_to_all(get):
    for n in range(12):
        AgreementFactory(parties=[PartyFactory(slug=f"p{n:02}")], signed=str(2000 + n))

    page = get("kind=mou").content.decode()

    assert page.count('type="checkbox" name="party"') == 10
    assert 'href="/agreements/choices/party/?kind=mou"' in page
    assert "All 12 parties…" in page
    assert page.count('<li><a href="/agreements/?kind=mou&amp;signed_from=') == 10
    assert "All 12 years…" in page


def test_facet_that_is_open_stays_open_with_what_is_sought(client):
    for n in range(12):
        AgreementFactory(parties=[PartyFactory(slug=f"p{n:02}", name=f"P{n:02}")])
    query = "kind=mou&open=party&find=p1&open=nothing&find=&open=country"

    response = client.get(f"{URL}?{query}", headers={"HX-Request": "true"})

    page = response.content.decode()
    assert re.findall(r'type="checkbox" name="party" value="([^"]+)"', page) == ["p10", "p11"]
    assert 'id="find-party"' in page
    assert "was not used" not in page
    assert response["HX-Push-Url"] == f"{URL}?kind=mou"


def test_search_for_no_word_is_told_so(get):
    AgreementFactory()

    assert "There are no words to search for" in get("q=%22").content.decode()


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"term_kind": "fixed", "expires_stated": "2027-06"}, "June 2027"),
        ({"term_kind": "fixed", "expires_stated": "2027-06", "terminated": "2026"}, "2026"),
        ({"expires_stated": "2027-06", "terminated": "2028"}, "June 2027"),
        ({"term_kind": "indefinite"}, "no set end"),
        ({"term_kind": "automatic_renewal", "term_months": 12}, "renews automatically"),
        ({}, "not known"),
        ({"stage": "proposed", "expires_stated": "2027"}, "–"),
    ],
)
def test_the_column_of_ends_says_which_comes_first_or_why_there_is_none(get, facts, shown):
    AgreementFactory(**facts)

    page = get().content.decode()

    cell = re.search(
        r'<td role="cell" class="cell-signed cell-ends"[^>]*>(.*?)</td>', page, re.DOTALL
    )
    assert " ".join(re.sub(r"<[^>]+>", "", cell[1]).split()) == shown
