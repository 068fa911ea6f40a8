"""Cooperation areas in the API: the whole tree as a flat list, with counts that include sub-areas."""

import pytest

from agreements.models import Area
from agreements.web.api.serializers import AreaPageSerializer, AreaSerializer
from tests.factories import AgreementFactory, AreaFactory
from tests.registers import COLUMNS
from tests.web.api.answers import assert_described, slugs

pytestmark = pytest.mark.django_db
URL = "/api/v1/areas/"


@pytest.fixture
def areas():
    social = AreaFactory(slug="social", name="Social protection", description="Of people.")
    pensions = AreaFactory(slug="pensions", name="Pensions", parent=social)
    AreaFactory(slug="energy", name="Energy")
    AgreementFactory(areas=[pensions])
    AgreementFactory(areas=[pensions, social])
    AgreementFactory(areas=[pensions], draft=True)


@pytest.mark.usefixtures("areas")
def test_list_holds_all_of_them(client):
    body = client.get(URL).json()

    assert_described(body, AreaPageSerializer())
    assert slugs(body) == ["energy", "pensions", "social"]
    assert [area["agreement_count"] for area in body["results"]] == [0, 2, 2]
    assert [area["parent"] for area in body["results"]] == [None, "social", None]


@pytest.mark.usefixtures("areas")
def test_one_area(client):
    area = client.get(f"{URL}social/").json()

    assert_described(area, AreaSerializer())
    assert area["description"] == "Of people."
    assert area["url"] == "http://127.0.0.1:8000/areas/social/"
    assert client.get(area["agreements"]).json()["count"] == 2


@pytest.mark.parametrize("query", ["page=2", "q=x", "per_page=1001", "cursor=x"])
def test_what_is_not_understood_is_refused_and_named(client, query):
    response = client.get(f"{URL}?{query}")

    assert response.status_code == 400
    assert response.json()["problems"][0]["parameter"] == query.partition("=")[0]


def test_unknown_area_does_not_exist(client):
    assert client.get(f"{URL}nowhere/").status_code == 404


@pytest.mark.usefixtures("areas")
def test_former_slug_leads_to_the_present_one(client):
    area = Area.objects.get(slug="social")
    area.slug = "social-protection"
    area.save()

    assert client.get(f"{URL}social/")["Location"].endswith("/api/v1/areas/social-protection/")


@pytest.mark.usefixtures("areas")
def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_num_queries):
    with django_assert_num_queries(3 + COLUMNS):
        client.get(URL)
    for _n in range(30):
        AgreementFactory(areas=[AreaFactory(parent=AreaFactory())])

    with django_assert_num_queries(3 + COLUMNS):
        client.get(URL, {"per_page": 100})
