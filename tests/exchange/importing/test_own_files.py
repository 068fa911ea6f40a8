"""Edits in the register's own files: they change what was edited, and nothing else."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine

from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.exchange.exporting.csv import defuse
from agreements.models import Agreement, Change, Party, Source
from agreements.models.derived import refresh_derived_columns
from agreements.models.references import ReferenceCounter
from tests.colleagues import colleague
from tests.exchange.importing.files import counts, csv_file, exported, imported, looked_at, remedies
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
Edit = Callable[[dict[str, Any]], None]


def edited(path: Path, edit: Edit) -> Path:
    """Change the first record of an exported file, in whichever format it is."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        edit(rows[0])
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".json":
        document = json.loads(path.read_text())
        edit(document["agreements"][0])
        path.write_text(json.dumps(document))
    else:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        headings = [cell.value for cell in sheet[1]]
        before = dict(zip(headings, [cell.value for cell in sheet[2]], strict=True))
        row = dict(before)
        edit(row)
        for column, name in enumerate(headings, start=1):
            if row[name] != before[name]:
                sheet.cell(2, column).value = row[name]
        book.save(path)
    return path


@pytest.fixture
def agreement() -> Agreement:
    parties = [
        PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ", state=True),
        PartyFactory(name="Uzbekistan", slug="uzbekistan", country="UZ", state=True),
    ]
    agreement = AgreementFactory(
        ref="AGR-0001",
        title="Memorandum on labour",
        signed="2023-08",
        place="Baku",
        parties=parties,
        areas=[AreaFactory(slug="labour")],
        draft=True,
    )
    SignatoryFactory(agreement=agreement, name="Ali Aliyev", title="Minister", position=0)
    SignatoryFactory(agreement=agreement, name="Vali Valiyev", position=1)
    EvidenceFactory(
        agreement=agreement,
        source=SourceFactory(url="https://n.example/1"),
        fact=EvidenceCode.SIGNED,
        note="p. 3",
    )
    AreaFactory(slug="health")
    PartyFactory(name="Japan", slug="japan", country="JP", state=True)
    return agreement


def names(agreement: Agreement) -> list[str]:
    return [str(row) for row in agreement.participations.all()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_edited_cells_change_the_record_and_no_more(
    tmp_path: Path, agreement: Agreement, form: str
) -> None:
    other = AgreementFactory(ref="AGR-0002")
    path = exported(tmp_path, form)
    before = Agreement.objects.get(pk=other.pk).updated_at

    def edit(row: dict[str, Any]) -> None:
        row |= {"title": "Memorandum on work", "signed": "25 May 2022", "areas": "health"}
        row |= {"parties": "JAPAN; Azerbaijan; Uzbekistan [witness]"}
        row |= {"signatories": "Vali Valiyev; New One"}

    run = imported(edited(path, edit))

    assert counts(run) == {"changed": 1, "unchanged": 1}
    agreement.refresh_from_db()
    assert agreement.title == "Memorandum on work"
    assert str(agreement.signed) == "2022-05-25"
    assert agreement.signed_earliest == agreement.signed_latest
    assert agreement.place == "Baku"
    assert names(agreement) == ["Japan", "Azerbaijan", "Uzbekistan (Witness)"]
    assert [area.slug for area in agreement.areas.all()] == ["health"]
    assert [(s.name, s.title) for s in agreement.signatories.all()] == [
        ("Vali Valiyev", ""),
        ("New One", ""),
    ]
    assert agreement.evidence.get().note == "p. 3"
    assert Agreement.objects.get(pk=other.pk).updated_at == before
    assert Agreement.objects.containing("japan").get() == agreement
    assert refresh_derived_columns(dry_run=True) == 0
    assert counts(looked_at(path)[0]) == {"unchanged": 2}


def test_what_changes_is_said_in_words(tmp_path: Path, agreement: Agreement) -> None:
    path = edited(
        exported(tmp_path, "csv"),
        lambda row: row.update(signed="2022", kind="treaty", parties="Azerbaijan; Japan", place=""),
    )

    run = imported(path)

    assert sorted(run.records.get().changes) == sorted(
        [
            ["Kind", "Memorandum of understanding", "Treaty"],
            ["Signed", "August 2023", "2022"],
            ["Place of signature", "Baku", ""],
            ["parties", "Uzbekistan", "Japan"],
        ]
    )


def test_cell_that_a_spreadsheet_would_run_is_taken_as_text(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "csv"), lambda row: row.update(title=defuse("=1+1")))

    imported(path)

    agreement.refresh_from_db()
    assert agreement.title == "=1+1"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_status_that_was_right_when_the_file_was_saved_is_not_told(
    tmp_path: Path, agreement: Agreement, form: str
) -> None:
    """On the day of the file the stage counted; today that is a past day, on which a stage without a date says nothing."""
    AgreementFactory(stage="negotiation")
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        path = exported(tmp_path, form)

    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False):
        run, _outcome = looked_at(path)

    assert counts(run) == {"unchanged": 2}
    assert run.notes == []


def test_computed_columns_are_ignored_and_a_changed_one_is_told(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(
        exported(tmp_path, "csv"),
        lambda row: row.update(status="expired", expires="2030", countries="DE"),
    )

    run, _outcome = looked_at(path)

    assert counts(run) == {"unchanged": 1}
    told = " ".join(line["text"] for line in run.notes)
    assert all(
        f"“{name}” differs from what the register computes" in told
        for name in ("status", "expires", "countries")
    )


def test_added_source_is_cited_for_what_the_row_states_and_a_removed_one_goes(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(
        exported(tmp_path, "csv"), lambda row: row.update(sources="https://www.gov.example/a")
    )

    imported(path)

    evidence = agreement.evidence.all()
    assert {row.source.url for row in evidence} == {"https://www.gov.example/a"}
    assert {row.source.publisher for row in evidence} == {"gov.example"}
    facts = {row.fact for row in evidence}
    assert {"title", "signed", "parties", "place"} <= facts
    # the register does not know whether its text can be read
    assert "text" not in facts
    agreement.refresh_from_db()
    assert agreement.verification == "single_source"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        pytest.param({"kind": "pact"}, "2|kind|pact|“pact” is not one of", id="code"),
        pytest.param(
            {"signed": "31.02.2020"}, "2|signed|31.02.2020|February 2020 has 29", id="date"
        ),
        pytest.param({"areas": "moon"}, "2|areas|moon|There is no cooperation area", id="area"),
        pytest.param({"parties": "Uzbekistann"}, "2|parties|Uzbekistann|No party", id="party"),
        pytest.param({"title": " "}, "title", id="no title"),
        pytest.param({"place": "x" * 300}, "2|place|", id="too long"),
        pytest.param({"sources": "A book"}, "2|sources|A book|No source", id="source"),
        pytest.param({"signatories": "x" * 300}, "2|signatories|", id="signatory"),
        pytest.param({"ref": "x"}, "A reference looks like AGR-0001", id="ref"),
    ],
)
def test_cell_that_cannot_be_taken_refuses_the_row_with_place_and_remedy(
    tmp_path: Path, agreement: Agreement, values: dict[str, str], why: str
) -> None:
    run, outcome = looked_at(edited(exported(tmp_path, "csv"), lambda row: row.update(values)))

    assert counts(run) == {"refused": 1}
    assert why in remedies(outcome)


def test_new_rows_become_drafts_once_however_often_the_file_comes(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = csv_file(tmp_path, "title,signed,parties", '"New one",2020,"Azerbaijan; Japan"')

    run = imported(path)

    new = Agreement.objects.get(title="New one")
    assert (new.ref, new.publication) == ("AGR-0002", "draft")
    assert names(new) == ["Azerbaijan", "Japan"]
    assert counts(run) == {"created": 1}
    assert counts(looked_at(path)[0]) == {"unchanged": 1}


def test_reference_that_was_given_once_is_never_taken_again(
    tmp_path: Path, agreement: Agreement
) -> None:
    AgreementFactory(ref="AGR-0007").delete()
    path = csv_file(tmp_path, "ref,title", "AGR-0007,Back again", "AGR-0100,From elsewhere")

    run, outcome = looked_at(path)

    assert counts(run) == {"created": 1, "refused": 1}
    assert "references are never reused" in remedies(outcome)
    imported(path, is_partial=True)
    assert ReferenceCounter.last_given() == 100


def test_two_rows_of_one_record_are_refused(tmp_path: Path, agreement: Agreement) -> None:
    path = csv_file(tmp_path, "ref,place", "AGR-0001,Ganja", "AGR-0001,Sheki", ",", ",")

    run, outcome = looked_at(path)

    assert "Row 2 is the same agreement" in remedies(outcome)
    assert counts(run) == {"changed": 1, "refused": 1}


def test_file_that_is_older_than_the_record_is_refused_unless_it_shall_overwrite(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "csv"), lambda row: row.update(place="Sheki"))
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        agreement.title = "Edited by staff"
        agreement.save()

    run, outcome = looked_at(path)

    assert counts(run) == {"refused": 1}
    assert "after this file was made" in remedies(outcome)
    imported(path, overwrites=True)
    agreement.refresh_from_db()
    assert (agreement.title, agreement.place) == ("Memorandum on labour", "Sheki")


def test_row_with_empty_cells_for_defaults_is_known_again_and_unchanged(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,kind,stage,legal_nature,place", "New,mou,,,")
    imported(path)
    made = Agreement.objects.get()
    assert (made.stage, made.legal_nature) == ("concluded", "not_assessed")
    Agreement.objects.update(place="Added by staff")

    run, outcome = looked_at(path)

    assert (counts(run), remedies(outcome)) == ({"unchanged": 1}, "")


def test_empty_cell_of_a_field_with_a_default_says_that_default(
    tmp_path: Path, agreement: Agreement
) -> None:
    AgreementFactory(ref="AGR-0002", stage="proposed")

    run, outcome = looked_at(csv_file(tmp_path, "ref,stage", "AGR-0001,", "AGR-0002,"))

    assert counts(run) == {"unchanged": 1, "refused": 1}
    assert "is not one of" in remedies(outcome)


def test_file_older_than_a_colleagues_import_does_not_take_it_back(
    tmp_path: Path, agreement: Agreement
) -> None:
    agreement.place = "Baku"
    agreement.save()
    path = exported(tmp_path, "csv")
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        imported(csv_file(tmp_path, "ref,place", "AGR-0001,Sheki", name="colleagues.csv"))

    run, outcome = looked_at(path)

    assert counts(run) == {"refused": 1}
    assert "after this file was made" in remedies(outcome)


def test_what_staff_changed_back_after_an_import_is_kept(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "csv"), lambda row: row.update(place="Sheki"))
    imported(path)
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        agreement.refresh_from_db()
        agreement.place = "Ganja"
        agreement.save()

    run, _outcome = looked_at(path)

    assert counts(run) == {"kept": 1}


def test_editor_may_not_change_what_is_published_but_a_publisher_may(
    tmp_path: Path, agreement: Agreement
) -> None:
    published = AgreementFactory(ref="AGR-0002", place="Baku")
    path = csv_file(tmp_path, "ref,place", "AGR-0001,Sheki", "AGR-0002,Sheki")

    run, outcome = looked_at(path, by=colleague(StaffRole.EDITOR))

    assert counts(run) == {"changed": 1, "refused": 1}
    assert "only a publisher may change it" in remedies(outcome)
    imported(path, by=colleague(StaffRole.PUBLISHER))
    published.refresh_from_db()
    assert published.place == "Sheki"
    assert Change.objects.get(agreement=published).facts == ["place"]


def test_files_of_others_are_refused_with_their_columns(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="neither a ref nor a title: name, date"):
        looked_at(csv_file(tmp_path, "name,date", "a,b"))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_header_alone_says_nothing(tmp_path: Path, form: str) -> None:
    path = exported(tmp_path, form)
    run, _outcome = looked_at(path)

    assert counts(run) == {}


# JSON


def test_json_changes_what_a_table_has_no_room_for(tmp_path: Path, agreement: Agreement) -> None:
    other = AgreementFactory(ref="AGR-0002")
    hidden = AgreementFactory(ref="AGR-0003", draft=True)
    RelationFactory(agreement=agreement, target=hidden, kind="amends")
    EventFactory(agreement=agreement, kind="meeting", date="2020")

    def edit(record: dict[str, Any]) -> None:
        record["signatories"][0]["title"] = "Prime Minister"
        record["events"] = [
            {
                "kind": "ratified",
                "date": "2024-02",
                "party": "azerbaijan",
                "note": "",
                "place": None,
                "source": None,
            }
        ]
        record["commitments"] = [
            {"text": "Experts", "due": "2025", "progress": "under_way", "party": "japan"}
        ]
        record["relations"] = [
            {"kind": "supersedes", "ref": "AGR-0002"},
            {"kind": "amends", "ref": "AGR-9999"},
        ]
        record |= {
            "term_kind": "fixed",
            "term_months": 36,
            "in_force": "2023-09-01",
            "notice_days": 90,
        }
        record["evidence"].append(
            {
                "fact": "place",
                "basis": "inferred",
                "source": "gazette",
                "locator": "p. 1",
                "note": None,
            }
        )
        record["sources"].append(
            {"slug": "gazette", "publisher": "Gazette", "title": "Issue 1", "published": "2023-09"}
        )

    run = imported(edited(exported(tmp_path, "json"), edit))

    assert counts(run) == {"changed": 1, "unchanged": 2}
    agreement.refresh_from_db()
    assert str(agreement.expires) == "2026-09-01"
    assert agreement.signatories.first().title == "Prime Minister"
    assert refresh_derived_columns(dry_run=True) == 0
    assert [(e.kind, str(e.date), e.party.name) for e in agreement.events.all()] == [
        ("ratified", "2024-02", "Azerbaijan")
    ]
    assert agreement.commitments.get().party.name == "Japan"
    assert {(r.kind, r.target.ref) for r in agreement.relations_out.all()} == {
        ("supersedes", "AGR-0002"),
        ("amends", "AGR-0003"),
    }
    assert str(agreement.evidence.get(fact="place").source.published) == "2023-09"
    assert "relations to records that are not in the register" in run.notes[0]["text"]
    other.refresh_from_db()
    assert other.superseded_on is None  # the record that supersedes it is a draft


def test_register_moves_to_another_by_its_json(tmp_path: Path, agreement: Agreement) -> None:
    ParticipationFactory(
        agreement=agreement,
        party=PartyFactory(name="UN", slug="un", kind="international_organisation"),
        role="depositary",
        position=3,
    )
    path = exported(tmp_path, "json")
    before = json.loads(path.read_text())["agreements"][0]
    agreement.delete()
    Party.objects.all().delete()
    ReferenceCounter.objects.update(last=0)

    imported(path, creates_parties=True)

    after = json.loads(exported(tmp_path, "json").read_text())["agreements"][0]
    for changing in ("updated_at", "published_at"):
        before.pop(changing)
        after.pop(changing)
    assert after == before
    assert Agreement.objects.get().publication == "draft"


def test_months_without_a_term_are_refused_by_the_models_own_sentence(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "json"), lambda record: record.update(term_months=36))

    _run, outcome = looked_at(path)

    assert "A length goes with a fixed term or an automatic renewal" in remedies(outcome)


def test_json_of_an_earlier_release_states_months_and_days(
    tmp_path: Path, agreement: Agreement
) -> None:
    def as_it_was(record: dict[str, Any]) -> None:
        for name in ("term", "renewal", "minimum_term", "notice", "signed_old_style"):
            del record[name]
        record |= {"term_kind": "fixed", "term_months": 18, "notice_days": 30}

    imported(edited(exported(tmp_path, "json"), as_it_was))

    agreement.refresh_from_db()
    assert (str(agreement.term), str(agreement.notice)) == ("P18M", "P30D")


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_lengths_are_edited_in_every_format(
    tmp_path: Path, agreement: Agreement, form: str
) -> None:
    agreement.term_kind = "automatic_renewal"
    agreement.save()
    lengths = {"term": "P3Y", "renewal": "P1Y", "notice": "6 months", "minimum_term": "P120D"}

    imported(edited(exported(tmp_path, form), lambda record: record.update(lengths)))

    agreement.refresh_from_db()
    stored = {name: str(getattr(agreement, name)) for name in lengths}
    assert stored == lengths | {"notice": "P6M"}


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_kind_of_term_stage_reported_and_old_style_date_are_edited_in_every_format(
    tmp_path: Path, agreement: Agreement, form: str
) -> None:
    facts = {
        "term_kind": "automatic_renewal",
        "term": "P3Y",
        "renewal": "P1Y",
        "stage_reported": "2023-08",
        "signed_old_style": "12 October 1813",
    }

    imported(edited(exported(tmp_path, form), lambda record: record.update(facts)))

    agreement.refresh_from_db()
    assert {name: str(getattr(agreement, name)) for name in facts} == facts


def test_length_that_cannot_be_read_is_refused_and_named(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "csv"), lambda record: record.update(notice="30"))

    _run, outcome = looked_at(path)

    assert "notice|30|“30” has no unit: write 30 months, 30 days or 30 years." in remedies(outcome)


@pytest.mark.parametrize(
    ("period", "remedy"),
    [
        ({"first": "2023", "last": "2022"}, "cannot be before the first"),
        ({"first": None, "last": "2022"}, "Give the first day of the period"),
        ({"first": "0998"}, "The register holds no dates before 1000"),
        ({"kind": "extension", "last": "2030", "by": "AGR-0001"}, "cannot prolong itself"),
    ],
)
def test_impossible_period_is_refused_with_the_reason(
    tmp_path: Path, agreement: Agreement, period: dict[str, str], remedy: str
) -> None:
    row = {"kind": "suspension", "first": None, "last": None, "note": None, "by": None, **period}
    path = edited(exported(tmp_path, "json"), lambda record: record["periods"].append(row))

    _run, outcome = looked_at(path)

    assert remedy in remedies(outcome)


def test_supersession_ends_with_the_relation_that_the_file_takes_away(tmp_path: Path) -> None:
    old, new = AgreementFactory(signed="2010-01-01"), AgreementFactory(signed="2020-01-01")
    RelationFactory(agreement=new, target=old, kind="supersedes")
    path = exported(tmp_path, "json")
    content = json.loads(path.read_text())
    for record in content["agreements"]:
        record["relations"] = []
    path.write_text(json.dumps(content))

    run = imported(path)

    assert counts(run) == {"changed": 1, "unchanged": 1}
    old.refresh_from_db()
    assert old.superseded_on is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        pytest.param(
            {"evidence": [{"fact": "title"}]},
            "evidence||An entry lacks its source",
            id="evidence without a source",
        ),
        pytest.param(
            {"relations": [{"kind": "amends", "ref": "AGR-0001"}]},
            "relations||An agreement cannot be related to itself",
            id="relation to itself",
        ),
    ],
)
def test_row_that_could_never_be_written_is_refused_in_the_preview(
    tmp_path: Path, agreement: Agreement, values: dict[str, Any], why: str
) -> None:
    path = edited(exported(tmp_path, "json"), lambda record: record.update(values))

    run, outcome = looked_at(path)

    assert counts(run) == {"refused": 1}
    assert why in remedies(outcome)


def test_reference_far_beyond_the_last_is_taken_for_a_mistake(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = csv_file(
        tmp_path,
        "ref,title",
        "AGR-20230012,Mistyped",
        "AGR-999999999999,Mistyped",
        "AGR-90000,Far",
        "AGR-190000,Farther",
    )

    run, outcome = looked_at(path)

    assert counts(run) == {"created": 2, "refused": 2}
    assert "more than 100,000 after the last one, AGR-0001" in remedies(outcome)
    imported(path, is_partial=True)
    assert ReferenceCounter.last_given() == 190_000


def test_reference_of_another_kind_is_never_taken_again_either(tmp_path: Path) -> None:
    imported(csv_file(tmp_path, "ref,title", "GB-0001,First", "GB-0002,Second"))
    Agreement.objects.get(ref="GB-0001").delete()
    path = csv_file(tmp_path, "ref,title", "GB-0001,Another", "GB-0003,Third")

    run, outcome = looked_at(path)

    assert counts(run) == {"created": 1, "refused": 1}
    assert "2|ref|GB-0001|The record with this reference was removed" in remedies(outcome)


# A slug of another register


def foreign_record(folder: Path, **values: Any) -> Path:
    """Write the JSON of another register, in which our slugs stand for other records."""
    record = {
        "title": "Agreement of others",
        "parties": [
            {
                "slug": "ministry-of-labour",
                "name": "Ministry of Labour of Uzbekistan",
                "country": "UZ",
                "kind": "ministry",
            }
        ],
        "evidence": [{"fact": "title", "source": "news-2023"}],
        "sources": [
            {"slug": "news-2023", "publisher": "Q", "url": "https://other.example/9", "title": "Z"}
        ],
    }
    path = folder / "others.json"
    path.write_text(json.dumps([{**record, **values}]))
    return path


@pytest.fixture
def ours() -> tuple[Party, Source]:
    return (
        PartyFactory(slug="ministry-of-labour", name="Ministry of Labour", country="AZ"),
        SourceFactory(slug="news-2023", publisher="P", url="https://a.example/1", title="Ours"),
    )


def test_slug_alone_makes_no_party_and_no_source_that_of_another_register(
    tmp_path: Path, ours: tuple[Party, Source]
) -> None:
    path = foreign_record(tmp_path)

    assert counts(looked_at(path)[0]) == {"refused": 1}
    imported(path, creates_parties=True)

    made = Agreement.objects.get()
    [party] = Party.objects.filter(participations__agreement=made)
    assert (party.name, party.country.code) == ("Ministry of Labour of Uzbekistan", "UZ")
    assert party.slug != "ministry-of-labour"
    assert made.evidence.get().source.url == "https://other.example/9"
    assert counts(looked_at(path)[0]) == {"unchanged": 1}


def test_what_staff_add_of_ours_under_such_a_slug_takes_the_place_of_nothing(
    tmp_path: Path, ours: tuple[Party, Source]
) -> None:
    path = foreign_record(tmp_path)
    imported(path, creates_parties=True)
    made = Agreement.objects.get()
    ParticipationFactory(agreement=made, party=ours[0], position=1)
    EvidenceFactory(agreement=made, source=ours[1], fact=EvidenceCode.SIGNED)

    assert counts(looked_at(path)[0]) == {"kept": 1}


def test_namesake_of_another_country_is_another_party(
    tmp_path: Path, ours: tuple[Party, Source]
) -> None:
    namesake = {"slug": "ministry-of-labour", "name": "Ministry of Labour", "country": "UZ"}

    imported(foreign_record(tmp_path, parties=[namesake]), creates_parties=True)

    assert Party.objects.get(participations__isnull=False).country.code == "UZ"


@pytest.mark.parametrize(
    ("party", "source"),
    [
        pytest.param({"name": "MINISTRY OF LABOUR"}, {"url": "https://a.example/1"}, id="the same"),
        pytest.param(
            {"name": "Ministry of Work", "country": "AZ"}, {"title": "Ours"}, id="one thing agrees"
        ),
        pytest.param({}, {}, id="nothing else said"),
    ],
)
def test_slug_counts_where_what_is_said_beside_it_agrees(
    tmp_path: Path, ours: tuple[Party, Source], party: dict[str, str], source: dict[str, str]
) -> None:
    path = foreign_record(
        tmp_path,
        parties=[{"slug": "ministry-of-labour", "name": "ministry-of-labour", **party}],
        sources=[{"slug": "news-2023", **source}],
    )

    imported(path)

    made = Agreement.objects.get()
    assert made.participations.get().party == ours[0]
    assert made.evidence.get().source == ours[1]


def test_what_was_renamed_since_the_export_is_still_known_by_its_slug(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = edited(exported(tmp_path, "json"), lambda record: record.update(place="Sheki"))
    Party.objects.filter(slug="japan").delete()
    Party.objects.filter(slug="azerbaijan").update(name="Republic of Azerbaijan", country="")
    Source.objects.update(url="https://moved.example/1")
    evidence = [{"fact": "title", "source": Source.objects.get().slug}]
    path = edited(path, lambda record: record.update(evidence=record["evidence"] + evidence))

    assert counts(imported(path)) == {"changed": 1}

    assert names(agreement) == ["Republic of Azerbaijan", "Uzbekistan"]
    assert agreement.evidence.count() == 2
    assert Source.objects.count() == 1
