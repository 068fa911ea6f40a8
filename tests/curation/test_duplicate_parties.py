"""Parties that may be one body: which names count as alike, and which pairs are stored."""

from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

from agreements.curation import duplicate_parties
from agreements.curation.duplicate_parties import (
    Counts,
    dismiss,
    namesakes,
    pairs_of,
    refresh_country,
    refresh_parties,
    remove_pairs_across_countries,
)
from agreements.models import LikelyDuplicate, Party, PartyName
from tests.factories import PartyFactory, PartyNameFactory

pytestmark = pytest.mark.django_db
COUNTRIES = ("", "AZ", "GE", "KZ", "TR", "UZ")


def pairs() -> list[tuple[str, str]]:
    found = LikelyDuplicate.objects.order_by("first", "second").select_related("first", "second")
    return [(pair.first.name, pair.second.name) for pair in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ministry of Labour", "Ministry of Labour"),
        ("Ministry of Labour", "MINISTRY OF LABOR"),
        ("Ministry of Labour", "The Ministry for Labour"),
        ("Ministry of Labour", "Labour Ministry"),
        ("Ministry of Labour", "Ministry of Labour of the Republic of Azerbaijan"),
        ("Ministry of Health & Sport", "Ministry of Health and Sport"),
        ("Əmək Nazirliyi", "Emek Nazirliyi"),
        ("Министерство труда", "Ministerstvo truda"),
        ("State Tourism Agency", "State Tourism Agencyy"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    PartyFactory(name=one, country="AZ")
    PartyFactory(name=other, country="AZ")

    assert refresh_country("AZ") == Counts(created=1)
    assert pairs() == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ministry of Labour", "Ministry of Health"),
        ("Ministry of Agriculture", "Ministry of Culture"),
        ("Ministry of Foreign Affairs", "Ministry of Internal Affairs"),
        ("Ministry of Labour", "Ministry of Labour and Social Protection"),
        ("School No. 1", "School No. 2"),
        ("Azerbaijan", "Ministry of Labour"),
        ("漢字", "かな"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    PartyFactory(name=one, country="AZ")
    PartyFactory(name=other, country="AZ")

    refresh_country("AZ")

    assert pairs() == []


def test_ministries_of_two_countries_are_two() -> None:
    for country in ("AZ", "UZ", ""):
        PartyFactory(name="Ministry of Labour", country=country)

    for country in ("AZ", "UZ", ""):
        refresh_country(country)

    assert pairs() == []


def test_other_spellings_count() -> None:
    PartyNameFactory(party=PartyFactory(name="Work Bureau"), name="Ministry of Labour")
    PartyFactory(name="Labour Ministry")

    refresh_country("")

    assert pairs() == [("Work Bureau", "Labour Ministry")]


def test_body_and_what_it_is_part_of_are_no_pair() -> None:
    state = PartyFactory(name="Hamburg")
    PartyFactory(name="Hamburg", parent=state)

    refresh_country("")

    assert pairs() == []


def test_second_look_changes_nothing() -> None:
    for name in ("Ministry of Labour", "Ministry of Labor", "Labour Ministry"):
        PartyFactory(name=name)
    refresh_country("")
    before = list(LikelyDuplicate.objects.values_list())

    assert refresh_country("") == Counts(unchanged=3)
    assert list(LikelyDuplicate.objects.values_list()) == before


def test_dry_run_counts_and_writes_nothing() -> None:
    PartyFactory.create_batch(2, name="Ministry of Labour")

    assert refresh_country("", dry_run=True) == Counts(created=1)
    assert pairs() == []


def test_pair_that_is_alike_no_more_goes() -> None:
    one, other = PartyFactory.create_batch(2, name="Ministry of Labour")
    refresh_country("")
    other.name = "Ministry of Health"
    other.save()

    assert refresh_parties([other.pk]) == Counts(removed=1)
    assert not pairs_of(one).exists()


def test_pair_of_two_countries_by_now_goes() -> None:
    _one, other = PartyFactory.create_batch(2, name="Ministry of Labour")
    refresh_country("")
    Party.objects.filter(pk=other.pk).update(country="UZ")

    assert remove_pairs_across_countries() == Counts(removed=1)
    assert pairs() == []


def test_different_bodies_are_not_suggested_again() -> None:
    one, other = PartyFactory.create_batch(2, name="Ministry of Labour")
    refresh_country("")

    dismiss(other, one, by=None, at=timezone.now())
    refresh_country("")
    refresh_parties([one.pk])

    assert LikelyDuplicate.objects.get().is_dismissed
    assert not pairs_of(one).exists()


def test_two_that_were_never_suggested_can_be_told_apart() -> None:
    one, other = PartyFactory(), PartyFactory()

    dismiss(one, other, by=None, at=timezone.now())

    assert LikelyDuplicate.objects.get().is_dismissed


def test_one_party_is_compared_at_a_fixed_cost(django_assert_max_num_queries: Any) -> None:
    party = PartyFactory(name="Ministry of Labour")
    PartyFactory.create_batch(30, name="Ministry of Labor")

    with django_assert_max_num_queries(9):
        refresh_parties([party.pk])

    assert len(pairs()) == 5


def test_parties_of_many_countries_cost_no_more_than_those_of_one(
    django_assert_max_num_queries: Any,
) -> None:
    named = ("Ministry of Labour", "Ministry of Labor")
    stored = [PartyFactory(name=name, country=code) for code in COUNTRIES for name in named]

    with django_assert_max_num_queries(9):
        found = refresh_parties(party.pk for party in stored)

    assert found == Counts(created=len(COUNTRIES))
    assert {str(pair.first.country) for pair in LikelyDuplicate.objects.all()} == {*COUNTRIES}


def test_so_many_names_of_each_country_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicate_parties, "_MOST_COMPARED", 2)
    for name in ("Ministry of Labour", "Ministry of Health", "Ministry of Sport"):
        PartyFactory(name=name, country="AZ")
        PartyFactory(name=name, country="UZ")
    labour = PartyFactory(name="Ministry of Labor", country="UZ")
    sport = PartyFactory(name="Ministry of Sports", country="UZ")

    refresh_parties([labour.pk, sport.pk])

    assert pairs() == [("Ministry of Labour", "Ministry of Labor")]


def test_namesakes_are_of_its_country_or_of_none() -> None:
    party = PartyFactory(name="Ministry of Labour", country="AZ")
    same = PartyFactory(name="ministry of labour", country="AZ")
    unknown = PartyFactory(name="Ministry of Labour")
    spelled = PartyNameFactory(name="Ministry of Labour", party__country="AZ").party
    PartyFactory(name="Ministry of Labour", country="UZ")
    PartyFactory(name="Ministry of Labor", country="AZ")

    assert set(namesakes(party)) == {same, unknown, spelled}


def test_name_without_letters_has_no_namesakes() -> None:
    PartyFactory(name="—")

    assert not namesakes(PartyFactory(name="…")).exists()


# ------------------------------------------------------------------ the folded name


def folded(row: Any) -> str:
    return type(row).objects.get(pk=row.pk).folded_name


def test_folded_name_is_kept_at_every_save() -> None:
    party, name = PartyFactory(name="Əmək"), PartyNameFactory(name="Меҳнат")
    assert (folded(party), folded(name)) == ("emek", "mehnat")

    party.name, name.name = "Şəki", "Бакы"
    party.save(update_fields=["name"])
    name.save(update_fields=["name"])

    assert (folded(party), folded(name)) == ("seki", "baky")


def test_folded_name_of_rows_made_in_bulk() -> None:
    [party] = Party.objects.bulk_create([Party(name="Şəki", slug="seki")])
    [name] = PartyName.objects.bulk_create([PartyName(name="SEKI", party=party)])

    assert (folded(party), folded(name)) == ("seki", "seki")


@pytest.mark.parametrize("make", [PartyFactory, PartyNameFactory])
def test_fixture_need_not_say_the_folded_name(make: Any) -> None:
    row = make(name="Şəki")
    written = serializers.serialize("python", [row])
    del written[0]["fields"]["folded_name"]
    type(row).objects.update(folded_name="stale")

    for loaded in serializers.deserialize("python", written):
        loaded.save()

    assert folded(row) == "seki"


def test_longest_name_folds_into_its_column() -> None:
    assert len(folded(PartyFactory(name="ßßßß " * 51))) == 255
