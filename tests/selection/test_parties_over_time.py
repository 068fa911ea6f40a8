"""Who was bound when: real cases, asked for in the list, its facets, the API and the files, and shown on the page."""

import csv
import io
import re
from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.html import strip_tags

from agreements.domain.participation import days_of
from agreements.models import Agreement, Participation, Party
from agreements.selection.selection import Selection
from tests.factories import AgreementFactory, MembershipFactory, ParticipationFactory, PartyFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)

# By agreement: title, its dates, and what is recorded of each party over time.
TREATIES: dict[str, tuple[dict[str, str], dict[str, dict[str, str]]]] = {
    "Charter of the CIS": (
        {"signed": "1993-01-22", "in_force": "1993-01-22"},
        {
            "RU": {},
            "GE": {
                "consent": "accession",
                "consented": "1993-12-03",
                "withdrawal_notified": "2008-08-18",
                "in_force_until": "2009-08-18",
                "ended_by": "withdrawal",
            },
        },
    ),
    "Comprehensive Nuclear-Test-Ban Treaty": (
        {"signed": "1996-09-24"},
        {
            "US": {"signed": "1996-09-24", "consent": "pending"},
            "FR": {"consent": "ratification", "consented": "1998-04-06"},
            "RU": {
                "signed": "1996-09-24",
                "consent": "ratification",
                "consented": "2000-06-30",
                "consent_withdrawn": "2023-11-02",
            },
        },
    ),
    "Paris Agreement": (
        {"signed": "2016-04-22", "in_force": "2016-11-04"},
        {
            "FR": {},
            "TR": {
                "signed": "2016-04-22",
                "consent": "ratification",
                "consented": "2021-10-11",
                "in_force_from": "2021-11-10",
            },
            "IQ": {"in_force_from": "2021-12-01"},
        },
    ),
    "Collective Security Treaty": (
        {"signed": "1992-05-15", "in_force": "1994-04-20"},
        {
            "RU": {},
            **{
                code: {"in_force_until": "1999-04-20", "ended_by": "not_prolonged"}
                for code in ("AZ", "GE", "UZ")
            },
        },
    ),
    "Energy Charter Treaty": (
        {"signed": "1994-12-17", "in_force": "1998-04-16"},
        {
            "AZ": {"consent": "ratification"},
            "BY": {"provisional_from": "1994-12", "provisional_until": "2009"},
        },
    ),
}
CASES = [
    ("Charter of the CIS", "GE", "1993-12-02", False, "not_yet"),
    ("Charter of the CIS", "GE", "1993-12-03", True, "bound"),
    ("Charter of the CIS", "GE", "2009-08-18", True, "bound"),
    ("Charter of the CIS", "GE", "2009-08-19", False, "former"),
    ("Charter of the CIS", "RU", "2009-08-19", True, "takes_part"),
    ("Comprehensive Nuclear-Test-Ban Treaty", "US", "2026-11-30", True, "signatory"),
    ("Comprehensive Nuclear-Test-Ban Treaty", "FR", "1997-01-01", True, "signatory"),
    ("Comprehensive Nuclear-Test-Ban Treaty", "FR", "1998-04-06", True, "consented"),
    ("Comprehensive Nuclear-Test-Ban Treaty", "RU", "2023-11-01", True, "consented"),
    ("Comprehensive Nuclear-Test-Ban Treaty", "RU", "2023-11-02", True, "signatory"),
    ("Paris Agreement", "TR", "2016-04-21", False, "not_yet"),
    ("Paris Agreement", "TR", "2021-10-10", True, "signatory"),
    ("Paris Agreement", "TR", "2021-11-09", True, "consented"),
    ("Paris Agreement", "TR", "2021-11-10", True, "bound"),
    ("Paris Agreement", "IQ", "2021-11-30", False, "not_yet"),
    ("Paris Agreement", "IQ", "2021-12-01", True, "bound"),
    ("Collective Security Treaty", "AZ", "1999-04-20", True, "takes_part"),
    ("Collective Security Treaty", "AZ", "1999-04-21", False, "former"),
    ("Collective Security Treaty", "GE", "2026-11-30", False, "former"),
    ("Collective Security Treaty", "RU", "2026-11-30", True, "takes_part"),
    # known in part: possibly on that day counts
    ("Energy Charter Treaty", "BY", "1994-11-30", False, "not_yet"),
    ("Energy Charter Treaty", "BY", "1994-12-01", False, "takes_part"),
    ("Energy Charter Treaty", "BY", "1994-12-17", True, "takes_part"),
    ("Energy Charter Treaty", "BY", "1994-12-31", True, "provisional"),
    ("Energy Charter Treaty", "BY", "2009-12-31", True, "provisional"),
    ("Energy Charter Treaty", "BY", "2010-01-01", False, "former"),
    ("Energy Charter Treaty", "AZ", "1994-12-17", True, "takes_part"),
]
every_case = pytest.mark.parametrize(("title", "country", "day", "counts", "takes_part_as"), CASES)


@pytest.fixture
def treaties() -> None:
    for title, (dates, parties) in TREATIES.items():
        treaty = AgreementFactory(title=title, **dates)
        for position, (code, over_time) in enumerate(parties.items()):
            state = Party.objects.filter(country=code).first()
            state = state or PartyFactory(slug=code.lower(), name=f"State {code}", country=code)
            ParticipationFactory(agreement=treaty, party=state, position=position, **over_time)


def chosen(query: str) -> Selection:
    return Selection(QueryDict(query), today=TODAY)


@every_case
@pytest.mark.usefixtures("treaties")
def test_list_facets_api_files_and_page_agree(
    client: Client, title: str, country: str, day: str, counts: bool, takes_part_as: str
) -> None:
    slug, treaty = country.lower(), Agreement.objects.get(title=title)
    ref = treaty.ref
    # on a day before its signature, an agreement is in no list and no file
    has_begun = treaty.signed.earliest.isoformat() <= day  # type: ignore[union-attr]

    for parameter, value in (("country", country), ("party", slug)):
        selection = chosen(f"{parameter}={value}&as_of={day}")
        titles = [row.title for row in selection.agreements]
        assert (title in titles) is counts, parameter
        counted = {
            choice.value: choice.count
            for facet in chosen(f"as_of={day}").facets
            if facet.parameter == parameter
            for choice in facet.choices
        }
        assert counted.get(value, 0) == selection.count == len(titles)

    answer = client.get(f"/api/v1/agreements/?country={country}&as_of={day}").json()
    assert (title in [each["title"] for each in answer["results"]]) is counts

    rows = in_file(client, f"/participations.csv?as_of={day}")
    told = {(row["title"], row["country"]): row["takes_part_as"] for row in rows}
    assert told.get((title, country)) == (takes_part_as if has_begun else None)
    record = client.get(f"/agreements/{ref}.json?as_of={day}").json()
    assert takes_part_as in [
        each["takes_part_as"] for each in record["parties"] if each["slug"] == slug
    ]

    page = client.get(f"/agreements/{ref}/?as_of={day}").content.decode()
    assert f"State {country}" in page


def in_file(client: Client, url: str) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("treaties")
def test_page_shows_a_former_party_with_its_days(client: Client) -> None:
    ref = Agreement.objects.get(title="Charter of the CIS").ref

    page = client.get(f"/agreements/{ref}/").content.decode()

    assert "Former party" in page
    for words in ("Accession: 3 December 1993", "last day: 18 August 2009", "18 August 2008"):
        assert words in page
    assert "Former party" not in client.get(f"/agreements/{ref}/?as_of=2009-08-18").content.decode()


def test_page_of_a_plain_agreement_says_nothing_over_time(client: Client) -> None:
    agreement = AgreementFactory(parties=[PartyFactory(country="AZ"), PartyFactory(country="UZ")])

    page = client.get(f"/agreements/{agreement.ref}/").content.decode()

    parties = page[page.index('id="parties-title"') :].partition("</dd>")[0]
    assert parties.count("<li>") == 2
    assert "<details" not in parties
    assert parties.count('class="soft"') == 2
    assert 'class="role"' not in parties


def test_a_country_counts_on_every_day_if_one_of_its_bodies_does() -> None:
    agreement = AgreementFactory(signed="2000")
    state = PartyFactory(slug="state", country="GE")
    ParticipationFactory(agreement=agreement, party=PartyFactory(parent=state))
    ParticipationFactory(agreement=agreement, party=state, in_force_until="2009")

    assert chosen("country=GE&as_of=2026-01-01").count == 1
    assert chosen("party=state&as_of=2026-01-01").count == 1


def test_periods_of_several_roles_add_up() -> None:
    agreement = AgreementFactory(signed="2000")
    state = PartyFactory(slug="state", country="GE")
    own = {"agreement": agreement, "party": state}
    ParticipationFactory(role="observer", in_force_until="2004-12-31", **own)
    ParticipationFactory(in_force_from="2006", in_force_until="2008", **own)

    counted = {day: chosen(f"country=GE&as_of={day}").count for day in DAYS_OF_ROLES}

    assert counted == DAYS_OF_ROLES


DAYS_OF_ROLES = {
    "2004-12-31": 1,
    "2005-06-01": 0,
    "2006-01-01": 1,
    "2008-12-31": 1,
    "2009-01-01": 0,
}


def test_party_page_counts_like_the_list(client: Client) -> None:
    agreement = AgreementFactory(signed="1993", parties=[PartyFactory()])
    state = PartyFactory(slug="georgia", name="Georgia", country="GE")
    ParticipationFactory(agreement=agreement, party=state, in_force_until="2009-08-18")

    [party] = [
        each
        for each in client.get("/api/v1/parties/").json()["results"]
        if each["slug"] == "georgia"
    ]

    assert party["agreement_count"] == chosen("party=georgia").count == 0
    assert client.get("/parties/georgia/").status_code == 200
    assert agreement.title in client.get("/parties/georgia/?as_of=2009-08-18").content.decode()


@pytest.mark.usefixtures("treaties")
def test_party_page_lists_what_it_no_longer_takes_part_in(client: Client) -> None:
    AgreementFactory(draft=True, title="SECRET")
    hidden = Agreement.objects.get(title="SECRET")
    georgia = Party.objects.get(country="GE")
    ParticipationFactory(agreement=hidden, party=georgia, in_force_until="2001")
    body = PartyFactory(parent=georgia, name="Ministry of Justice", country="GE")
    ParticipationFactory(agreement=AgreementFactory(title="Of a body"), party=body)
    ParticipationFactory(
        agreement=AgreementFactory(title="Left in part"), party=body, in_force_until="2010"
    )
    both = AgreementFactory(title="Left by one body", parties=[body])
    ParticipationFactory(agreement=both, party=georgia, in_force_until="2010-03")

    page = client.get("/parties/ge/").content.decode()
    former = strip_tags(page[page.index('id="former-title"') :])

    assert former.index("Left in part") < former.index("Charter of the CIS")
    assert re.search(r"until 2010\s", former)
    assert "Ministry of Justice" in former
    assert "until 18 August 2009" in former
    assert "Not prolonged for this party" in former
    for other in ("SECRET", "Of a body", "Left by one body"):
        assert other not in former
    then = client.get("/parties/ge/?as_of=1999-04-20").content.decode()
    assert 'id="former-title"' not in then


def test_page_of_a_party_that_left_does_not_say_that_there_is_none_yet(client: Client) -> None:
    state = PartyFactory(slug="georgia", country="GE")
    ParticipationFactory(agreement=AgreementFactory(), party=state, in_force_until="2009-08-18")

    page = client.get("/parties/georgia/").content.decode()

    assert "It takes part in none today." in page
    assert "No published agreements yet." not in page


# ------------------------------------------------------------------ through an organisation


@pytest.fixture
def union() -> Party:
    """The EU, with France, and with the United Kingdom until 31 January 2020; and an agreement of each day."""
    eu = PartyFactory(slug="eu", name="European Union", binds_members=True)
    france, kingdom = PartyFactory(country="FR", name="France"), PartyFactory(country="GB")
    MembershipFactory(organisation=eu, member=france, since="1958-01-01")
    MembershipFactory(organisation=eu, member=kingdom, since="1973-01-01", until="2020-01-31")
    AgreementFactory(title="Of the EU", parties=[eu, PartyFactory(country="AZ")], signed="1996")
    AgreementFactory(title="Of France", parties=[france, PartyFactory(country="AZ")])
    observed = AgreementFactory(title="Observed")
    ParticipationFactory(agreement=observed, party=eu, role="observer")
    return eu


THROUGH = [
    ("country=FR", ["Of France"]),
    ("country=FR&through_organisation=false", ["Of France"]),
    ("country=FR&through_organisation=true", ["Of France", "Of the EU"]),
    ("country=FR&through_organisation=true&as_of=1957-12-31", ["Of France"]),
    ("country=GB&through_organisation=true&as_of=2020-01-31", ["Of the EU"]),
    ("country=GB&through_organisation=true&as_of=2020-02-01", []),
    ("country=GB&country=FR&through_organisation=true", ["Of France", "Of the EU"]),
]


@pytest.mark.usefixtures("union")
@pytest.mark.parametrize(("query", "titles"), THROUGH)
def test_members_count_through_an_organisation_if_asked_for(query: str, titles: list[str]) -> None:
    selection = chosen(f"{query}&sort=title")

    assert [row.title for row in selection.agreements] == titles
    assert selection.count == len(titles)
    [facet] = [facet for facet in selection.facets if facet.parameter == "country"]
    counted = {choice.value: choice.count for choice in facet.choices}
    for code in QueryDict(query).getlist("country"):
        alone = QueryDict(query).copy()
        alone.setlist("country", [code])
        assert counted[code] == Selection(alone, today=TODAY).count


def test_an_organisation_that_does_not_bind_its_members_is_left_out(union: Party) -> None:
    Party.objects.filter(pk=union.pk).update(binds_members=False)

    assert chosen("country=FR&through_organisation=true").count == 1


def test_the_heading_says_so(union: Party) -> None:
    assert "also through an organisation" in chosen("country=FR&through_organisation=true").words
    assert "organisation" not in chosen("country=FR").words


def test_page_lists_the_members_of_the_day_folded_away(client: Client, union: Party) -> None:
    ref = Agreement.objects.get(title="Of the EU").ref

    now, before = (
        client.get(f"/agreements/{ref}/{query}").content.decode()
        for query in ("", "?as_of=2020-01-31")
    )

    assert "Binds the members of European Union" in now
    members = now[now.index('<details class="members">') :].split("</details>")[0]
    assert members.count("<li>") == 1
    assert (
        before[before.index('<details class="members">') :].split("</details>")[0].count("<li>")
        == 2
    )
    observed = Agreement.objects.get(title="Observed").ref
    assert "Binds the members" not in client.get(f"/agreements/{observed}/").content.decode()


def test_party_pages_list_members_and_memberships(client: Client, union: Party) -> None:
    of_union = client.get("/parties/eu/").content.decode()
    of_member = client.get(f"/parties/{Party.objects.get(country='FR').slug}/").content.decode()

    members = of_union[of_union.index('<details class="members">') :].split("</details>")[0]
    assert members.count("<li>") == 2
    assert "from 1 January 1973 to 31 January 2020" in strip_tags(members)
    assert "Member of" in of_member
    assert 'href="/parties/eu/"' in of_member


# ------------------------------------------------------------------ the rule and its SQL


def test_the_database_computes_the_same_days() -> None:
    agreement = AgreementFactory()
    dates = ["", "1999", "2004-05", "2006-07-08~", "../2010", "2001/.."]
    consents = ["", "pending", "ratification", "accession", "exchange"]
    for n in range(90):
        ParticipationFactory(
            agreement=agreement,
            signed=dates[n % 6],
            consent=consents[n % 5],
            consented=dates[n // 3 % 6],
            provisional_from=dates[n // 7 % 2],
            provisional_until=dates[4] if n % 4 == 0 else "",
            in_force_from=dates[n // 11 % 3],
            in_force_until=dates[4] if n % 3 == 0 else "",
        )

    rows = list(Participation.objects.filter(agreement=agreement))

    assert [(row.first_day, row.last_day) for row in rows] == [days_of(row) for row in rows]
    assert len({days_of(row) for row in rows}) > 8
