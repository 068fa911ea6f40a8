"""The command: counts on stdout, reasons on stderr, a status that scripts can read, and nothing on a second run."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agreements.curation.history.past import entries_of
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Import
from tests.colleagues import colleague
from tests.exchange.importing.files import csv_file
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db


def run(path: Path, **options: Any) -> tuple[str, str, int]:
    """Return what the command says, on both streams, and its exit status."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_agreements", path, stdout=out, stderr=err, **options)
    except SystemExit as left:
        return out.getvalue().strip(), err.getvalue().strip(), int(str(left.code))
    return out.getvalue().strip(), err.getvalue().strip(), 0


def test_import_says_what_it_did_and_a_second_one_that_there_was_nothing_to_do(
    tmp_path: Path,
) -> None:
    path = uk_file(tmp_path, {}, {"treaty_id": "2", "parties": "FRANCE"})

    out, err, status = run(path, create_parties=True)

    number = Import.objects.get().pk
    assert status == 0
    assert (
        out == f"Agreements: 2 created, 0 changed, 0 unchanged, 0 kept, 0 refused. Import {number}."
    )
    assert "Unusual: one party only: 1 (rows 3)" in err
    assert "New parties (3): Netherlands (State, Netherlands); United Kingdom" in err
    assert run(path) == (
        "Agreements: 0 created, 0 changed, 2 unchanged, 0 kept, 0 refused.",
        ("Note: rows whose areas the register does not have: 2 (rows 2, 3)"),
        0,
    )
    assert Import.objects.count() == 1


def test_each_reason_is_told_once_with_its_rows(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,signed", *[f"A{n},soon" for n in range(7)], "B,31.02.2020")

    _out, err, _status = run(path)

    lines = [line for line in err.splitlines() if line.startswith("Refused")]
    assert lines[0].startswith("Refused: 7 rows (2, 3, 4, 5, 6, …), signed: “soon” ")
    assert lines[1].startswith("Refused: Row 9, signed: “31.02.2020” ")
    assert len(lines) == 2


def test_refused_rows_are_written_with_their_reasons(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,signed", "A,2020", "=B,31.02.2020", ",2021")
    refused = tmp_path / "refused.csv"

    _out, err, _status = run(path, refused=refused)

    with refused.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["title"], row["signed"], row["row in the file"]) for row in rows] == [
        ("'=B", "31.02.2020", "3"),
        ("", "2021", "4"),
    ]
    assert rows[0]["reason"].startswith("signed: “31.02.2020”: February 2020 has")
    assert f"{refused} has 2 refused rows." in err


def test_nothing_is_imported_if_the_refused_rows_cannot_be_written(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,signed", "A,2020", "B,soon")

    with pytest.raises(CommandError, match="cannot be written"):
        run(path, refused=tmp_path / "nowhere" / "refused.csv", partial=True)
    assert not Agreement.objects.exists()


def test_all_new_parties_are_listed_on_request(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,parties", *[f"T{n},Agency {n:02} of X" for n in range(25)])

    assert (
        "and 5 more (--verbosity 2 lists them)" in run(path, create_parties=True, dry_run=True)[1]
    )
    err = run(path, create_parties=True, dry_run=True, verbosity=2)[1]
    assert "Agency 24 of X (Other)" in err


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    out, _err, status = run(uk_file(tmp_path, {}), create_parties=True, dry_run=True)

    assert (status, out.endswith("(dry run: nothing was written).")) == (0, True)
    assert not Agreement.objects.exists()
    assert not Import.objects.exists()


def test_refused_row_stops_all_and_says_why(tmp_path: Path) -> None:
    path = uk_file(tmp_path, {}, {"treaty_id": "2", "signed_event_date": "soon"})

    out, err, status = run(path, create_parties=True)

    assert status == 1
    assert out.endswith(
        "1 created, 0 changed, 0 unchanged, 0 kept, 1 refused (nothing was written)."
    )
    assert "Refused: Row 3, signed_event_date: “soon” “soon” is not a date" in err
    assert not Agreement.objects.exists()


def test_partial_import_takes_the_rest_and_still_fails(tmp_path: Path) -> None:
    path = uk_file(tmp_path, {}, {"treaty_id": "2", "signed_event_date": "soon"})

    out, _err, status = run(path, create_parties=True, partial=True)

    assert status == 1
    assert "1 created, 0 changed, 0 unchanged, 0 kept, 1 refused. Import" in out
    assert Agreement.objects.count() == 1


def test_unknown_parties_are_counted_with_the_ways_out(tmp_path: Path) -> None:
    _out, err, status = run(uk_file(tmp_path, {}))

    assert status == 1
    assert "Unknown parties: 2. --create-parties creates them" in err


def test_names_that_no_party_can_be_created_for_are_not_said_to_be_created(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title,parties", "AGR-0001,Letter,Korea")

    _out, err, status = run(path, create_parties=True)

    assert status == 1
    assert "Unknown parties: 1. A profile's [parties.known] maps" in err


def test_rights_of_the_named_user_count_and_their_name_is_kept(tmp_path: Path) -> None:
    editor = colleague(StaffRole.EDITOR)
    AgreementFactory(ref="AGR-0001", place="Baku")
    AgreementFactory(ref="AGR-0002", draft=True)

    _out, err, status = run(csv_file(tmp_path, "ref,place", "AGR-0001,Ganja"), user="editor")
    assert (status, "only a publisher may change it" in err) == (1, True)
    run(csv_file(tmp_path, "ref,place", "AGR-0002,Ganja"), user="editor")

    changed = Agreement.objects.get(ref="AGR-0002")
    assert changed.place == "Ganja"
    assert entries_of(Agreement, changed.pk)[0].by == editor


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"user": "nobody"}, "no active user named “nobody”"),
        ({"user": "reader"}, "reader may not import"),
        ({"profile": "moon"}, "no profile “moon”"),
        ({"profile": "wipo-treaties"}, "The file lacks the column “Contracting Party”"),
        ({"encoding": "x"}, "no encoding “x”"),
        ({"encoding": "base64"}, "no encoding “base64”"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    tmp_path: Path, options: dict[str, str], why: str
) -> None:
    colleague(StaffRole.READER)

    with pytest.raises(CommandError, match=why):
        run(uk_file(tmp_path, {}), **options)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        run(tmp_path / "gone.csv")


def test_undo_command_takes_the_import_back(tmp_path: Path) -> None:
    run(uk_file(tmp_path, {}), create_parties=True)
    number, out = Import.objects.get().pk, StringIO()

    call_command("undo_import", number, dry_run=True, stdout=out)
    assert Agreement.objects.count() == 1
    call_command("undo_import", number, stdout=out)

    assert out.getvalue().splitlines() == [
        "Nothing prevents undoing 1 record (dry run: nothing was written).",
        "Agreements: 1 removed, 0 restored. Unused parties removed: 2, sources: 1.",
    ]
    assert not Agreement.objects.exists()


def test_undo_command_says_what_is_in_the_way(tmp_path: Path) -> None:
    run(uk_file(tmp_path, {}), create_parties=True)
    Agreement.objects.get().signatories.create(name="Somebody")
    number, err = Import.objects.get().pk, StringIO()

    with pytest.raises(CommandError, match="cannot be undone"):
        call_command("undo_import", number, dry_run=True, stderr=err)
    with pytest.raises(CommandError, match="AGR-0001: it has been edited since"):
        call_command("undo_import", number)
    with pytest.raises(CommandError, match="no import 999"):
        call_command("undo_import", 999)

    assert err.getvalue().strip() == "AGR-0001: it has been edited since."
