"""All choices of a facet on a page of their own: found in any spelling, chosen and left out, one page at a time."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from agreements.models import PartyName
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.registers import COLUMNS

pytestmark = pytest.mark.django_db
URL = "/agreements/choices/"


@pytest.fixture
def get(client):
    def get(path: str, status: int = 200, **headers: str):
        response = client.get(URL + path, headers=headers)
        assert response.status_code == status
        return response

    return get


def offered(page: str, name: str) -> list[str]:
    """The values of the boxes of a facet, in order, without those that leave out."""
    values = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]*)"', page)
    return [value for value in values if not value.startswith("-")]


def sent_by(page: str) -> list[tuple[str, str]]:
    """What the form on the page sends if nothing in it is changed."""
    form = re.search(r'<form class="choices-form".*?</form>', page, re.DOTALL)[0]
    fields = re.findall(r"<input ([^>]*)>", form)
    sent = []
    for field in fields:
        facts = dict(re.findall(r'([a-z]+)="([^"]*)"', field))
        if facts["type"] in ("hidden", "search") or " checked" in field:
            sent.append((facts["name"], facts.get("value", "")))
    return sent


@pytest.mark.parametrize(
    "name",
    ["q", "as_of", "has_document", "sort", "page", "signed_from", "find", "show", "nothing",
     "country_match", "-country", "__class__", "COUNTRY", "a" * 5000],
)  # fmt: skip
def test_parameter_without_a_list_of_choices_is_not_found(get, name):
    get(f"{name}/", status=404)
    get(f"{name}/?show=list&status=nonsense", status=404)


@pytest.mark.parametrize("name", ["country%00", "..%2F..%2Fadmin", "%3Cscript%3E", "party'--"])
def test_hostile_parameter_is_not_found(get, name):
    get(f"{name}/", status=404)


@pytest.mark.parametrize("name", ["country", "party", "area", "kind", "status", "signed_year"])
def test_it_works_with_nothing(get, name):
    assert "<h1>" in get(f"{name}/").content.decode()


def test_every_choice_has_its_count_under_the_other_filters(get):
    for code in ("BE", "TR"):
        AgreementFactory(parties=[PartyFactory(country=code)], kind="treaty")
    AgreementFactory(parties=[PartyFactory(country="BE")], kind="treaty")
    AgreementFactory(parties=[PartyFactory(country="FR")], kind="mou")

    response = get("country/?kind=treaty")

    shown = {choice.value: choice.count for choice in response.context["found"].shown}
    assert shown == {"BE": 2, "TR": 1}
    assert 'href="/agreements/?kind=treaty"' in response.content.decode()


def test_drafts_are_neither_named_nor_counted(get):
    shown = PartyFactory(name="Shown", slug="shown", country="BE")
    hidden = PartyFactory(name="Hidden", slug="hidden", country="TR")
    PartyName.objects.create(party=hidden, name="Secret spelling")
    area = AreaFactory(slug="secret-area")
    AgreementFactory(parties=[shown])
    AgreementFactory(draft=True, parties=[shown, hidden], areas=[area], signed="1999")

    for name, only in [("party", ["shown"]), ("country", ["BE"]), ("area", [])]:
        for query in ("", "?find=s", "?find=secret", "?find=hidden"):
            page = get(f"{name}/{query}").content.decode()
            assert {*offered(page, name)} <= {*only}
            assert "Hidden" not in page
        assert [c.count for c in get(f"{name}/").context["found"].shown] == [1] * len(only)
    assert "1999" not in get("signed_year/").content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "%_*\\",
        "𓀀" * 50,
        "‮abc",
        "zq " * 66,
        '"unclosed',
        "½",
    ],
)
def test_hostile_text_is_searched_for_and_escaped(get, text):
    AgreementFactory(parties=[PartyFactory(country="BE", name="Body")])

    for name in ("party", "country"):
        page = get(f"{name}/?{urlencode({'find': text})}").content.decode()
        assert "<script>alert" not in page
        assert offered(page, name) == []
        assert "No choice has" in page


@pytest.mark.parametrize(
    ("text", "why"), [("x" * 201, "at most 200 characters"), ("a\0b", "Null characters")]
)
def test_text_that_is_refused_says_why_and_all_choices_stay(get, text, why):
    AgreementFactory(parties=[PartyFactory(country="BE")])

    page = get(f"country/?{urlencode({'find': text})}").content.decode()

    assert why in page
    assert offered(page, "country") == ["BE"]


def test_pages_are_bounded_and_what_is_chosen_elsewhere_is_kept(get, django_assert_num_queries):
    parties = [PartyFactory(slug=f"p{n:03}", name=f"P{n:03}") for n in range(205)]
    AgreementFactory(parties=[party for party in parties if party.slug != "p001"])
    AgreementFactory(parties=parties[1:2])

    with django_assert_num_queries(1 + COLUMNS):
        page = get("party/").content.decode()
    assert offered(page, "party") == [f"p{n:03}" for n in range(100)]
    assert "1–100 of 205" in " ".join(page.split())
    last = get("party/?page=3&party=p000&party=-p001").content.decode()
    assert offered(last, "party") == ["p000", "p001", *(f"p{n:03}" for n in range(201, 205))]
    assert {("party", "p000"), ("party", "-p001")} <= {*sent_by(last)}
    assert get("party/?page=999999").context["found"].page.number == 3


def test_form_passes_on_the_whole_selection(get):
    for code in ("BE", "TR", "FR"):
        AgreementFactory(parties=[PartyFactory(country=code)], signed="2020")
    query = (
        "country=BE&country=FR&country_match=all&kind=mou&q=Agreement&signed_from=2019&sort=title"
    )

    page = get(f"country/?{query}&find=tur").content.decode()

    assert sorted(sent_by(page)) == sorted([*parse_qsl(query), ("find", "tur")])
    assert offered(page, "country") == ["BE", "FR"]


def test_button_leads_to_the_agreements_with_the_values_added_and_removed(get):
    AgreementFactory(parties=[PartyFactory(country="BE"), PartyFactory(country="TR")])
    sent = "kind=mou&country=TR&country=-FR&find=turk&page=2&show=list"

    where = get(f"country/?{sent}", status=302)["Location"]

    assert urlsplit(where).path == "/agreements/"
    assert parse_qsl(urlsplit(where).query) == [
        ("country", "-FR"), ("country", "TR"), ("kind", "mou"),
    ]  # fmt: skip
    assert get("country/?show=list&find=", status=302)["Location"] == "/agreements/"


def test_bad_value_is_named_and_nothing_is_offered(get):
    AgreementFactory(parties=[PartyFactory(country="BE")])

    page = get("country/?kind=nonsense").content.decode()

    assert "“nonsense” is not a known value" in page
    assert offered(page, "country") == []
    assert get("country/?kind=nonsense&show=list", status=302)["Location"] == (
        "/agreements/?kind=nonsense"
    )


def test_unknown_parameter_is_reported(get):
    assert "Did you mean “status”?" in get("country/?sattus=signed").content.decode()


def test_years_lead_to_the_selection_narrowed_to_one(get):
    AgreementFactory(signed="2020")
    AgreementFactory(signed="1998")

    page = get("signed_year/?kind=mou&signed_from=2020&signed_to=2020").content.decode()

    assert 'href="/agreements/?kind=mou&amp;signed_from=1998&amp;signed_to=1998"' in page
    assert 'signed_to=2020" aria-current="true"' in page


def test_switch_between_any_and_all_is_there_for_two_values(get):
    for code in ("BE", "TR"):
        AgreementFactory(parties=[PartyFactory(country=code)])

    assert "country_match" not in get("country/?country=BE").content.decode()
    assert get("country/?country=BE&country=TR").content.decode().count("country_match") > 1


def test_htmx_gets_the_facet_alone(get):
    AgreementFactory(parties=[PartyFactory(country="BE")])

    response = get("country/?find=bel", HX_Request="true")
    part = response.content.decode()

    assert part.strip().startswith('<div class="facet" id="facet-country">')
    assert 'name="open" value="country"' in part
    assert offered(part, "country") == ["BE"]
    assert "HX-Request" in response["Vary"]


def test_facet_within_the_list_is_bounded_and_leads_to_the_page(get):
    AgreementFactory(parties=[PartyFactory() for _n in range(120)])

    part = " ".join(get("party/?kind=mou", HX_Request="true").content.decode().split())

    assert len(offered(part, "party")) == 100
    assert "Search for the other 20." in part
    assert '<a href="/agreements/choices/party/?kind=mou">See all on a page' in part


def test_every_facet_that_can_be_cut_has_its_page(client):
    for n in range(12):
        AgreementFactory(
            parties=[PartyFactory(country=code) for code in ("BE", "TR")],
            areas=[AreaFactory()],
            subject=f"Subject {n}",
            signed=str(2000 + n),
        )

    page = client.get("/agreements/").content.decode()

    links = set(re.findall(r'href="(/agreements/choices/[^"]*)"', page))
    assert {f"{URL}{name}/" for name in ("party", "area", "subject", "signed_year")} <= links
    for link in links:
        assert client.get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_answers_are_cached_as_those_of_the_list(client):
    AgreementFactory(parties=[PartyFactory(country="BE")])
    listed, response = client.get("/agreements/"), client.get(f"{URL}country/")

    assert response["Cache-Control"] == listed["Cache-Control"]
    assert response["Vary"] == listed["Vary"]
    again = client.get(f"{URL}country/", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    AgreementFactory(parties=[PartyFactory(country="TR")])
    assert client.get(f"{URL}country/")["ETag"] != response["ETag"]
