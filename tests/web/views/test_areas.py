"""The pages of the cooperation areas: the whole tree, with the published agreements on each."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.models import Area
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.registers import COLUMNS
from tests.web.views.conftest import Shown

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def field() -> Area:
    """Social protection with two sub-areas, one of them without agreements."""
    field = AreaFactory(name="Social protection", slug="social-protection")
    pensions = AreaFactory(name="Pensions", slug="pensions", parent=field)
    AreaFactory(name="Mediation", slug="mediation", parent=field, description="Of disputes.")
    AgreementFactory(title="On pensions", areas=[pensions])
    AgreementFactory(title="On both", areas=[field, pensions])
    AgreementFactory(title="On neither")
    AgreementFactory(title="Hidden", draft=True, areas=[pensions])
    return field


def test_list_works_with_nothing(shown: Shown) -> None:
    assert "No areas have been added yet." in shown("/areas/")


def test_list_shows_the_tree_with_its_counts(shown: Shown, field: Area) -> None:
    page = shown("/areas/")

    assert "Social protection 2 agreements Mediation none yet Of disputes. Pensions 2" in page
    assert "The areas of 1 published agreement are unknown." in page


def test_area_shows_what_is_under_it(shown: Shown, field: Area) -> None:
    page = shown("/areas/social-protection/")

    assert "Code in files and URLs: social-protection" in page
    assert "2 agreements, including those on its sub-areas." in page
    assert "On pensions" in page
    assert "On both" in page
    assert "Hidden" not in page


def test_area_without_agreements_is_public_too(shown: Shown, field: Area) -> None:
    page = shown("/areas/mediation/")

    assert "Cooperation areas Social protection Mediation Of disputes." in page
    assert "No published agreements yet." in page


def test_link_to_the_list_selects_the_same_agreements(client: Client, field: Area) -> None:
    response = client.get("/areas/social-protection/")

    assert 'href="/agreements/?area=social-protection"' in response.content.decode()
    listed = client.get("/agreements/?area=social-protection").context["agreements"]
    assert {a.ref for a in listed} == {a.ref for a in response.context["page_obj"]}


def test_unknown_area_is_not_found(client: Client) -> None:
    assert client.get("/areas/nothing/").status_code == 404


def test_queries_do_not_grow_with_the_rows(
    client: Client, field: Area, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    AgreementFactory(signed="1999", areas=[field], parties=[PartyFactory()])
    for _ in range(5):
        with django_assert_max_num_queries(1 + COLUMNS):
            client.get("/areas/")
        with django_assert_max_num_queries(14 + COLUMNS):
            client.get("/areas/social-protection/")
        sub_area = AreaFactory(parent=AreaFactory(parent=field))
        for year in range(2000, 2010):
            party = PartyFactory(parent=PartyFactory(state=True))
            AgreementFactory(signed=str(year), areas=[sub_area], parties=[party])


def test_area_shows_who_agrees_on_it(shown: Shown, client: Client, field: Area) -> None:
    states = [PartyFactory(state=True, slug=slug, name=slug.title()) for slug in ("az", "uz", "jp")]
    office = PartyFactory(parent=states[0], slug="office", name="Office")
    pensions = Area.objects.get(slug="pensions")
    AgreementFactory(areas=[pensions], parties=[office, states[1]])
    AgreementFactory(areas=[field], parties=states[:2])
    AgreementFactory(areas=[field], parties=states[2:], draft=True)
    AgreementFactory(parties=states[2:])

    page = shown("/areas/social-protection/")

    assert (
        "Parties with the most agreements Az 2 agreements Uz 2 agreements Office 1 agreement"
        in page
    )
    assert "Jp" not in page
    for slug, count in (("az", 2), ("office", 1)):
        link = f"area=social-protection&party={slug}"
        assert (
            link.replace("&", "&amp;") in client.get("/areas/social-protection/").content.decode()
        )
        assert len(client.get(f"/agreements/?{link}").context["agreements"]) == count


def test_area_draws_the_lives_of_its_agreements(shown: Shown, client: Client, field: Area) -> None:
    AgreementFactory(title="Long ago", signed="1999-01-01", terminated="2001", areas=[field])

    page = shown("/areas/social-protection/?signed_to=2005")

    words = "Agreements on social protection signed by 2005"
    assert page.count(words) >= 3
    assert f"{words}, from start to end." in page
    assert "Long ago Terminated signed 1 January 1999 · terminated 2001" in page
    assert (
        f"<title>{words}" in client.get("/areas/social-protection/?signed_to=2005").content.decode()
    )
    assert "<title>Social protection" in client.get("/areas/social-protection/").content.decode()
