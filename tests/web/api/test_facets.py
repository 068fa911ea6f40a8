"""The facets in the API: the counts of the page, for any selection, and nothing of drafts."""

import pytest

from agreements.web.api.serializers import FacetsSerializer
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.registers import COLUMNS
from tests.web.api.answers import assert_described

pytestmark = pytest.mark.django_db
URL = "/api/v1/facets/"


def facets(client, query=""):
    body = client.get(f"{URL}?{query}").json()
    assert_described(body, FacetsSerializer())
    return {facet["parameter"]: facet for facet in body["facets"]}


def counts(facet):
    return {choice["value"]: choice["count"] for choice in facet["choices"] if choice["count"]}


def test_counts_are_those_of_the_selection_with_each_choice(client):
    turkey, uzbekistan = (PartyFactory(country=code) for code in ("TR", "UZ"))
    AgreementFactory(parties=[turkey, uzbekistan], kind="treaty")
    AgreementFactory(parties=[turkey])
    AgreementFactory(parties=[uzbekistan], areas=[AreaFactory(slug="care")])

    found = facets(client, "country=TR")

    assert counts(found["country"]) == {"TR": 2, "UZ": 2}
    assert counts(found["kind"]) == {"treaty": 1, "mou": 1}
    assert counts(found["area"]) == {}
    assert [c["value"] for c in found["country"]["choices"] if c["is_chosen"]] == ["TR"]
    for value, count in counts(found["kind"]).items():
        asked = {"country": "TR", "kind": value}
        assert client.get("/api/v1/agreements/", asked).json()["count"] == count


def test_some_facets_and_some_choices_of_each(client):
    AgreementFactory(parties=[PartyFactory(name=f"P{n}", slug=f"p{n}") for n in range(5)])

    found = facets(client, "facet=party,kind&most=2")

    assert list(found) == ["party", "kind"]
    assert (found["party"]["total"], counts(found["party"])) == (5, {"p0": 1, "p1": 1})


def test_nothing_of_drafts(client):
    AgreementFactory(draft=True, parties=[PartyFactory(name="Secret", slug="secret")])

    assert "secret" not in client.get(URL).content.decode().casefold()


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("facet=party,colour", "facet"),
        ("most=0", "most"),
        ("most=1001", "most"),
        ("status=x", "status"),
        ("fields=ref", "fields"),
        ("cursor=x", "cursor"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(client, query, parameter):
    response = client.get(f"{URL}?{query}")

    assert response.status_code == 400
    assert [each["parameter"] for each in response.json()["problems"]] == [parameter]


def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_max_num_queries):
    for _n in range(30):
        AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory(parent=AreaFactory())])

    with django_assert_max_num_queries(3 + COLUMNS):
        client.get(URL, {"most": 1000})
