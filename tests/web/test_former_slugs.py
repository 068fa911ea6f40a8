"""A filter with the former slug of a party or an area selects by the current slug, in every format."""

import pytest

from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    """A party, an area and a party known only from drafts, all of them renamed."""
    party, area, hidden = (
        PartyFactory(slug="old"),
        AreaFactory(slug="old"),
        PartyFactory(slug="shy"),
    )
    AgreementFactory(title="Sought", parties=[party], areas=[area])
    AgreementFactory(title="Other", parties=[PartyFactory(slug="third")], areas=[AreaFactory()])
    AgreementFactory(draft=True, parties=[hidden])
    for row in (party, area):
        row.slug, row.name = "new", "New name"
        row.save()
    hidden.slug = "shyer"
    hidden.save()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("parameter", ["party", "area"])
def test_page_selects_by_the_slug_of_today(client, parameter):
    page = client.get(f"/agreements/?{parameter}=old")

    selection = page.context["selection"]
    assert [agreement.title for agreement in page.context["agreements"]] == ["Sought"]
    assert selection.canonical_query == f"{parameter}=new"
    assert [chip.value for chip in selection.chips] == ["New name"]
    [facet] = [facet for facet in selection.facets if facet.parameter == parameter]
    assert [choice.value for choice in facet.choices if choice.is_chosen] == ["new"]


@pytest.mark.usefixtures("register")
def test_old_and_new_slug_together_are_one(client):
    page = client.get("/agreements/?party=old&party=new&party=third")

    assert page.context["selection"].canonical_query == "party=new&party=third"
    assert len(page.context["agreements"]) == 2


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("kind", ["parties", "areas"])
def test_old_address_leads_on_and_is_asked_again_each_time(client, kind):
    response = client.get(f"/{kind}/old/")

    assert (response.status_code, response["Location"]) == (301, f"/{kind}/new/")
    # a merge can be undone, so browsers must not remember the redirect
    assert response["Cache-Control"] == "no-cache"


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("address", ["/agreements.csv", "/agreements.json", "/api/v1/agreements/"])
def test_files_and_the_api_do_the_same(client, address):
    response = client.get(f"{address}?party=old&area=old")

    whole = b"".join(response) if response.streaming else response.content
    assert response.status_code == 200
    assert b"Sought" in whole
    assert b"Other" not in whole


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("slug", ["shy", "shyer", "older", "%00", "x" * 300])
def test_what_is_not_public_is_not_found_by_it(client, slug):
    page = client.get(f"/agreements/?party={slug}")

    [error] = page.context["selection"].errors
    assert error.message.startswith("There is no entry named")
    assert "shyer" not in error.message or slug == "shyer"
