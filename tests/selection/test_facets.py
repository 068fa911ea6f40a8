"""Which choices facets offer, in which order and how many; `test_engine` checks their counts."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.models import Area, Party
from agreements.selection.selection import Selection
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.registers import COLUMNS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def select(query: str) -> Selection:
    return Selection(QueryDict(query), today=TODAY)


def counts(selection: Selection, parameter: str) -> dict[str, int]:
    (facet,) = (facet for facet in selection.facets if facet.parameter == parameter)
    return {choice.value: choice.count for choice in facet.choices if choice.value}


@pytest.mark.usefixtures("varied_register")
def test_choosing_a_choice_selects_as_many_as_it_promised():
    for facet in select("").facets:
        for choice in filter(lambda choice: choice.value, facet.choices):
            year = f"signed_from={choice.value}&signed_to={choice.value}"
            query = (
                year
                if facet.parameter == "signed_year"
                else urlencode({facet.parameter: choice.value})
            )
            found = select(query).agreements.count()
            # A date with an open end may lie in any later year, but is counted in the known year.
            assert (
                found >= choice.count if facet.parameter == "signed_year" else found == choice.count
            ), query


def test_drafts_count_nowhere():
    AgreementFactory(
        draft=True, parties=[PartyFactory(country="AZ")], areas=[AreaFactory()], signed="2020"
    )

    counted = [choice.count for facet in select("").facets for choice in facet.choices]

    assert set(counted) == {0}


def test_status_that_no_agreement_has_is_an_answer_and_is_offered():
    AgreementFactory(stage="concluded", signed="2020")

    of_today = [status for status in Status.values if status not in OF_PAST_DAYS]
    assert counts(select(""), "status") == dict.fromkeys(of_today, 0) | {"signed": 1}
    assert counts(select(""), "kind") == {"mou": 1}


def test_chosen_value_without_agreements_stays_visible():
    AreaFactory(slug="energy")
    AgreementFactory(parties=[PartyFactory(slug="body", country="AZ")], signed="2020")

    selection = select(
        "status=expired&area=energy&country=FR&kind=treaty&has_document=true&signed_from=1999&signed_to=1999"
    )

    for parameter, value in [
        ("status", "expired"), ("area", "energy"), ("country", "FR"), ("kind", "treaty"),
        ("has_document", "true"), ("signed_year", "1999"),
    ]:  # fmt: skip
        assert counts(selection, parameter)[value] == 0
        (facet,) = (facet for facet in selection.facets if facet.parameter == parameter)
        assert [choice.value for choice in facet.choices if choice.is_chosen] == [value]


@pytest.mark.usefixtures("varied_register")
def test_leaving_out_a_choice_leaves_the_others_and_their_counts():
    everything = select("").count
    for parameter, value in [
        ("area", "below"),
        ("country", "JP"),
        ("kind", "mou"),
        ("basis", "stated"),
    ]:
        without = select(f"{parameter}=-{value}")
        (facet,) = (facet for facet in without.facets if facet.parameter == parameter)

        assert without.count == everything - counts(select(""), parameter)[value]
        assert [choice.value for choice in facet.choices if choice.is_left_out] == [value]
        for choice in facet.choices:
            both = select(f"{parameter}=-{value}&{parameter}={choice.value}")
            assert both.count == choice.count


def test_long_facet_shows_ten_and_the_chosen_and_keeps_the_rest():
    for n in range(30):
        AgreementFactory(parties=[PartyFactory(slug=f"p{n:02}")])

    (facet,) = (facet for facet in select("party=p29").facets if facet.parameter == "party")

    assert len(facet.first) == 11
    assert "p29" in {choice.value for choice in facet.first}
    assert len(facet.first) + len(facet.rest) == len(facet.choices) == 30


def test_party_facet_is_bounded_and_says_how_many_are_beyond():
    agreement = AgreementFactory(parties=[PartyFactory() for _n in range(205)])

    (facet,) = (facet for facet in select("").facets if facet.parameter == "party")

    assert agreement.participations.count() == 205
    assert (len(facet.choices), facet.beyond) == (200, 5)


def test_areas_come_as_a_tree():
    top = AreaFactory(slug="top", position=1)
    AgreementFactory(
        areas=[AreaFactory(slug="below", parent=top), AreaFactory(slug="next", position=2)]
    )

    (facet,) = (facet for facet in select("").facets if facet.parameter == "area")

    assert [(choice.value, choice.depth, choice.count) for choice in facet.choices] == [
        ("top", 0, 1), ("below", 1, 1), ("next", 0, 1),
    ]  # fmt: skip
    assert Area.objects.count() == 3


def test_agreement_of_two_bodies_counts_once_for_their_state():
    state = PartyFactory(slug="state", country="AZ")
    AgreementFactory(parties=[PartyFactory(parent=state), PartyFactory(parent=state)])

    assert counts(select(""), "party")["state"] == 1
    assert counts(select(""), "country") == {"AZ": 1}
    assert Party.objects.count() == 3


def test_number_of_queries_does_not_depend_on_the_rows(django_assert_num_queries):
    AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()], signed="2020")
    with django_assert_num_queries(2 + COLUMNS):
        assert select("").facets

    for n in range(40):
        AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()], signed=str(1990 + n))

    with django_assert_num_queries(2 + COLUMNS):
        assert select("").facets
