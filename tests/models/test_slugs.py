"""Former slugs: stored in the same transaction, and free for any other row to take."""

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Area, FormerAreaSlug, FormerPartySlug, Party
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db


def rename(row, slug: str, **saving) -> None:
    row.slug = slug
    row.save(**saving)


def remembered(row) -> list[str]:
    return sorted(row.former_slugs.values_list("slug", flat=True))


@pytest.mark.parametrize("factory", [PartyFactory, AreaFactory])
def test_each_slug_that_was_given_up_leads_to_the_present_one(factory):
    row = factory(slug="first")

    rename(row, "second")
    rename(type(row).objects.get(pk=row.pk), "third")

    assert remembered(row) == ["first", "second"]
    assert type(row).objects.renamed(["first", "second", "third", "none"]) == {
        "first": "third",
        "second": "third",
    }


def test_saving_something_else_remembers_nothing():
    party = PartyFactory(slug="same")

    party.name = "Another"
    party.save()
    party.slug = "not written"
    party.save(update_fields=["name"])

    assert remembered(party) == []
    assert Party.objects.get().slug == "same"


def test_slug_written_alone_is_remembered():
    party = PartyFactory(slug="old")

    rename(party, "new", update_fields=["slug"])

    assert remembered(party) == ["old"]


def test_stale_copy_of_a_row_gives_up_what_is_stored():
    party = PartyFactory(slug="first")
    stale = Party.objects.get()
    rename(party, "second")

    rename(stale, "third")

    assert remembered(party) == ["first", "second"]


def test_row_that_takes_its_old_slug_back_has_it_again():
    party = PartyFactory(slug="old")
    rename(party, "new")

    rename(party, "old")

    assert remembered(party) == ["new"]
    assert Party.objects.renamed(["new", "old"]) == {"new": "old"}


@pytest.mark.parametrize("by", ["a new row", "a renamed row"])
def test_row_that_takes_a_slug_has_it_for_itself(by):
    party = PartyFactory(slug="old")
    rename(party, "new")

    if by == "a new row":
        PartyFactory(slug="old")
    else:
        rename(PartyFactory(slug="other"), "old")

    assert "old" not in remembered(party)
    assert Party.objects.renamed(["old"]) == {}


def test_row_that_came_in_bulk_has_its_slug_too():
    rename(PartyFactory(slug="old"), "new")

    Party.objects.bulk_create([Party(slug="old", name="Another")])

    assert Party.objects.renamed(["old"]) == {}


def test_areas_and_parties_do_not_share_their_slugs():
    rename(PartyFactory(slug="old"), "new")

    assert Area.objects.renamed(["old"]) == {}
    assert not FormerAreaSlug.objects.exists()


def test_only_rows_that_were_asked_for_are_told_of():
    party = PartyFactory(slug="old")
    AgreementFactory(draft=True, parties=[party])
    rename(party, "new")

    assert Party.objects.in_public().renamed(["old"]) == {}


def test_nothing_is_remembered_of_a_change_that_failed():
    PartyFactory(slug="taken")
    party = PartyFactory(slug="old")

    with pytest.raises(IntegrityError), transaction.atomic():
        rename(party, "taken")

    assert not FormerPartySlug.objects.exists()


def test_former_slugs_go_with_their_row():
    party = PartyFactory(slug="old")
    rename(party, "new")

    party.delete()

    assert not FormerPartySlug.objects.exists()


def test_what_it_costs(django_assert_num_queries):
    asked = ["old", "older"]
    with django_assert_num_queries(1):
        Party.objects.renamed(asked)
    rename(PartyFactory(slug="old"), "new")

    with django_assert_num_queries(2):
        Party.objects.renamed(asked)
