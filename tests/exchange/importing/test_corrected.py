"""Cells that staff correct and rows that they leave out: what is imported, and what the next import of the file does."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agreements.exchange.importing import kept_cells, runs
from agreements.exchange.importing.corrected import CorrectedTable, as_filed
from agreements.exchange.importing.kept_cells import CUT, VALUE, Room, rows_of
from agreements.exchange.importing.readers import Row, opened
from agreements.exchange.importing.refusals import RegisterChangedError
from agreements.exchange.importing.undoing import undo
from agreements.models import Agreement, Import
from tests.exchange.importing.files import AT, counts, csv_file, workbook

pytestmark = pytest.mark.django_db

PROFILE = """
[fields]
title = "Title"
place = "Place"
signed = "Signed"
"""
ROWS = ("Title,Place,Signed", "Health,Baki,2020-02-01", "Trade,Ganja,31.02.2020", "Nothing,2,")


@pytest.fixture
def profile(tmp_path: Path) -> str:
    path = tmp_path / "office.toml"
    path.write_text(PROFILE)
    return str(path)


def begun(path: Path, profile: str = "", **wishes: Any) -> tuple[Import, Any]:
    """Return an import of this file with corrections, which stay when it is read again."""
    run = Import(file_name=path.name, uploaded_at=AT, profile=profile, **wishes)
    return run, runs.file_of(run, path, by=None, at=AT)


def imported(path: Path, profile: str = "", **wishes: Any) -> Import:
    run, file = begun(path, profile, **wishes)
    runs.look(run, file)
    runs.apply(run, file)
    return run


def looked_at(path: Path, profile: str = "", **wishes: Any) -> Import:
    run, file = begun(path, profile, **wishes)
    runs.look(run, file)
    return run


CORRECTED = {
    "corrections": {"2": {"Place": "Baku"}, "3": {"Signed": "29.02.2020"}},
    "left_out": [4],
}


def test_corrected_cells_are_imported_and_rows_left_out_are_not(
    tmp_path: Path, profile: str
) -> None:
    run = imported(csv_file(tmp_path, *ROWS), profile, **CORRECTED)

    assert counts(run) == {"created": 2}
    found = Agreement.objects.order_by("title").values_list("title", "place", "signed")
    assert [(title, place, str(day)) for title, place, day in found] == [
        ("Health", "Baku", "2020-02-01"),
        ("Trade", "Ganja", "2020-02-29"),
    ]
    notes = {line["text"]: (line["count"], line["rows"]) for line in run.notes if "count" in line}
    assert notes["cells corrected here"] == (2, [2, 3])
    assert notes["left out here"] == (1, [4])
    left_out = run.records.get(outcome="left_out")
    assert (left_out.row, left_out.title) == (4, "Nothing")


def test_same_file_is_recognised_later_and_keeps_what_was_corrected(
    tmp_path: Path, profile: str
) -> None:
    path = csv_file(tmp_path, *ROWS[:2])
    imported(path, profile, corrections={"2": {"Place": "Baku"}})

    again = looked_at(path, profile)

    # the file says what it said, and staff's correction stays
    assert counts(again) == {"kept": 1}
    assert counts(looked_at(path, profile, overwrites=True)) == {"changed": 1}
    corrected_again = looked_at(path, profile, corrections={"2": {"Place": "Baku"}})
    assert counts(corrected_again) == {"unchanged": 1}


def test_correction_that_empties_a_cell_is_kept_the_next_time(tmp_path: Path, profile: str) -> None:
    path = csv_file(tmp_path, *ROWS[:2])
    imported(path, profile, corrections={"2": {"Place": ""}})

    assert Agreement.objects.get().place == ""
    assert counts(looked_at(path, profile)) == {"kept": 1}


def test_row_that_the_file_changes_after_a_correction_is_a_new_one(
    tmp_path: Path, profile: str
) -> None:
    imported(csv_file(tmp_path, *ROWS[:2]), profile, corrections={"2": {"Place": "Baku"}})

    changed = csv_file(tmp_path, ROWS[0], "Health,Baku,2020-02-01", name="again.csv")
    assert counts(looked_at(changed, profile)) == {"created": 1}


def test_own_file_without_a_reference_is_recognised_by_its_own_cells(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,place", "Health,Baki")
    imported(path, corrections={"2": {"place": "Baku"}})

    assert counts(looked_at(path)) == {"kept": 1}
    assert Agreement.objects.get().place == "Baku"


def test_undoing_puts_back_what_a_corrected_row_had_changed(tmp_path: Path, profile: str) -> None:
    path = csv_file(tmp_path, *ROWS[:2])
    imported(path, profile)
    run = imported(path, profile, corrections={"2": {"Place": "Baku"}})
    assert Agreement.objects.get().place == "Baku"

    undo(run, by=None, at=AT)

    assert Agreement.objects.get().place == "Baki"


def test_corrections_belong_to_what_the_preview_has_shown(tmp_path: Path, profile: str) -> None:
    run, _file = begun(csv_file(tmp_path, *ROWS[:2]), profile)
    path = tmp_path / "file.csv"
    runs.look(run, _file)
    # corrected behind the preview's back, and with a text that changes nothing in the record
    run.corrections = {"2": {"Place": " Baki"}}

    run.profile = profile
    file = runs.file_of(run, path, by=None, at=AT)

    with pytest.raises(RegisterChangedError):
        runs.apply(run, file)
    assert not Agreement.objects.exists()


def test_corrections_that_the_file_no_longer_has_a_place_for_are_told(
    tmp_path: Path, profile: str
) -> None:
    run = looked_at(
        csv_file(tmp_path, *ROWS[:2]),
        profile,
        corrections={"2": {"Ort": "x"}, "9": {"Place": "x"}},
        left_out=[7],
    )

    notes = {line["text"]: line["rows"] for line in run.notes if "count" in line}
    assert notes["corrected here, but the file has no column “Ort” now"] == [2]
    assert notes["corrected or left out here, but the file has no such row now"] == [7, 9]


def test_correction_of_a_real_date_is_read_as_text(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["title", "signed"], ["Health", date(2020, 2, 1)]])
    table = CorrectedTable(opened(path), {"2": {"signed": "March 2021"}}, [])

    [row] = table.rows()

    assert (row.cells["signed"], row.dates) == ("March 2021", frozenset())
    assert as_filed(row).dates == {"signed"}
    assert as_filed(row).cells["signed"] == "2020-02-01"


def test_reading_twice_counts_once(tmp_path: Path) -> None:
    table = CorrectedTable(opened(csv_file(tmp_path, *ROWS)), {"2": {"Place": "Baku"}}, [4])

    for _time in range(2):
        assert [row.number for row in table.rows()] == [2, 3]
    assert table.remarks.counts == {"cells corrected here": 1, "left out here": 1}
    assert [row.number for row in table.taken_out] == [4]


def test_cells_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_cells, "LONGEST_KEPT", 4)
    monkeypatch.setattr(kept_cells, "MOST_CELLS", 3)
    row = Row(7, {"a": "long text", "b": None, "c": [1], "d": "further"})

    [kept] = rows_of(Room().kept([row], is_refused=True))

    assert kept.number == 7
    assert [tuple(cell) for cell in kept.cells] == [
        ("a", "long", CUT),
        ("b", "", ""),
        ("c", "[1]", VALUE),
    ]
    assert kept.further == 1


def test_refused_rows_have_room_of_their_own() -> None:
    room = Room(refused=30, others=30)
    row = Row(2, {"title": "Health"})

    assert [bool(room.kept([row], is_refused=False)) for _time in range(2)] == [True, False]
    assert room.kept([row], is_refused=True)
