"""The agreements of a party or an area with everything below it: each agreement counts once, drafts never."""

import pytest
from pytest_django import DjangoAssertNumQueries

from agreements.models import Area, Party
from agreements.statistics.portfolios import grown, published
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db


def test_a_state_counts_the_agreements_of_its_bodies() -> None:
    state = PartyFactory(state=True)
    ministry = PartyFactory(parent=state)
    office = PartyFactory(parent=ministry)
    AgreementFactory(parties=[office])
    AgreementFactory(parties=[state])

    assert published().by_party() == {state.pk: 2, ministry.pk: 1, office.pk: 1}


def test_an_agreement_of_two_bodies_counts_once_for_their_state() -> None:
    state = PartyFactory(state=True)
    AgreementFactory(parties=[PartyFactory(parent=state), PartyFactory(parent=state), state])

    assert published().by_party()[state.pk] == 1


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_unpublished_agreements_count_nowhere(publication: str) -> None:
    area = AreaFactory()
    AgreementFactory(publication=publication, parties=[PartyFactory()], areas=[area])

    assert published().by_party() == {}
    assert published().by_area() == {}
    assert not Party.objects.in_public().exists()


def test_a_party_is_public_through_its_body_and_not_through_its_parent() -> None:
    state = PartyFactory(state=True)
    ministry, other = PartyFactory(parent=state), PartyFactory(parent=state)
    AgreementFactory(parties=[ministry])

    assert set(Party.objects.in_public()) == {state, ministry}
    assert other not in Party.objects.in_public()


def test_an_area_counts_the_agreements_on_its_sub_areas_once() -> None:
    field = AreaFactory()
    sub_areas = [AreaFactory(parent=field), AreaFactory(parent=field)]
    AgreementFactory(areas=[field, *sub_areas])
    AgreementFactory(areas=sub_areas[:1])

    assert published().by_area() == {field.pk: 2, sub_areas[0].pk: 2, sub_areas[1].pk: 1}


def test_a_loop_in_the_tree_does_not_hang() -> None:
    first = PartyFactory()
    second = PartyFactory(parent=first)
    Party.objects.filter(pk=first.pk).update(parent=second)
    AgreementFactory(parties=[first])

    assert published().by_party() == {first.pk: 1, second.pk: 1}


def test_rows_grow_into_branches_in_their_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    labour = AreaFactory(name="Labour", position=2)
    health = AreaFactory(name="Health", position=1)
    safety = AreaFactory(name="Safety", parent=labour)
    rows = list(Area.objects.all())

    with django_assert_num_queries(0):
        branches = grown(rows, {safety.pk: 3})

    assert [branch.row for branch in branches] == [health, labour]
    assert [(branch.row, branch.count) for branch in branches[1].below] == [(safety, 3)]


def test_a_row_whose_parent_is_missing_stands_at_the_top() -> None:
    body = PartyFactory(parent=PartyFactory(state=True))

    assert [branch.row for branch in grown([body], {})] == [body]
