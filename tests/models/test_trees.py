"""Bodies under states, areas under other areas: descendants, ancestors, and what a row may not be part of."""

import pytest
from django.core.exceptions import ValidationError

from agreements.models import Area, Party
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db


def test_at_or_below_takes_every_depth_in_one_query(django_assert_num_queries):
    top = AreaFactory(slug="top")
    middle = AreaFactory(slug="middle", parent=top)
    AreaFactory(slug="bottom", parent=middle)
    AreaFactory(slug="other")

    with django_assert_num_queries(1):
        found = list(
            Area.objects.at_or_below(["top"]).order_by("slug").values_list("slug", flat=True)
        )

    assert found == ["bottom", "middle", "top"]
    assert list(Area.objects.at_or_below([])) == []
    assert list(Area.objects.at_or_below(["unknown"])) == []


def test_a_loop_in_the_data_does_not_hang_the_walk():
    first, second = PartyFactory(slug="first"), PartyFactory(slug="second")
    Party.objects.filter(pk=first.pk).update(parent=second)
    Party.objects.filter(pk=second.pk).update(parent=first)

    assert Party.objects.at_or_below(["first"]).count() == 2
    assert len(Party.objects.get(pk=first.pk).ancestors()) < 50


def test_row_cannot_lie_under_itself_at_any_depth():
    top = PartyFactory(name="Top")
    below = PartyFactory(parent=PartyFactory(parent=top))
    top.parent = below

    with pytest.raises(ValidationError, match="Top cannot be part of itself"):
        top.full_clean()


def test_ancestors_are_listed_outermost_first():
    state = PartyFactory()
    ministry = PartyFactory(parent=state)
    agency = PartyFactory(parent=ministry)

    assert agency.ancestors() == [state, ministry]


def test_body_takes_the_country_of_its_state():
    state = PartyFactory(country="AZ")

    assert PartyFactory(parent=state).country == "AZ"
    assert PartyFactory(parent=state, country="GE").country == "GE"


def test_country_given_later_is_handed_down():
    state = PartyFactory()
    ministry = PartyFactory(parent=state)
    agency = PartyFactory(parent=ministry)

    state.country = "AZ"
    state.save()

    ministry.refresh_from_db()
    agency.refresh_from_db()
    assert (ministry.country, agency.country) == ("AZ", "AZ")


def test_public_parties_are_those_of_published_agreements_and_what_they_belong_to():
    state = PartyFactory(slug="state")
    ministry = PartyFactory(slug="ministry", parent=state)
    PartyFactory(slug="idle", parent=state)
    AgreementFactory(parties=[ministry])
    AgreementFactory(parties=[PartyFactory(slug="secret")], draft=True)

    public = Party.objects.in_public().values_list("slug", flat=True)

    assert sorted(public) == ["ministry", "state"]


def test_party_is_found_by_any_spelling():
    ministry = PartyFactory(name="Ministry of Labour")
    ministry.names.create(name="Əmək Nazirliyi", kind="translation", language="az")

    assert list(Party.objects.named("Nazirliyi")) == [ministry]
    assert list(Party.objects.named("labour")) == [ministry]
    assert list(Party.objects.named("health")) == []
