"""The parties of other registers' files: several columns, each with its own kind, role and country, and our own side."""

from pathlib import Path

import pytest

from agreements.exchange.importing.refusals import ProfileError
from agreements.models import Agreement, Party
from tests.exchange.importing.files import counts, csv_file, imported, looked_at
from tests.exchange.importing.profile_files import profile, read, told
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db

OURS = "Ministry of Labour and Social Protection of the Population"


def parties_of(agreement: Agreement) -> list[str]:
    return [str(row) for row in agreement.participations.all()]


def test_own_side_and_partner_have_a_table_each(tmp_path: Path) -> None:
    rules = f"""
[[parties]]
always = "{OURS}"
kind = "ministry"
country = {{ always = "AZ" }}

[[parties]]
column = "Partner"
separators = ["; "]
kind = "agency"
country = "Country"
[[parties]]
column = "Witness"
role = "witness"
"""
    path = csv_file(
        tmp_path,
        "no,title,Partner,Country,Witness",
        "1,A,Agency X,Japan,Someone",
        "2,B,Labour Office; Job Centre,Gürcüstan; DE,",
        "3,C,Peru,International,",
    )

    run = imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert counts(run) == {"created": 3}
    found = {party.name: (party.kind, str(party.country)) for party in Party.objects.all()}
    assert found == {
        OURS: ("ministry", "AZ"),
        "Agency X": ("agency", "JP"),
        "Someone": ("other", ""),
        "Labour Office": ("agency", "GE"),
        "Job Centre": ("agency", "DE"),
        "Peru": ("state", "PE"),
    }
    first = Agreement.objects.get(title="A")
    assert [(row.party.name, row.role) for row in first.participations.all()] == [
        (OURS, "party"),
        ("Agency X", "party"),
        ("Someone", "witness"),
    ]
    assert told(run) == ["column “Country”: “International” is no country; its party gets none"]
    assert counts(looked_at(path, profile=profile(tmp_path, rules))[0]) == {"unchanged": 3}


@pytest.mark.parametrize("country", ["Azerbaijan", "Azərbaycan", "Азербайджан", "AZ", "aze"])
def test_country_is_read_by_its_name_in_three_languages_or_its_code(
    tmp_path: Path, country: str
) -> None:
    path = csv_file(tmp_path, "no,title,Partner,Country", f"1,A,State Agency,{country}")
    rules = '[parties]\ncolumn = "Partner"\ncountry = "Country"\n'

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert str(Party.objects.get().country) == "AZ"


def test_party_of_another_country_is_not_taken_for_a_known_one(tmp_path: Path) -> None:
    known = PartyFactory(name="Ministry of Health", kind="ministry", country="PE")
    path = csv_file(
        tmp_path,
        "no,title,Partner,Country",
        "1,A,Ministry of Health,Japan",
        "2,B,Ministry of Health,Peru",
    )
    rules = '[parties]\ncolumn = "Partner"\nkind = "agency"\ncountry = "Country"\n'

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    owners = {each.title: each.participations.get().party for each in Agreement.objects.all()}
    assert (owners["A"].kind, str(owners["A"].country)) == ("agency", "JP")
    assert owners["B"] == known
    known.refresh_from_db()
    assert known.kind == "ministry"


def test_event_is_of_the_party_of_that_country_that_takes_part(tmp_path: Path) -> None:
    PartyFactory(name="Ministry of Health", kind="ministry", country="PE")
    rules = """
[parties]
column = "Partner"
country = "Country"
[[events]]
kind = "ratified"
date = "Date"
party = "Partner"
"""
    path = csv_file(tmp_path, "no,title,Partner,Country,Date", "1,A,Ministry of Health,JP,2021")

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    agreement = Agreement.objects.get()
    assert str(agreement.participations.get().party.country) == "JP"
    assert agreement.events.get().party == agreement.participations.get().party


def test_record_whose_party_moves_to_another_country_gets_that_party(tmp_path: Path) -> None:
    rules = '[parties]\ncolumn = "Partner"\ncountry = "Country"\n'
    heading = "no,title,Partner,Country"
    imported(
        csv_file(tmp_path, heading, "1,A,Labour Office,Peru"),
        profile=profile(tmp_path, rules),
        creates_parties=True,
    )

    imported(
        csv_file(tmp_path, heading, "1,A,Labour Office,Japan"),
        profile=profile(tmp_path, rules),
        creates_parties=True,
    )

    assert str(Agreement.objects.get().participations.get().party.country) == "JP"


def test_wide_columns_name_a_party_each(tmp_path: Path) -> None:
    rules = '[parties]\nlike = "C*"\nvalues = { "EU" = "European Union" }\n'
    path = csv_file(tmp_path, "no,title,c1,c2,C3,code", "1,A,Japan,,Peru,x", "2,B,Chile,EU,-,x")

    run = imported(
        path, profile=profile(tmp_path, f'internal_notes = "code"\n{rules}'), creates_parties=True
    )

    assert [parties_of(each) for each in Agreement.objects.order_by("title")] == [
        ["Japan", "Peru"],
        ["Chile", "European Union"],
    ]
    assert told(run) == ["column “C*”: “-” says nothing"]


def test_pattern_that_no_heading_matches_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title", "1,A")

    with pytest.raises(ProfileError, match=r"No column of the file is like “c\*”"):
        looked_at(path, profile=profile(tmp_path, '[parties]\nlike = "c*"\n'))


def test_constant_party_needs_no_evidence(tmp_path: Path) -> None:
    rules = """
[[parties]]
always = "Japan"
[source]
publisher = { always = "P" }
title = { always = "List" }
"""
    path = csv_file(tmp_path, "no,title", "1,A")

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert [row.fact for row in Agreement.objects.get().evidence.all()] == ["title"]


def test_capitals_are_tidied_in_the_tables_that_ask_for_it(tmp_path: Path) -> None:
    rules = """
[[parties]]
column = "one"
tidy_capitals = true
[[parties]]
column = "two"
"""
    path = csv_file(tmp_path, "no,title,one,two", "1,A,STATE AGENCY,WHO OFFICE")

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert parties_of(Agreement.objects.get()) == ["State Agency", "WHO OFFICE"]


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("parties = 3", "parties must be a table, or a list of tables"),
        ('[[parties]]\nkind = "agency"\n[[parties]]\ncolumn = "x"', "parties 1 needs a column"),
        ('[parties]\nlike = "c*"\ncolumn = "x"', "parties has both like and columns"),
        ('[parties]\ncolumn = "x"\ncountry = { always = "Moon" }', "“Moon” is no country"),
        (
            '[[parties]]\ncolumn = "x"\nkind = "clan"\n[[parties]]\nalways = "y"',
            "parties 1.kind “clan”",
        ),
        ('[parties]\ncolumn = "x"\ncolour = "red"', "parties.colour is not known here"),
        (
            '[parties]\ncolumn = "x"\ntidy_capitals = "yes"',
            "parties.tidy_capitals must be true or false",
        ),
        (
            '[[parties]]\ncolumn = "x"\nknown = { "A" = "B" }\n[[parties]]\nalways = "y"\nknown = { "a" = "C" }',
            "parties 2.known gives “a” another meaning",
        ),
    ],
)
def test_what_is_wrong_about_parties_is_named(rules: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        read(f"{rules}\n[fields]\ntitle = 'title'")
