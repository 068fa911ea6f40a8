"""The cost and the limits of a page of a selection; `tests/selection/test_engine.py` checks its content."""

from datetime import date

import pytest
from django.http import QueryDict

from agreements.selection.selection import Selection
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def select(query: str) -> Selection:
    return Selection(QueryDict(query), today=TODAY)


@pytest.mark.usefixtures("varied_register")
def test_a_search_shows_what_it_finds_in_titles_first():
    AgreementFactory(title="Nothing of the kind", summary="Care for all", signed="2026-01-01")

    found = select("q=care").listed[0:100]

    assert found[-1].title == "Nothing of the kind"


def test_beyond_the_end_there_is_nothing():
    AgreementFactory()

    assert select("").listed[25:50] == []
    assert select("kind=nonsense").listed[0:25] == []


def test_a_page_costs_the_same_wherever_it_is(django_assert_num_queries):
    for n in range(30):
        AgreementFactory(signed=str(1990 + n))
    selection = select("")
    assert selection.count == 30

    for start in (0, 10, 20):
        with django_assert_num_queries(3):
            assert len(selection.listed[start : start + 10]) == 10
