"""Facet counts equal a count by hand, for any filters, and cost the same however many rows there are."""

from collections import Counter
from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given

from agreements.domain.choices import Status
from agreements.models import Agreement, Area, Document, Party
from agreements.selection.selection import Selection
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.properties import tried
from tests.registers import COLUMNS, QUERIES, query_dict

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def select(query: str | QueryDict) -> Selection:
    return Selection(QueryDict(query) if isinstance(query, str) else query, today=TODAY)


def counts(selection: Selection, parameter: str) -> dict[str, int]:
    (facet,) = (facet for facet in selection.facets if facet.parameter == parameter)
    return {choice.value: choice.count for choice in facet.choices if choice.value}


def values_by_hand(parameter: str, agreement: Agreement, day: date) -> set[str]:
    """Return the values of a facet that an agreement counts for, worked out row by row."""
    match parameter:
        case "status":
            return {agreement.standing(day).status.value}
        case "kind" | "legal_nature" | "verification":
            return {getattr(agreement, parameter)}
        case "has_document":
            documents = Document.objects.filter(agreement=agreement, is_public=True)
            return {"true" if documents.exists() else "false"}
        case "country":
            return {str(p.party.country) for p in agreement.participations.all() if p.party.country}
        case "area":
            return {
                above.slug for area in agreement.areas.all() for above in (area, *area.ancestors())
            }
        case "party":
            parties = [p.party for p in agreement.participations.all()]
            return {above.slug for party in parties for above in (party, *party.ancestors())}
        case "signed_year":
            return _years(agreement)
    raise AssertionError(parameter)


def _years(agreement: Agreement) -> set[str]:
    if agreement.signed is None:
        return set()
    first, last = agreement.signed_earliest.year, agreement.signed_latest.year
    if first == 1:
        return {str(last)}
    if last == 9999:
        return {str(first)}
    return {str(year) for year in range(first, last + 1)}


OWN = {"signed_year": ("signed_from", "signed_to", "certainty")}
FACETS = [
    "status",
    "area",
    "country",
    "party",
    "signed_year",
    "kind",
    "legal_nature",
    "verification",
    "has_document",
]


@pytest.mark.usefixtures("varied_register")
@tried(15)
@given(query=QUERIES)
def test_counts_equal_a_count_by_hand_for_any_filters(query):
    asked = query_dict(query)
    selection = select(asked)
    if not selection.is_valid:
        assert selection.facets == []
        return

    for parameter in FACETS:
        rest = asked.copy()
        for own in OWN.get(parameter, (parameter,)):
            rest.pop(own, None)
        by_hand = Counter(
            value
            for agreement in select(rest).agreements
            for value in values_by_hand(parameter, agreement, selection.as_of)
        )
        counted = counts(selection, parameter)
        assert {value: n for value, n in counted.items() if n} == dict(by_hand), parameter


@pytest.mark.usefixtures("varied_register")
def test_choosing_a_choice_selects_as_many_as_it_promised():
    for facet in select("").facets:
        for choice in filter(lambda choice: choice.value, facet.choices):
            year = f"signed_from={choice.value}&signed_to={choice.value}"
            query = (
                year if facet.parameter == "signed_year" else f"{facet.parameter}={choice.value}"
            )
            found = select(query).agreements.count()
            # An open date may lie in any later year, but is counted in the year that is known.
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

    assert counts(select(""), "status") == dict.fromkeys(Status.values, 0) | {"signed": 1}
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
