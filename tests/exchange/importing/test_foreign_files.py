"""Files of other registers: with the two profiles that ship, and with one that a stranger wrote."""

from pathlib import Path

import pytest

from agreements.domain.choices import EventKind
from agreements.domain.facts import EvidenceCode
from agreements.domain.partial_dates import in_words
from agreements.exchange.importing.foreign import facts_stated
from agreements.models import Agreement, Event, ExternalIdentifier, Party, Source
from tests.exchange.importing.files import counts, csv_file, imported, looked_at, remedies
from tests.factories import AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db

UK_COLUMNS = (
    "treaty_id", "title", "description", "treaty_type_code", "subject", "parties", "signed_event_date",
    "signed_event_location", "adopted_event_date", "adopted_event_effective_date", "definitive_eif_event_date",
    "definitive_eif_event_effective_date", "terminated_event_date", "terminated_event_effective_date", "document_urls",
)  # fmt: skip
TREATY = {
    "treaty_id": "1",
    "title": "Convention on Parcels",
    "treaty_type_code": "BI",
    "subject": "TRADE",
    "parties": "NETHERLANDS THE ; UNITED KINGDOM",
    "signed_event_date": "05/06/1895",
    "signed_event_location": "London / The Hague",
    "definitive_eif_event_date": "01/02/1896",
    "document_urls": r"https://treaties.example/Library2\html\1.html",
}


def uk_file(folder: Path, *treaties: dict[str, str], name: str = "uk.csv") -> Path:
    lines = [
        ",".join(f'"{({**TREATY, **treaty}).get(column, "")}"' for column in UK_COLUMNS)
        for treaty in treaties
    ]
    return csv_file(folder, ",".join(UK_COLUMNS), *lines, name=name)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Exchange  of Notes on visas", "exchange_of_notes"),
        ("Notes Exchanged with Peru", "exchange_of_notes"),
        ("Universal Postal Convention", "convention"),
        ("International Labour Convention No. 102 concerning Social Security", "convention"),
        ("Sterling Payments Agreement with Peru", "agreement"),
        ("Supplementary Treaty of Commerce", "treaty"),
        ("Accession of Peru to the Convention on Parcels", "other"),
        ("Declaration on Parcels", "other"),
        ("Cessation of the Convention on Parcels", "unknown"),
        ("Student Employees", "unknown"),
    ],
)
def test_kind_of_a_uk_treaty_is_what_its_title_names(tmp_path: Path, title: str, kind: str) -> None:
    imported(uk_file(tmp_path, {"title": title}), creates_parties=True)

    assert Agreement.objects.get().kind == kind


def test_adoption_of_a_uk_treaty_is_an_event(tmp_path: Path) -> None:
    adopted = {
        "treaty_type_code": "MULTI",
        "signed_event_date": "",
        "adopted_event_date": "05/12/2000",
    }

    imported(uk_file(tmp_path, adopted), creates_parties=True)

    agreement = Agreement.objects.get()
    assert [(each.kind, str(each.date)) for each in agreement.events.all()] == [
        ("adopted", "2000-12-05")
    ]
    assert (agreement.signed, agreement.plurality_stated) == (None, "multilateral")


def test_uk_treaty_becomes_a_draft_with_its_facts_and_their_source(tmp_path: Path) -> None:
    AreaFactory(slug="trade-investment")

    run = imported(uk_file(tmp_path, {}), creates_parties=True)

    assert counts(run) == {"created": 1}
    assert run.profile == "uk-treaties"
    agreement = Agreement.objects.get()
    assert (agreement.kind, agreement.stage, agreement.publication) == (
        "convention",
        "concluded",
        "draft",
    )
    assert (agreement.plurality_stated, agreement.subject) == ("bilateral", "TRADE")
    assert agreement.legal_nature == "not_assessed"
    assert in_words(agreement.signed) == "5 June 1895"
    assert str(agreement.in_force) == "1896-02-01"
    assert agreement.place == "London; The Hague"
    assert [row.party.name for row in agreement.participations.all()] == [
        "Netherlands",
        "United Kingdom",
    ]
    assert [str(area.slug) for area in agreement.areas.all()] == ["trade-investment"]
    assert str(agreement.identifiers.get()) == "uk-treaties-online 1"
    assert agreement.verification == "single_source"
    assert Agreement.objects.containing("netherlands parcels").get() == agreement
    evidence = {row.fact: row for row in agreement.evidence.all()}
    assert evidence[EvidenceCode.KIND].basis == "inferred"
    assert (
        evidence[EvidenceCode.SIGNED].source.url == "https://treaties.example/Library2/html/1.html"
    )
    assert EvidenceCode.STAGE not in evidence


def test_code_for_an_unknown_value_needs_no_evidence() -> None:
    unknown = {
        "legal_nature": "not_assessed",
        "term_kind": "unknown",
        "text_availability": "unknown",
    }

    assert facts_stated({**unknown, "stage": "concluded"}, {}, set()) == ["stage"]


def test_new_parties_know_their_country_and_the_spelling_of_the_file(tmp_path: Path) -> None:
    imported(
        uk_file(tmp_path, {"parties": "NETHERLANDS THE ; PRUSSIA ; Gibraltar"}),
        creates_parties=True,
    )

    parties = {party.name: party for party in Party.objects.all()}
    assert {name: (p.kind, str(p.country)) for name, p in parties.items()} == {
        "Netherlands": ("state", "NL"),
        "Prussia": ("other", ""),
        "Gibraltar": ("other", "GI"),
    }
    assert parties["Netherlands"].names.get().name == "NETHERLANDS THE"


def test_party_that_a_row_names_twice_takes_part_once(tmp_path: Path) -> None:
    run = imported(
        uk_file(tmp_path, {"parties": "Eire ; EIRE ; IRELAND ; FRANCE"}), creates_parties=True
    )

    assert [str(row) for row in Agreement.objects.get().participations.all()] == [
        "Ireland",
        "France",
    ]
    assert "parties named twice in the same row; entered once" in [
        line["text"] for line in run.notes
    ]


def test_unknown_parties_refuse_their_rows_until_somebody_says_who_they_are(tmp_path: Path) -> None:
    PartyFactory(name="United Kingdom", country="GB", state=True)
    france = PartyFactory(name="France", country="FR", state=True)
    path = uk_file(
        tmp_path, {"parties": "FRANCEE ; UNITED KINGDOM"}, {"treaty_id": "2", "parties": "FRANCE"}
    )

    run, outcome = looked_at(path)

    assert counts(run) == {"created": 1, "refused": 1}
    assert remedies(outcome).startswith(
        "2|parties|FRANCEE|No party has this name. Is it one of these: France?"
    )
    [asked] = run.unknown_parties
    assert (asked["key"], asked["name"], asked["rows"]) == ("francee", "FRANCEE", [2])
    assert asked["offered"] == [[france.pk, "France"]]
    imported(path, answers={"francee": france.pk})
    assert france.names.get().name == "FRANCEE"
    assert counts(looked_at(path)[0]) == {"unchanged": 2}


def test_rows_that_are_no_treaty_are_left_out_and_counted(tmp_path: Path) -> None:
    run, _outcome = looked_at(
        uk_file(tmp_path, {"treaty_id": ""}, {"treaty_id": " "}), creates_parties=True
    )

    assert counts(run) == {}
    assert (run.notes[0]["text"], run.notes[0]["count"]) == (
        "row left out, because its “treaty_id” is empty: “Convention on Parcels”",
        2,
    )


def test_wrong_date_refuses_its_row_alone_and_everything_unless_asked_otherwise(
    tmp_path: Path,
) -> None:
    path = uk_file(tmp_path, {}, {"treaty_id": "2", "signed_event_date": "31/02/1900"})

    run, outcome = looked_at(path, creates_parties=True)

    assert counts(run) == {"created": 1, "refused": 1}
    assert remedies(outcome) == (
        "3|signed_event_date|31/02/1900|“31/02/1900” is not a date in the format %d/%m/%Y. "
        "Correct it in the file, or leave it out."
    )
    with pytest.raises(Exception, match="1 row was refused"):
        imported(path, creates_parties=True)
    assert not Agreement.objects.exists()
    assert not Party.objects.exists()
    assert not Source.objects.exists()
    imported(path, creates_parties=True, is_partial=True)
    assert Agreement.objects.count() == 1


def test_party_of_a_refused_row_alone_is_not_made(tmp_path: Path) -> None:
    path = uk_file(
        tmp_path, {}, {"treaty_id": "2", "signed_event_date": "x", "parties": "ATLANTIS"}
    )

    imported(path, creates_parties=True, is_partial=True)

    assert not Party.objects.filter(name="Atlantis").exists()


def test_oddities_are_counted_and_block_nothing(tmp_path: Path) -> None:
    path = uk_file(
        tmp_path,
        {"parties": ""},
        {"treaty_id": "2", "parties": "FRANCE", "signed_event_date": "01/01/1950"},
        {"treaty_id": "3", "title": "x" * 300},
        {"treaty_id": "4", "title": "X" * 300},
    )

    run, _outcome = looked_at(path, creates_parties=True)

    odd = {
        line["text"]: (line["count"], line["rows"])
        for line in run.notes
        if line["kind"] == "oddity"
    }
    assert counts(run) == {"created": 4}
    assert odd == {
        "no party": (1, [2]),
        "one party only": (1, [3]),
        "entry into force before the signature": (1, [3]),
        "a title of more than 255 characters": (2, [4, 5]),
        "the same title and date of signature as a row above": (1, [5]),
    }


def test_second_run_changes_nothing_and_writes_nothing(tmp_path: Path) -> None:
    path = uk_file(tmp_path, {}, {"treaty_id": "2", "adopted_event_date": "01/01/1895"})
    imported(path, creates_parties=True)

    run, _outcome = looked_at(path)

    assert counts(run) == {"unchanged": 2}
    assert ExternalIdentifier.objects.count() == 2


def test_change_in_the_file_changes_that_and_takes_back_what_it_said_before(tmp_path: Path) -> None:
    imported(uk_file(tmp_path, {"adopted_event_date": "01/01/1895"}), creates_parties=True)
    agreement = Agreement.objects.get()

    run = imported(
        uk_file(
            tmp_path, {"adopted_event_date": "02/01/1895", "terminated_event_date": "31/12/1900"}
        )
    )

    assert counts(run) == {"changed": 1}
    agreement.refresh_from_db()
    assert str(agreement.terminated) == "1900-12-31"
    assert str(agreement.events.get().date) == "1895-01-02"
    assert agreement.evidence.filter(fact=EvidenceCode.TERMINATED).exists()


def test_list_of_290_parties_is_kept_in_its_order(tmp_path: Path) -> None:
    names = [f"State number {n:03}" for n in range(290)]

    imported(uk_file(tmp_path, {"parties": " ; ".join(names)}), creates_parties=True)

    assert [str(row) for row in Agreement.objects.get().participations.all()] == names


WIPO = (
    "Contracting Party,Treaty,Signature Date,Instrument Type,Instrument Date,Entry Into Force Date"
)


def test_rows_of_one_treaty_become_one_agreement_with_a_timeline(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        WIPO,
        "Algeria,Beijing,,Accession,2017-07-25,2020-04-28",
        "Togo,Rome,,Accession,2003-03-10,2003-06-10",
        "Austria,Beijing,2013-06-19,,,",
        "Japan,Beijing,2012-06-26,Ratification,2014-06-10,2020-05-28",
    )

    run = imported(path, creates_parties=True)

    assert counts(run) == {"created": 2}
    beijing = Agreement.objects.get(title="Beijing Treaty on Audiovisual Performances")
    assert (str(beijing.signed), str(beijing.in_force)) == ("2012-06-26", "2020-04-28")
    assert [str(row) for row in beijing.participations.all()] == ["Algeria", "Austria", "Japan"]
    steps = {(event.party.name, event.kind): event for event in beijing.events.all()}
    assert steps["Algeria", EventKind.APPROVED].note == "Accession"
    assert str(steps["Japan", EventKind.RATIFIED].date) == "2014-06-10"
    assert ("Austria", EventKind.SIGNED_BY_PARTY) in steps
    assert len(steps) == 6
    assert Agreement.objects.get(title__startswith="Rome Convention").kind == "convention"
    assert Source.objects.count() == 1
    assert counts(looked_at(path)[0]) == {"unchanged": 2}


def test_unknown_name_in_a_grouped_file_is_told_with_its_own_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, WIPO, "Algeria,Beijing,,,,", "Atlantis,Beijing,,,,")
    PartyFactory(name="Algeria", country="DZ", state=True)

    _run, outcome = looked_at(path)

    assert remedies(outcome).startswith("3|Contracting Party|Atlantis|")


STRANGERS = """
[rows]
only = { Status = ["signed", "in force"] }

[identifier]
scheme = "min-register"
column = "No"

[dates]
formats = ["%d.%m.%Y", "%m.%Y", "%Y"]

[fields]
title = { columns = ["Long title", "Short title"] }
kind = { column = "Type", values = { "Memorandum" = "mou", "Pact" = "treaty" } }
legal_nature = { column = "Binding", values = { "yes" = "binding", "no" = "non_binding" }, otherwise = "unclear" }
signed = "Date"
term_kind = { always = "fixed" }
term_months = "Months"

[parties]
columns = ["Partner"]
separators = ["/", " and "]
kind = "ministry"

[areas]
column = "Fields"
separators = [","]

[source]
publisher = { always = "Ministry" }
title = { always = "List of agreements" }
where = "No"
"""


def test_stranger_maps_another_register_without_code(tmp_path: Path) -> None:
    (tmp_path / "ministry.toml").write_text(STRANGERS)
    AreaFactory(slug="health")
    path = csv_file(
        tmp_path,
        "No;Long title;Short title;Type;Binding;Date;Months;Partner;Fields;Status",
        "7;;On nurses;Memorandum;no;08.2023;36;Ministry of Health / Japan;health, moon;signed",
        "8;On roads;;Pact;maybe;2020;;Japan and Peru;;In Force",
        "9;On nothing;;Pact;;;;;;planned",
        "10;On rails;;Charter;;;x;Japan;;signed",
    )

    run, outcome = looked_at(path, profile=tmp_path / "ministry.toml", creates_parties=True)

    assert counts(run) == {"created": 1, "refused": 1}
    assert "5|Type|Charter|“Charter” is not one of: mou" in remedies(outcome)
    assert "5|Months|x|“x” is not a whole number" in remedies(outcome)
    imported(path, profile=tmp_path / "ministry.toml", creates_parties=True, is_partial=True)
    nurses = Agreement.objects.get(title="On nurses")
    assert (str(nurses.signed), nurses.legal_nature, str(nurses.term)) == (
        "2023-08",
        "non_binding",
        "P3Y",
    )
    assert [str(row) for row in nurses.participations.all()] == ["Ministry of Health", "Japan"]
    assert nurses.evidence.first().locator == "7"
    again, _outcome = looked_at(path, profile=tmp_path / "ministry.toml")
    assert counts(again) == {"unchanged": 1, "refused": 1}
    nurses.title = "On nurses and doctors"
    nurses.save()
    again, _outcome = looked_at(path, profile=tmp_path / "ministry.toml")
    assert counts(again) == {"kept": 1, "refused": 1}


def test_identifier_that_is_too_long_is_refused(tmp_path: Path) -> None:
    run, outcome = looked_at(uk_file(tmp_path, {"treaty_id": "x" * 201}), creates_parties=True)

    assert counts(run) == {"refused": 1}
    assert "at most 200 characters" in remedies(outcome)


def test_event_of_a_party_that_means_several_is_one_for_each(tmp_path: Path) -> None:
    PartyFactory(name="Japan", country="JP", state=True)
    PartyFactory(name="Peru", country="PE", state=True)
    profile = tmp_path / "ratified.toml"
    profile.write_text(
        """
[fields]
title = "Title"

[[events]]
kind = "ratified"
date = "On"
party = "By"
"""
    )
    path = csv_file(tmp_path, "Title,On,By", "A,2020-01-01,Both sides", "B,2020-01-01,nobody yet")

    answers = {"both sides": {"parts": ["Japan", "Peru"]}, "nobody yet": {"nothing": True}}
    imported(path, profile=str(profile), answers=answers)

    events = Event.objects.order_by("agreement__title", "party__name")
    assert [(row.agreement.title, str(row.party)) for row in events] == [
        ("A", "Japan"),
        ("A", "Peru"),
        ("B", "None"),
    ]
