"""For any query, the page, the file, the counts and the facets agree with plain Python code over each agreement.

This property keeps the column store, the database and the rules consistent. Add each new filter or order to `by_hand`
too; a test below fails until you do.
"""

from collections import Counter

import pytest
from hypothesis import example, given, settings

from agreements.models import Agreement
from agreements.models.querysets import SORTS
from agreements.selection.declarations import FILTERS
from agreements.selection.selection import Selection
from tests.registers import QUERIES, query_dict
from tests.selection.by_hand import TODAY, TRIED, Facts, in_order, selected, values

SIZE = 7


def test_every_declared_filter_is_tried_and_known_by_hand():
    assert TRIED.keys() == {each.name for each in FILTERS} - {"page", "per_page"}


@pytest.mark.django_db
@pytest.mark.usefixtures("varied_register")
def test_page_file_count_and_facets_are_those_found_by_hand():
    register = [Facts.of(agreement) for agreement in Agreement.objects.published()]

    @settings(max_examples=60)
    @given(query=QUERIES)
    @example(query={"q": "care", "sort": "relevance"})
    @example(query={"q": "care", "area": ["top"]})
    @example(query={"country": ["FR"], "through_organisation": "true", "as_of": "2012-01-01"})
    @example(query={"country": ["JP", "FR"], "through_organisation": "true"})
    @example(
        query={"country": ["JP", "FR"], "through_organisation": "true", "country_match": "all"}
    )
    @example(query={"country": ["AZ", "UZ"], "country_match": "all", "party": ["partner"]})
    @example(query={"area": ["top", "below"], "area_match": "all"})
    @example(query={"party": ["state", "partner"], "party_match": "all", "as_of": "2012-01-01"})
    @example(query={"signatory": "nigar-aliyeva"})
    @example(query={"signatory": "əliyev"})
    @example(query={"country": ["AZ", "UZ"], "no_other_parties": "true", "sort": "party"})
    @example(query={"party": ["partner"], "country": ["JP"], "no_other_parties": "true"})
    @example(query={"country": ["AZ"], "sort": "party"})
    @example(query={"area": ["top", "-below"], "sort": "party"})
    @example(query={"area": ["-below"], "country": ["-JP"], "status": ["-signed"]})
    @example(query={"status": ["-in_force"], "as_of": "2012-01-01"})
    @example(query={"subject": ["Postal"]})
    @example(query={"subject": ["-postal"], "unknown": ["signed", "-areas"]})
    @example(query={"basis": ["inferred"], "has_relation": "true"})
    @example(query={"has_commitment": "true"})
    @example(query={"place": "tashkent"})
    @example(query={"publisher": "trend"})
    @example(query={"publisher": "trend-daily"})
    def check(query):
        asked = query_dict(query)
        selection = Selection(asked, today=TODAY)
        if not selection.is_valid:
            assert (selection.facets, selection.count) == ([], 0)
            assert (list(selection.agreements), selection.listed[0:SIZE]) == ([], [])
            return
        day = selection.as_of
        found = in_order(selected(register, asked, day), asked, selection.sort, day)
        expected = [(facts.agreement.ref, facts.status(day)) for facts in found]

        starts = range(0, len(found) + SIZE, SIZE)
        pages = [row for start in starts for row in selection.listed[start : start + SIZE]]
        assert [(row.ref, row.status) for row in selection.agreements] == expected
        assert [(row.ref, row.status) for row in pages] == expected
        assert selection.count == len(found)
        for facet in selection.facets:
            rest = without_own(asked, facet.parameter)
            by_hand = Counter(
                value
                for facts in selected(register, rest, day, of_facet=facet.parameter)
                for value in values(facts, facet.parameter, day, rest)
            )
            counted = {choice.value: choice.count for choice in facet.choices if choice.value}
            assert {value: n for value, n in counted.items() if n} == by_hand, facet.parameter

    check()


def without_own(asked, facet):
    """Return the query without the facet's own choices, because its counts ignore them."""
    rest = asked.copy()
    is_exact = facet in ("party", "country") and asked.get("no_other_parties") == "true"
    for declared in FILTERS:
        # where all choices must apply, each is counted with the others; what is left out never counts
        is_for_all = is_exact or asked.get(f"{facet}_match") == "all"
        if declared.facet_name == facet and not is_for_all:
            given = rest.pop(declared.name, [])
            left_out = [value for value in given if value.startswith("-")]
            if left_out:
                rest.setlist(declared.name, left_out)
    return rest


@pytest.mark.django_db
@pytest.mark.usefixtures("varied_register")
@pytest.mark.parametrize("sort", SORTS)
def test_a_record_withdrawn_after_the_columns_were_read_is_in_no_page_and_no_file(sort):
    selection = Selection(query_dict({"has_document": "false", "sort": sort}), today=TODAY)
    before = selection.count

    Agreement.objects.filter(pk__in=selection.counts.keys()[:5]).update(publication="withdrawn")

    assert len(selection.agreements) == before - 5
    assert {row.publication for row in selection.listed[0:before]} == {"published"}
