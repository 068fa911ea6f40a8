"""Seeding the states: none is doubled, nothing that staff typed is overridden, and a second run changes nothing."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import DjangoAssertNumQueries

from agreements.curation.history.past import entries_of
from agreements.domain import states as source
from agreements.domain.choices import NameKind, PartyKind
from agreements.exchange import state_seeding
from agreements.exchange.seeding import Outcome, Result, seed
from agreements.exchange.state_seeding import seed_states
from agreements.models import Agreement, LikelyDuplicate, Party, PartyName, SeededRecord, Succession
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

NUMBER = len(source.states())
# Enough to try everything, and quicker than all.
FEW = ("AZ", "CD", "EU", "GE", "KP", "KR", "MM", "NR", "RU", "SUHH", "SZ", "TR", "XK")


def outcomes(results: list[Result]) -> Counter[Outcome]:
    return Counter(result.outcome for result in results)


def names_of(party: Party) -> set[str]:
    return set(party.names.values_list("name", flat=True))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release with only a few of the states."""
    some = {code: source.states()[code] for code in FEW}
    monkeypatch.setattr("agreements.exchange.state_seeding.states", lambda: some)


def written() -> list[object]:
    """Every value that seeding writes."""
    return [
        list(model._default_manager.order_by("pk").values())
        for model in (Party, PartyName, Succession, SeededRecord)
    ]


def change_source(monkeypatch: pytest.MonkeyPatch, code: str, name: str) -> None:
    """A later release knows another name of this state."""
    later = dict(state_seeding.states())
    row = source.StateName(name, NameKind.ALIAS, "en", "", "", "")
    later[code] = source.State(**{**vars(later[code]), "names": (*later[code].names, row)})
    text = source.stored_text
    module = "agreements.exchange.state_seeding"
    monkeypatch.setattr(f"{module}.states", lambda: later)
    monkeypatch.setattr(f"{module}.stored_text", lambda each: text(each) + name * (each == code))


def test_every_state_is_entered_with_its_names_and_successors() -> None:
    results = seed_states()

    assert outcomes(results) == {Outcome.CREATED: NUMBER}
    assert Party.objects.count() == NUMBER
    turkiye = Party.objects.get(country="TR")
    assert (turkiye.name, turkiye.slug, turkiye.kind) == ("Türkiye", "turkiye", PartyKind.STATE)
    turkey = turkiye.names.get(name="Turkey")
    assert (turkey.kind, str(turkey.used_until)) == (NameKind.FORMER, "2022-06-01")
    assert {"Türkiyə Respublikası", "Турция"} <= names_of(turkiye)
    assert Party.objects.get(country="HK").kind == PartyKind.OTHER
    assert Party.objects.get(country="EU").kind == PartyKind.INTERNATIONAL_ORGANISATION
    assert Party.objects.get(country="GB").short_name == "UK"
    former = Party.objects.get(country="CSHH").succeeded_by.all()
    assert {(str(row.successor), str(row.date)) for row in former} == {
        ("Czechia", "1993-01-01"),
        ("Slovakia", "1993-01-01"),
    }
    assert entries_of(Party, turkiye.pk)


@pytest.mark.usefixtures("few")
def test_second_run_costs_one_query_and_changes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seed_states()
    before = written()

    with django_assert_num_queries(1):
        results = seed_states()

    assert outcomes(results) == {Outcome.UNCHANGED: len(FEW)}
    assert written() == before


@pytest.mark.usefixtures("few")
def test_dry_run_writes_nothing() -> None:
    results = seed_states(dry_run=True)

    assert outcomes(results) == {Outcome.CREATED: len(FEW)}
    assert not Party.objects.exists()
    assert not SeededRecord.objects.exists()


@pytest.mark.usefixtures("few")
def test_state_that_staff_entered_keeps_what_they_typed_and_gets_the_names_it_lacks() -> None:
    ours = PartyFactory(
        name="Republic of Turkey", slug="tr", country="TR", state=True, short_name="TUR"
    )
    PartyNameFactory(party=ours, name="Турция", kind=NameKind.ALIAS, note="From the archive")
    AgreementFactory(title="Treaty of Kars", parties=[ours])

    results = seed_states()

    assert outcomes(results) == {Outcome.CREATED: len(FEW) - 1, Outcome.CHANGED: 1}
    ours.refresh_from_db()
    assert Party.objects.get(country="TR") == ours
    assert (ours.name, ours.slug, ours.short_name) == ("Republic of Turkey", "tr", "TUR")
    assert {"Türkiye", "Turkey", "Türkiyə"} <= names_of(ours)
    assert "Republic of Turkey" not in names_of(ours)
    assert ours.names.get(name="Турция").note == "From the archive"
    assert Agreement.objects.containing("Türkiyə").count() == 1
    assert outcomes(seed_states()) == {Outcome.UNCHANGED: len(FEW)}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("Kosovo", "other", "XK"),
        ("European Union", "international_organisation", "EU"),
        ("USSR", "state", "SUHH"),
        ("Burma", "state", "MM"),
    ],
)
def test_party_without_a_country_is_recognised_by_its_name(name: str, kind: str, code: str) -> None:
    ours = PartyFactory(name=name, slug="ours", kind=kind)

    seed_states()

    ours.refresh_from_db()
    assert (ours.name, ours.slug, ours.kind, str(ours.country)) == (name, "ours", kind, code)
    assert Party.objects.filter(country=code).count() == 1


@pytest.mark.usefixtures("few")
def test_name_of_several_states_is_taken_for_none_of_them() -> None:
    ours = PartyFactory(name="Korea", kind=PartyKind.STATE)

    seed_states()

    ours.refresh_from_db()
    assert not ours.country
    assert Party.objects.filter(country__in=["KR", "KP"]).count() == 2


@pytest.mark.usefixtures("few")
def test_body_with_the_name_of_a_state_is_not_taken_for_it() -> None:
    company = PartyFactory(name="Georgia", slug="georgia", kind=PartyKind.COMPANY)

    seed_states()

    company.refresh_from_db()
    assert not company.country
    assert Party.objects.get(country="GE").slug == "georgia-ge"


@pytest.mark.usefixtures("few")
def test_of_two_parties_for_one_state_the_better_named_is_completed() -> None:
    turkey = PartyFactory(name="Turkey", slug="turkey", country="TR", state=True)
    turkiye = PartyFactory(name="Türkiye", slug="turkiye-2", country="TR", state=True)

    seed_states()

    assert "Турция" in names_of(turkiye)
    assert "Turkey" not in names_of(turkiye)
    assert not names_of(turkey)


@pytest.mark.usefixtures("few")
def test_former_name_that_staff_entered_without_dates_gets_them() -> None:
    ours = PartyFactory(name="Eswatini", country="SZ", state=True)
    PartyNameFactory(party=ours, name="Swaziland", kind=NameKind.FORMER, note="Until 2018")

    seed_states()

    swaziland = ours.names.get(name="Swaziland")
    assert (str(swaziland.used_until), swaziland.note) == ("2018-04-19", "Until 2018")


@pytest.mark.usefixtures("few")
def test_what_staff_remove_stays_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    seed_states()
    Party.objects.get(country="NR").delete()
    Party.objects.get(country="TR").names.get(name="Turkey").delete()
    change_source(monkeypatch, "TR", "Anatolia")

    results = {result.record.key: result for result in seed_states()}

    assert not Party.objects.filter(country="NR").exists()
    assert results["TR"].outcome == Outcome.KEPT
    assert results["TR"].reason == "has been edited"
    assert not PartyName.objects.filter(name__in=["Turkey", "Anatolia"]).exists()


@pytest.mark.usefixtures("few")
def test_later_release_adds_names_to_states_that_nobody_has_edited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed_states()
    change_source(monkeypatch, "TR", "Anatolia")

    results = seed_states()

    assert outcomes(results) == {Outcome.CHANGED: 1, Outcome.UNCHANGED: len(FEW) - 1}
    assert PartyName.objects.get(name="Anatolia").party.country == "TR"


@pytest.mark.usefixtures("few")
def test_states_of_the_other_records_count_as_unedited_afterwards(project_root: Path) -> None:
    fixtures = [project_root / "fixtures" / name for name in ("areas.json", "azernews.json")]
    seed(fixtures)
    seed_states()

    again = seed(fixtures)

    assert {result.outcome for result in again} == {Outcome.UNCHANGED}
    assert outcomes(seed_states()) == {Outcome.UNCHANGED: len(FEW)}
    assert Party.objects.filter(country="AZ", kind=PartyKind.STATE).count() == 1


@pytest.mark.usefixtures("few")
@pytest.mark.django_db(transaction=True)
def test_two_servers_that_start_at_once_enter_each_state_once() -> None:
    results: list[Any] = run_at_once(seed_states, seed_states)

    assert sorted(outcomes(each)[Outcome.CREATED] for each in results) == [0, len(FEW)]
    assert Party.objects.count() == len(FEW)


@pytest.mark.usefixtures("few")
def test_states_without_agreements_are_not_in_public_and_are_no_duplicates() -> None:
    seed_states()

    assert not Party.objects.in_public().exists()
    call_command("find_duplicate_parties", verbosity=0)
    assert not LikelyDuplicate.objects.exists()
