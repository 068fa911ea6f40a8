"""Parties in the API: only public ones, with counts that include their bodies, under current and former slugs."""

import pytest

from agreements.models import Party
from agreements.web.api.serializers import PartyPageSerializer, PartySerializer
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory
from tests.registers import COLUMNS
from tests.web.api.answers import assert_described, slugs

pytestmark = pytest.mark.django_db
URL = "/api/v1/parties/"


@pytest.fixture
def parties():
    """A state with a ministry that has signed twice, a partner, and a service that only a draft names."""
    state = PartyFactory(slug="az", name="Azerbaijan", country="AZ", state=True)
    ministry = PartyFactory(
        slug="labour", name="Ministry of Labour", parent=state, website="https://labour.example"
    )
    partner = PartyFactory(slug="un", name="United Nations", kind="international_organisation")
    PartyNameFactory(party=ministry, name="Əmək Nazirliyi", kind="translation", language="az")
    AgreementFactory(parties=[ministry, partner])
    AgreementFactory(parties=[ministry])
    AgreementFactory(parties=[PartyFactory(slug="secret", name="Secret Service")], draft=True)


@pytest.mark.usefixtures("parties")
def test_list_holds_the_parties_of_published_agreements(client):
    body = client.get(URL).json()

    assert_described(body, PartyPageSerializer())
    assert slugs(body) == ["az", "labour", "un"]
    assert body["count"] == 3


@pytest.mark.usefixtures("parties")
def test_one_party(client):
    party = client.get(f"{URL}labour/").json()

    assert_described(party, PartySerializer())
    assert party == {
        "slug": "labour",
        "name": "Ministry of Labour",
        "short_name": None,
        "kind": "ministry",
        "country": "AZ",
        "parent": "az",
        "website": "https://labour.example",
        "names": [
            {
                "name": "Əmək Nazirliyi",
                "kind": "translation",
                "language": "az",
                "used_from": None,
                "used_until": None,
                "note": None,
            }
        ],
        "predecessors": [],
        "successors": [],
        "agreement_count": 2,
        "agreements": "http://127.0.0.1:8000/api/v1/agreements/?party=labour",
        "url": "http://127.0.0.1:8000/parties/labour/",
    }


@pytest.mark.usefixtures("parties")
def test_agreements_of_bodies_count_for_their_state_and_are_listed_there(client):
    state = client.get(f"{URL}az/").json()

    assert state["agreement_count"] == 2
    assert client.get(state["agreements"]).json()["count"] == 2


@pytest.mark.usefixtures("parties")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=emek", ["labour"]),
        ("q=Nazirliyi", ["labour"]),
        ("q=minis", ["labour"]),
        ("country=AZ", ["az", "labour"]),
        ("kind=state&kind=international_organisation", ["az", "un"]),
        ("country=AZ&kind=state", ["az"]),
        ("q=&country=&utm_source=x", ["az", "labour", "un"]),
        ("q=secret", []),
    ],
)
def test_list_can_be_narrowed(client, query, found):
    assert slugs(client.get(f"{URL}?{query}").json()) == found


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("country=XX", "country"),
        ("kind=gang", "kind"),
        ("q=a&q=b", "q"),
        ("q=" + "x" * 201, "q"),
        ("q=%00", "q"),
        ("per_page=0", "per_page"),
        ("page=2", "page"),
        ("name=x", "name"),
        ("cursor=x", "cursor"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(client, query, parameter):
    response = client.get(f"{URL}?{query}")

    assert response.status_code == 400
    assert [problem["parameter"] for problem in response.json()["problems"]] == [parameter]


@pytest.mark.usefixtures("parties")
@pytest.mark.parametrize("slug", ["secret", "nobody", "x" * 300])
def test_what_is_not_public_does_not_exist(client, admin_client, slug):
    assert client.get(f"{URL}{slug}/").status_code == 404
    assert admin_client.get(f"{URL}{slug}/").status_code == 404


def test_one_party_takes_no_parameters(client):
    PartyFactory(slug="x")

    assert client.get(f"{URL}x/?status=signed").json()["problems"][0]["parameter"] == "status"


def test_pages_follow_one_another(client):
    AgreementFactory(parties=[PartyFactory(slug=f"p{n:02d}", name="Same") for n in range(60)])

    found, address = [], f"{URL}?country="
    while address:
        body = client.get(address).json()
        found, address = found + slugs(body), body["next"]

    assert found == [f"p{n:02d}" for n in range(60)]


@pytest.mark.usefixtures("parties")
def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_num_queries):
    with django_assert_num_queries(5 + COLUMNS):
        client.get(URL)
    for _n in range(60):
        party = PartyFactory(parent=PartyFactory(state=True))
        PartyNameFactory(party=party)
        AgreementFactory(parties=[party])

    with django_assert_num_queries(5 + COLUMNS):
        client.get(URL, {"per_page": 100})


@pytest.mark.usefixtures("parties")
def test_former_slug_leads_to_the_present_one(client):
    party = Party.objects.get(slug="labour")
    party.slug = "az-labour"
    party.save()

    response = client.get(f"{URL}labour/")

    assert response.status_code == 301
    assert response["Location"] == "http://127.0.0.1:8000/api/v1/parties/az-labour/"
