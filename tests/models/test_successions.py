"""Names of their time, and who took the place of whom: what may be entered, and what the public sees of it."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from agreements.counting.column_store.counting import _letters, country_number
from agreements.domain.choices import NameKind, PartyKind
from agreements.domain.partial_dates import PartialDate
from agreements.models import Party, PartyName, Succession
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def turkiye() -> Party:
    party = PartyFactory(name="Türkiye", slug="turkiye", country="TR", state=True)
    PartyNameFactory(
        party=party, name="Turkey", kind=NameKind.FORMER, language="en", used_until="2022-06-01"
    )
    return party


@pytest.mark.parametrize(
    ("signed", "is_shown"),
    [
        ("1972", True),
        ("2022-05-31", True),
        ("2022-05", True),
        ("2022-06-01", False),
        ("2022", False),
        ("2022-06-02", False),
        ("", False),
    ],
)
def test_agreement_shows_the_name_of_its_time_beside_that_of_today(
    client: Client, turkiye: Party, signed: str, is_shown: bool
) -> None:
    agreement = AgreementFactory(signed=signed, parties=[turkiye])

    page = client.get(agreement.get_absolute_url()).content.decode()

    assert "Türkiye" in page
    assert ("at that time: <bdi>Turkey</bdi>" in page) == is_shown


def test_name_of_a_later_time_is_not_shown_before_it(client: Client) -> None:
    congo = PartyFactory(name="Democratic Republic of the Congo", country="CD", state=True)
    for name, start, end in (
        ("Belgian Congo", "1908", "1960-06-30"),
        ("Zaire", "1971-10-27", "1997-05-17"),
    ):
        PartyNameFactory(
            party=congo, name=name, kind=NameKind.FORMER, used_from=start, used_until=end
        )

    pages = {
        signed: client.get(
            AgreementFactory(signed=signed, parties=[congo]).get_absolute_url()
        ).content.decode()
        for signed in ("1950", "1965", "1971", "1972", "1998")
    }

    assert "at that time: <bdi>Belgian Congo</bdi>" in pages["1950"]
    assert "at that time: <bdi>Zaire</bdi>" in pages["1972"]
    assert not any("at that time: <bdi>" in pages[signed] for signed in ("1965", "1971", "1998"))


def test_name_in_the_language_of_the_reader_comes_first(turkiye: Party) -> None:
    PartyNameFactory(party=turkiye, name="Турция (Османская)", language="ru", used_until="1923")
    turkiye.dated_names = list(turkiye.names.order_by("pk"))

    day = PartialDate.parse("1900")
    assert turkiye.name_in_use(day, "ru") == "Турция (Османская)"
    assert turkiye.name_in_use(day, "az") == "Turkey"


def test_name_cannot_be_given_up_before_it_was_taken(turkiye: Party) -> None:
    name = PartyName(party=turkiye, name="Anatolia", used_from="2000", used_until="1999")

    with pytest.raises(ValidationError, match="given up before it was taken"):
        name.full_clean()


def test_party_cannot_succeed_itself_or_its_successor(turkiye: Party) -> None:
    empire = PartyFactory(name="Ottoman Empire", kind=PartyKind.STATE)
    Succession.objects.create(predecessor=empire, successor=turkiye, date="1923-10-29")

    with pytest.raises(ValidationError, match="cannot succeed itself"):
        Succession(predecessor=empire, successor=empire).full_clean()
    with pytest.raises(ValidationError, match="Only one can be right"):
        Succession(predecessor=turkiye, successor=empire).full_clean()
    with pytest.raises(ValidationError, match="entered twice"):
        Succession(predecessor=empire, successor=turkiye).full_clean()


def test_pages_and_api_name_predecessors_and_successors(client: Client, turkiye: Party) -> None:
    empire = PartyFactory(name="Ottoman Empire", slug="ottoman-empire", kind=PartyKind.STATE)
    Succession.objects.create(predecessor=empire, successor=turkiye, date="1923-10-29")
    AgreementFactory(parties=[turkiye])

    page = client.get("/parties/turkiye/").content.decode()
    body = client.get("/api/v1/parties/turkiye/").json()

    assert "Ottoman Empire" in page
    assert 'href="/parties/ottoman-empire/"' not in page
    assert "29 October 1923" in page
    assert "until <time" in page
    assert body["predecessors"] == [
        {
            "slug": "ottoman-empire",
            "name": "Ottoman Empire",
            "country": None,
            "date": "1923-10-29",
        }
    ]
    assert body["successors"] == []
    assert body["names"][0]["used_until"] == "2022-06-01"

    AgreementFactory(parties=[empire])
    assert 'href="/parties/turkiye/"' in client.get("/parties/ottoman-empire/").content.decode()
    assert (
        client.get("/api/v1/parties/ottoman-empire/").json()["successors"][0]["slug"] == "turkiye"
    )


def test_body_that_only_drafts_name_is_no_public_successor(client: Client) -> None:
    ministry = PartyFactory(name="Ministry of Trade", slug="trade")
    secret = PartyFactory(name="Secret Agency", slug="secret")
    Succession.objects.create(predecessor=ministry, successor=secret, date="2026")
    AgreementFactory(parties=[ministry])
    AgreementFactory(parties=[secret], draft=True)

    assert "Secret Agency" not in client.get("/parties/trade/").content.decode()
    assert client.get("/api/v1/parties/trade/").json()["successors"] == []


def test_successor_cannot_be_deleted_while_its_predecessor_names_it(
    admin_client: Client, turkiye: Party
) -> None:
    empire = PartyFactory(name="Ottoman Empire", kind=PartyKind.STATE)
    Succession.objects.create(predecessor=empire, successor=turkiye, date="1923-10-29")
    url = reverse("admin:agreements_party_delete", args=[turkiye.pk])

    page = admin_client.get(url).content.decode()
    admin_client.post(url, {"post": "yes"})

    assert "Ottoman Empire → Türkiye" in page
    assert reverse("admin:agreements_party_change", args=[empire.pk]) in page
    assert Party.objects.filter(pk=turkiye.pk).exists()


@pytest.mark.parametrize("code", ["XK", "SUHH", "EU"])
def test_filters_take_the_codes_of_former_states_of_kosovo_and_the_union(
    client: Client, code: str
) -> None:
    AgreementFactory(title="Wanted", parties=[PartyFactory(country=code, state=True)])
    AgreementFactory(title="Other", parties=[PartyFactory(country="SE", state=True)])

    rows = client.get(f"/api/v1/agreements/?country={code}").json()["results"]
    listed = client.get(f"/agreements/?country={code}").content.decode()

    assert [row["title"] for row in rows] == ["Wanted"]
    assert rows[0]["countries"] == [code]
    assert "Wanted" in listed
    assert "Other" not in listed
    assert client.get(f"/api/v1/parties/?country={code}").json()["count"] == 1


def test_former_code_of_a_renamed_state_means_the_state(client: Client) -> None:
    AgreementFactory(title="Wanted", parties=[PartyFactory(country="CD", state=True)])

    assert client.get("/api/v1/agreements/?country=ZRCD").json()["count"] == 1
    assert client.get("/api/v1/parties/?country=ZRCD").json()["count"] == 1
    assert "country=CD" in client.get("/agreements/?country=ZRCD").content.decode()
    assert client.get("/agreements.json?country=ZZZZ").status_code == 400


def test_column_store_tells_former_states_from_others() -> None:
    codes = ["AZ", "SU", "HH", "SUHH", "ZRCD", "CSHH"]
    assert [_letters(country_number(code)) for code in codes] == codes
    assert all(country_number(code) < 2**31 for code in codes)
