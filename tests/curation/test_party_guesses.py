"""What the name of a new party says about it."""

import pytest

from agreements.curation.party_guesses import guess
from tests.factories import PartyFactory

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
