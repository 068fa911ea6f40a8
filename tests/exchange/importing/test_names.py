"""Which spellings are the same name, which country a name stands for, and what a new party is called."""

import pytest

from agreements.exchange.importing.names import country_of, key_of, presentable, turned_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ALGERIA", "Algeria"),
        ("Côte d'Ivoire", "COTE D'IVOIRE"),
        ("The Gambia", "Gambia"),
        ("St Lucia", "SAINT LUCIA"),
        ("Bosnia & Herzegovina", "Bosnia and Herzegovina"),
        ("Şəki  rayonu", "seki rayonu"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("turned", "usual"),
    [
        ("NETHERLANDS THE", "Netherlands"),
        ("CONGO, DEMOCRATIC REPUBLIC OF", "Democratic Republic of the Congo"),
        ("KOREA REPUBLIC OF", "Republic of Korea"),
        ("Labour, Ministry of", "Ministry of Labour"),
    ],
)
def test_inverted_name_is_turned_round(turned: str, usual: str) -> None:
    assert key_of(usual) in [key_of(turned), *turned_keys(turned)]


def test_name_that_is_not_inverted_stays_as_it_is() -> None:
    assert list(turned_keys("New York University")) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("GERMANY", "DE"),
        ("NETHERLANDS THE", "NL"),
        ("Iran (Islamic Republic of)", "IR"),
        ("IRAN", "IR"),
        ("KOREA REPUBLIC OF", "KR"),
        ("CONGO", ""),
        ("CONGO, DEMOCRATIC REPUBLIC OF", "CD"),
        ("Viet Nam", "VN"),
        ("TURKEY", "TR"),
        ("Czech Republic", "CZ"),
        ("United States of America", "US"),
        ("Korea", ""),
        ("Virgin Islands", ""),
        ("Prussia", ""),
        ("Vietnam, Republic of", ""),
        ("", ""),
        ("¶", ""),
    ],
)
def test_country_is_known_in_every_usual_form_and_no_other_is_taken_for_it(
    name: str, code: str
) -> None:
    assert country_of(name) == code


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("SAXE-COBURG-GOTHA", "Saxe-Coburg-Gotha"),
        ("GRAND DUCHY OF HESSE", "Grand Duchy of Hesse"),
        ("YUGOSLAVIA, FEDERAL REPUBLIC OF", "Federal Republic of Yugoslavia"),
        ("Akrotiri &  Dhekelia", "Akrotiri & Dhekelia"),
        ("PEOPLE'S BANK", "People's Bank"),
        ("Malay States, Federated", "Malay States, Federated"),
    ],
)
def test_new_party_is_named_as_people_write(spelling: str, name: str) -> None:
    assert presentable(spelling, tidies_capitals=True) == name


def test_capitals_stay_where_nobody_asked_for_others() -> None:
    assert presentable("UNESCO", tidies_capitals=False) == "UNESCO"
