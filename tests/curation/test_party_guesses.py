"""What the name of a new party says about it."""

import pytest

from agreements.curation.party_guesses import guess
from agreements.domain.capitals import AMBIGUOUS, CAPITALS
from agreements.domain.states import states
from tests.factories import PartyFactory, PartyNameFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "kind", "country", "has_parent"),
    [
        ("Moldova", "state", "MD", False),
        ("the Republic of Moldova", "state", "MD", False),
        ("Молдова", "state", "MD", False),
        ("Ministry of Labour of Moldova", "ministry", "MD", True),
        ("Moldovan Ministry of Labour", "ministry", "MD", True),
        ("Министерство труда Республика Молдова", "ministry", "MD", True),
        ("State Migration Service of the Republic of Moldova", "agency", "MD", True),
        ("Technical University of Moldova", "university", "MD", False),
        ("Ministry of Labour", "ministry", "", False),
        ("Ministry of Health of Nigeria", "ministry", "NG", False),
        ("International Labour Organization", "international_organisation", "", False),
        ("UNESCO", "international_organisation", "", False),
        ("ЮНЕСКО", "international_organisation", "", False),
        ("UNICEF in Moldova", "international_organisation", "MD", False),
        ("World Bank", "international_organisation", "", False),
        ("Agency for work with UNESCO", "agency", "", False),
        ("SOCAR", "other", "", False),
        ("", "other", "", False),
        ("%_'\"<script>", "other", "", False),
    ],
)
def test_kind_country_and_state_are_guessed(
    name: str, kind: str, country: str, has_parent: bool
) -> None:
    state = PartyFactory(name="Moldova", state=True, country="MD")

    guessed = guess(name)

    assert (guessed.kind, guessed.country) == (kind, country)
    assert guessed.parent == (state if has_parent else None)


@pytest.mark.parametrize(
    ("name", "kind", "country"),
    [
        ("Tirana", "city", "AL"),
        ("Nur-Sultan", "city", "KZ"),
        ("Баку", "city", "AZ"),
        ("Monaco", "state", "MC"),
        ("Victoria", "city", "SC"),
        ("Victoria University", "university", ""),
        ("Water Board of Tirana", "other", "AL"),
        ("City of Tirana", "city", "AL"),
        # of what the register knows: Kumanovo and the Sava Institute
        ("Kumanovo's public water company", "company", "MK"),
        ("Library of the Sava Institute", "university", "RS"),
        ("Institut Sava", "other", "RS"),
        ("Savannah Institute of Kumanovoland", "university", ""),
        ("x " * 500, "other", ""),
    ],
)
def test_country_is_guessed_from_capitals_and_known_parties(
    name: str, kind: str, country: str
) -> None:
    PartyFactory(name="Kumanovo", kind="city", country="MK")
    institute = PartyFactory(name="Sava Institute", country="RS")
    PartyNameFactory(party=institute, name="Institut Sava")

    guessed = guess(name)

    assert (guessed.kind, guessed.country) == (kind, country)


def test_capitals_are_those_of_states() -> None:
    assert set(CAPITALS) <= set(states())
    names = [name for each in CAPITALS.values() for name in each]
    assert len(set(names)) == len(names)
    assert set(names) >= AMBIGUOUS
