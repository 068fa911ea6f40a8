"""What a preview says about new rows that resemble existing records, and about what an import cannot do."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.exchange.importing import findings
from agreements.models import Agreement
from tests.exchange.importing.files import counts, csv_file, exported, imported, looked_at, remedies
from tests.factories import AgreementFactory, DocumentFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db
HEADING = "ref,title,signed,parties,place"


def told(path: Path) -> list[str]:
    run, _outcome = looked_at(path)
    return [
        line["text"]
        for line in run.notes
        if "looks like" in line["text"] or "look like" in line["text"]
    ]


@pytest.fixture
def japan_and_peru() -> None:
    for name in ("Japan", "Peru", "Chile"):
        PartyFactory(name=name)


def test_row_that_was_imported_and_then_edited_in_the_file_is_told(
    tmp_path: Path, japan_and_peru: None
) -> None:
    imported(csv_file(tmp_path, HEADING, ",On ports,2023-08,Japan; Peru,Tokyo"))
    ref = Agreement.objects.get().ref

    edited = csv_file(tmp_path, HEADING, ",On ports,2023-08,Peru; Japan,Lima")

    assert counts(looked_at(edited)[0]) == {"created": 1}
    assert told(edited) == [f"new row 2 looks like {ref}"]


@pytest.mark.parametrize(
    "row",
    [
        ",On harbours,2023-08,Japan; Peru,Tokyo",
        ",On ports,2023,Japan; Peru,Tokyo",
        ",On ports,2023-08,Japan; Chile,Tokyo",
        ",On ports,2023-08,Japan; Peru [witness],Tokyo",
    ],
    ids=["title", "date", "party", "role"],
)
def test_what_differs_in_one_of_the_three_is_another_agreement(
    tmp_path: Path, japan_and_peru: None, row: str
) -> None:
    imported(csv_file(tmp_path, HEADING, ",On ports,2023-08,Japan; Peru,Tokyo"))

    assert told(csv_file(tmp_path, HEADING, row)) == []


@pytest.mark.parametrize(
    ("stored", "row"),
    [
        (",On Ports,2023-08,Japan; Peru,", ",ON  PORTS!,2023-08,Peru; Japan,"),
        (",On ports,,Japan; Peru,", ",On ports,2023-08,Japan; Peru,"),
        (",On ports,2023-08,Japan; Peru,", ",On ports,,Japan; Peru,"),
        (",On ports,2023-08-05,Japan; Peru,", ",On harbours,2023-08-05,Japan; Peru,"),
    ],
    ids=["title-otherwise-written", "stored-undated", "new-undated", "same-day-and-kind"],
)
def test_what_is_probably_the_same_agreement_is_told(
    tmp_path: Path, japan_and_peru: None, stored: str, row: str
) -> None:
    imported(csv_file(tmp_path, HEADING, stored))
    ref = Agreement.objects.get().ref

    assert told(csv_file(tmp_path, HEADING, row)) == [f"new row 2 looks like {ref}"]


def test_other_kinds_of_the_same_day_are_other_agreements(
    tmp_path: Path, japan_and_peru: None
) -> None:
    heading = "ref,title,signed,parties,kind"
    imported(csv_file(tmp_path, heading, ",On ports,2023-08-05,Japan; Peru,protocol"))

    row = ",On harbours,2023-08-05,Japan; Peru,treaty"
    assert told(csv_file(tmp_path, heading, row)) == []


def test_known_rows_are_not_told(tmp_path: Path, japan_and_peru: None) -> None:
    imported(csv_file(tmp_path, HEADING, ",On ports,2023-08,Japan; Peru,Tokyo"))
    ref = Agreement.objects.get().ref

    assert told(csv_file(tmp_path, HEADING, f"{ref},On ports,2023-08,Japan; Peru,Lima")) == []
    assert told(csv_file(tmp_path, HEADING, ",On ports,2023-08,Japan; Peru,Tokyo")) == []


def test_of_very_many_the_first_are_named_and_the_others_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MOST_LOOK_ALIKES", 1)
    for title in "abc":
        AgreementFactory(title=title)

    path = csv_file(tmp_path, "ref,title,place", *(f",{title},Baku" for title in "abc"))

    assert len(told(path)) == 2
    assert "2 more new rows look like existing records" in told(path)


def test_looking_costs_two_queries_a_block(tmp_path: Path) -> None:
    def queries(number: int) -> int:
        rows = (f",Of {n},Baku" for n in range(number))
        path = csv_file(tmp_path, "ref,title,place", *rows)
        with CaptureQueriesContext(connection) as captured:
            looked_at(path)
        return len(captured)

    assert queries(30) == queries(1)


# ------------------------------------------------------------------ documents


def document_notes(path: Path) -> list[str]:
    run, _outcome = looked_at(path)
    return [line["text"] for line in run.notes if "documents are never imported" in line["text"]]


def changed(path: Path, **values: Any) -> Path:
    content = json.loads(path.read_text())
    content["agreements"][0] |= values
    path.write_text(json.dumps(content))
    return path


def test_preview_says_that_documents_of_a_new_record_are_left_out(tmp_path: Path) -> None:
    DocumentFactory(agreement=AgreementFactory(title="On ports"))
    path = changed(exported(tmp_path, "json"), ref="")

    assert document_notes(path)


def test_documents_that_are_there_already_need_no_warning(tmp_path: Path) -> None:
    DocumentFactory(agreement=AgreementFactory())
    path = exported(tmp_path, "json")

    assert document_notes(path) == []
    content = json.loads(path.read_text())["agreements"][0]
    more = [*content["documents"], {**content["documents"][0], "title": "Another"}]
    assert document_notes(changed(path, documents=more))


# ------------------------------------------------------------------ what published records need


@pytest.mark.parametrize(
    ("cells", "column"),
    [("On ports,Japan,{source}", "parties"), ("On ports,Japan; Peru,", "sources")],
    ids=["party", "source"],
)
def test_row_that_takes_from_a_published_record_what_it_needs_is_refused(
    tmp_path: Path, japan_and_peru: None, cells: str, column: str
) -> None:
    agreement = AgreementFactory(
        title="On ports", parties=[PartyFactory(name="Peru!"), PartyFactory(name="Japan!")]
    )
    source = EvidenceFactory(agreement=agreement).source.url
    path = csv_file(
        tmp_path, "ref,title,parties,sources", f"{agreement.ref},{cells.format(source=source)}"
    )

    run, outcome = looked_at(path)

    assert counts(run) == {"refused": 1}
    assert f"|{column}||{agreement.ref}: a published record" in remedies(outcome)
