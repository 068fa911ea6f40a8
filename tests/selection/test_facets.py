"""Which choices facets offer, in which order and how many; `test_engine` checks their counts."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.models import Area, Party
from agreements.selection.facets import Facet
from agreements.selection.selection import Selection
from tests.factories import AgreementFactory, AreaFactory, PartyFactory, PartyNameFactory
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


def facet_of(query: str, parameter: str) -> Facet:
    (facet,) = (facet for facet in select(query).facets if facet.parameter == parameter)
    return facet


def drawn(query: str, parameter: str) -> list[str]:
    return [choice.value for choice in facet_of(query, parameter).drawn]


def test_long_facet_draws_ten_and_the_used_are_always_among_them():
    for n in range(30):
        AgreementFactory(parties=[PartyFactory(slug=f"p{n:02}", name=f"P{n:02}")])

    assert drawn("", "party") == [f"p{n:02}" for n in range(10)]
    assert drawn("party=p29", "party") == [*(f"p{n:02}" for n in range(9)), "p29"]
    assert "p29" in drawn("party=-p29", "party")
    everyone = "&".join(f"party=p{n:02}" for n in range(12))
    assert len(drawn(everyone, "party")) == 12
    facet = facet_of("", "party")
    assert (facet.total, facet.is_cut, facet.all_in_words) == (30, True, "All 30 parties…")


def test_party_without_agreements_is_drawn_while_it_is_chosen():
    AgreementFactory(parties=[PartyFactory(slug=f"p{n:02}", name=f"P{n:02}") for n in range(30)])
    AgreementFactory(parties=[PartyFactory(slug="other")], kind="treaty")

    facet = facet_of("party=other&kind=mou", "party")

    assert [(choice.value, choice.count) for choice in facet.drawn][-1] == ("other", 0)
    assert len(facet.drawn) == 10
    assert [choice.value for choice in facet.choices.used] == ["other"]


def test_parties_are_listed_by_number_and_then_by_name_in_any_part():
    parties = [PartyFactory(name=name) for name in ("Ċ", "Bb", "ƏA", "Dd", "aa", "Ff", "Gg")]
    AgreementFactory(parties=parties)
    AgreementFactory(parties=parties[3:6])
    AgreementFactory(parties=parties[5:6])
    choices = facet_of("", "party").choices

    labels = [choice.label for choice in choices]

    assert labels == ["Ff", "aa", "Dd", "Bb", "Ċ", "ƏA", "Gg"]
    for start in range(8):
        for stop in range(8):
            assert [choice.label for choice in choices[start:stop]] == labels[start:stop]
    assert choices[2].label == "Dd"


def test_part_of_the_parties_is_read_with_one_query(django_assert_num_queries):
    AgreementFactory(parties=[PartyFactory() for _n in range(40)])
    choices = facet_of("", "party").choices

    with django_assert_num_queries(1):
        assert len(choices[20:30]) == 10


@pytest.mark.parametrize(
    ("parameter", "typed", "found"),
    [
        ("country", "belgium", ["BE"]),
        ("country", "turkiye", ["TR"]),
        ("country", "турция", ["TR"]),
        ("country", "cote", ["CI"]),
        ("country", "ivoire cote", ["CI"]),
        ("country", "atlantis", []),
        ("country", "\"'?%_", []),
        ("country", "zq\0" * 500, []),
        ("party", "celik", ["celik"]),
        ("party", "OFFICE steel", ["celik"]),
        ("party", "çelik atlantis", []),
        ("party", "%", []),
        ("area", "rehabilitasiya", ["below"]),
        ("status", "Force", ["in_force"]),
        ("signed_year", "200", ["2001"]),
    ],
)
def test_all_choices_are_searched_in_any_spelling(parameter, typed, found):
    celik = PartyFactory(name="Çelik", slug="celik", country="")
    PartyNameFactory(party=celik, name="Steel Office")
    top = AreaFactory(name="Sosial", slug="top")
    below = AreaFactory(name="Reabilitasiya rehabilitasiyası", slug="below", parent=top)
    countries = [PartyFactory(country=code) for code in ("BE", "TR", "CI", "AZ")]
    AgreementFactory(parties=[celik, *countries], areas=[below], signed="2001")

    choices = facet_of("", parameter).choices.found(typed)

    assert [choice.value for choice in choices] == found


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


def test_ten_areas_are_drawn_with_whatever_they_are_under():
    for n in range(12):
        branch = AreaFactory(slug=f"t{n:02}", position=n)
        below = AreaFactory(slug=f"b{n:02}", parent=branch)
        AgreementFactory(areas=[below])

    assert drawn("", "area") == [f"{kind}{n:02}" for n in range(5) for kind in "tb"]
    assert drawn("area=b11", "area")[-2:] == ["t11", "b11"]
    assert len(drawn("area=b11", "area")) == 10


def test_agreement_of_two_bodies_counts_once_for_their_state():
    state = PartyFactory(slug="state", country="AZ")
    AgreementFactory(parties=[PartyFactory(parent=state), PartyFactory(parent=state)])

    assert counts(select(""), "party")["state"] == 1
    assert counts(select(""), "country") == {"AZ": 1}
    assert Party.objects.count() == 3


def test_number_of_queries_does_not_depend_on_the_rows(django_assert_num_queries):
    AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()], signed="2020")
    with django_assert_num_queries(2 + COLUMNS):
        assert all(facet.drawn for facet in select("").facets if facet.total)

    for n in range(40):
        AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()], signed=str(1990 + n))

    with django_assert_num_queries(2 + COLUMNS):
        assert all(facet.drawn for facet in select("").facets if facet.total)
