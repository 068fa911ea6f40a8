"""The map: every country with agreements is on it or listed beside it, with the count and the link of the table."""

import re

import pytest
from django_countries import countries

from agreements.statistics.world import world
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db


def page(client, query=""):
    return client.get(f"/map/?{query}").content.decode()


def drawn(shown):
    picture = shown.partition('<svg class="map"')[2].partition("</svg>")[0]
    return dict(re.findall(r'<a href="([^"]*)" aria-label="([^"]*)"', picture))


def test_countries_are_drawn_with_their_counts_and_links(client):
    for codes in (["AZ", "TR"], ["AZ", "MT"]):
        AgreementFactory(parties=[PartyFactory(country=code) for code in codes])

    shown = page(client)

    assert drawn(shown) == {
        "/agreements/?country=AZ": "Azerbaijan: 2",
        "/agreements/?country=TR": "Türkiye: 1",
        "/agreements/?country=MT": "Malta: 1",
    }
    # too small to be hit without its dot
    assert shown.count("<circle") == 1
    assert shown.count('class="map-6"') == 1
    assert shown.count("<h1") == 1


def test_what_has_no_place_is_listed(client):
    AgreementFactory(
        parties=[
            PartyFactory(country="SUHH"),
            PartyFactory(country="EU"),
            PartyFactory(country="FR"),
        ]
    )

    listed = page(client).partition("Not on the map:")[2].partition("</p>")[0]

    assert "country=SUHH" in listed
    assert "country=EU" in listed
    assert "country=FR" not in listed


def test_partners_are_asked_for_together(client):
    AgreementFactory(parties=[PartyFactory(country="UZ"), PartyFactory(country="JP")])

    links = drawn(page(client, "country=UZ"))

    assert links["/agreements/?country=JP&amp;country=UZ&amp;country_match=all"] == "Japan: 1"


@pytest.mark.parametrize("query", ["", "status=in_force", "status=x", "colour=red"])
def test_page_is_whole_whatever_is_asked(client, query):
    AgreementFactory(draft=True, parties=[PartyFactory(country="AZ")])

    shown = page(client, query)

    assert "Azerbaijan" not in shown
    assert '<svg class="map"' not in shown
    assert shown.count("<h1") == 1


def test_shapes_lie_within_the_picture_and_have_known_codes():
    known = dict(countries)

    assert len(world().shapes) > 230
    assert world().shapes.keys() <= known.keys()
    for shape in world().shapes.values():
        assert re.fullmatch(r"(M\d+ \d+(l-?\d+ -?\d+)*z)+", shape.path)
        if shape.dot:
            assert 0 <= shape.dot[0] <= world().width
            assert 0 <= shape.dot[1] <= world().height
