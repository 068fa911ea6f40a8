"""Every usual spelling of a state finds it: in imports, in the pickers of staff, and in the public search."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from agreements.exchange.importing.reconciling import PartyBook, Unknown
from agreements.exchange.importing.statements import Named
from agreements.exchange.state_seeding import seed_states
from agreements.models import Agreement, Party
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
CHOICES = reverse("admin:agreements_party_choices")
ASKED = {"app_label": "agreements", "model_name": "participation", "field_name": "party"}

# As people write them in three languages, with the code of the state; two codes if they must be asked which they mean.
SPELLINGS: list[tuple[str, set[str]]] = [
    ("USA", {"US"}),
    ("U.S.A.", {"US"}),
    ("US", {"US"}),
    ("United States", {"US"}),
    ("the United States of America", {"US"}),
    ("ABŞ", {"US"}),
    ("UK", {"GB"}),
    ("Great Britain", {"GB"}),
    ("Böyük Britaniya", {"GB"}),
    ("UAE", {"AE"}),
    ("KSA", {"SA"}),
    ("Ivory Coast", {"CI"}),
    ("Burma", {"MM"}),
    ("Zaire", {"CD"}),
    ("Republic of the Congo", {"CG"}),
    ("Holy See", {"VA"}),
    ("Vatican City", {"VA"}),
    ("Nauru", {"NR"}),
    ("Cape Verde", {"CV"}),
    ("Swaziland", {"SZ"}),
    ("Czech Republic", {"CZ"}),
    ("Macedonia", {"MK"}),
    ("FYROM", {"MK"}),
    ("State of Palestine", {"PS"}),
    ("Kosovo", {"XK"}),
    ("Hong Kong", {"HK"}),
    ("Viet Nam", {"VN"}),
    ("Lao PDR", {"LA"}),
    ("Korea, South", {"KR"}),
    ("South Korea", {"KR"}),
    ("Republic of Korea", {"KR"}),
    ("North Korea", {"KP"}),
    ("Allemagne", {"DE"}),
    ("Alemania", {"DE"}),
    ("Deutschland", {"DE"}),
    ("Turkey", {"TR"}),
    ("Türkiyə Respublikası", {"TR"}),
    ("Azərbaycan Respublikası", {"AZ"}),
    ("Азербайджан", {"AZ"}),
    ("Gürcüstan", {"GE"}),
    ("Грузия", {"GE"}),
    ("Rusiya", {"RU"}),
    ("Россия", {"RU"}),
    ("European Union", {"EU"}),
    ("Avropa İttifaqı", {"EU"}),
    ("Soviet Union", {"SUHH"}),
    ("СССР", {"SUHH"}),
    ("Czechoslovakia", {"CSHH"}),
    ("East Germany", {"DDDE"}),
    ("Yugoslavia", {"YUCS"}),
    ("Korea", {"KR", "KP"}),
    ("Congo", {"CG", "CD"}),
    ("Конго", {"CG", "CD"}),
]


@pytest.fixture(scope="module", autouse=True)
def states(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All states, once for this file; each test's own writes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed_states()
        yield
        transaction.set_rollback(True)


def meant(found: object) -> set[str]:
    """Return the codes of the states that an import takes a name for, or asks about."""
    keys = [key for key, _name in found.offered] if isinstance(found, Unknown) else [found]
    return {str(party.country) for party in Party.objects.filter(pk__in=keys)}


def test_import_recognises_each_spelling_or_asks_which_state_is_meant() -> None:
    for creates in (False, True):
        book = PartyBook(creates=creates)
        found = {spelling: book.find(Named(spelling)) for spelling, _codes in SPELLINGS}

        assert {spelling: meant(party) for spelling, party in found.items()} == dict(SPELLINGS)
        asked = {spelling for spelling, party in found.items() if isinstance(party, Unknown)}
        assert asked == {spelling for spelling, codes in SPELLINGS if len(codes) > 1}
        assert not book.made


def test_import_names_both_states_and_the_remedy() -> None:
    found = PartyBook(creates=True).find(Named("Korea"))

    assert isinstance(found, Unknown)
    assert found.remedy == (
        "Several parties have this name: North Korea, South Korea. Choose the right one."
    )


def test_import_takes_a_former_code_for_the_state_of_today() -> None:
    book = PartyBook()

    found = book.find(Named("Congo", country="ZRCD"))

    assert found == Party.objects.get(country="CD").pk


def test_pickers_of_staff_list_the_state_first_or_all_that_are_meant(admin_client: Client) -> None:
    for spelling, codes in SPELLINGS:
        term = spelling.removeprefix("the ")
        answer = admin_client.get(CHOICES, {**ASKED, "term": term}).json()["results"]
        keys = [int(result["id"]) for result in answer]
        by_key = {party.pk: str(party.country) for party in Party.objects.filter(pk__in=keys)}
        listed = [by_key[key] for key in keys]
        assert set(listed[: len(codes)]) == codes, (spelling, listed)


def test_public_search_finds_agreements_of_the_state_by_each_spelling() -> None:
    codes = {code for _spelling, each in SPELLINGS for code in each}
    for party in Party.objects.filter(country__in=codes):
        AgreementFactory(title=f"Treaty of {party.country}", parties=[party])

    for spelling, expected in SPELLINGS:
        words = spelling.removeprefix("the ")
        found = Agreement.objects.containing(words).values_list("title", flat=True)
        assert {f"Treaty of {code}" for code in expected} <= set(found), spelling


def test_public_list_of_parties_is_searched_by_each_spelling(client: Client) -> None:
    party = Party.objects.get(country="US")
    AgreementFactory(parties=[party])

    for spelling in ("USA", "U.S.A.", "United States", "ABŞ", "США"):
        page = client.get(reverse("agreements:party_list"), {"q": spelling}).content.decode()
        assert party.get_absolute_url() in page, spelling
