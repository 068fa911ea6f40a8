"""Workbooks of several sheets, with merged cells, links and footers, as offices keep them."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from agreements.domain.choices import ImportState, RowOutcome
from agreements.exchange.importing import runs
from agreements.exchange.importing.planning import Incoming
from agreements.exchange.importing.profiles import find
from agreements.exchange.importing.readers import SheetInfo, Table, opened, where
from agreements.exchange.importing.readers.tables import ROWS_OF_A_SHEET
from agreements.exchange.importing.refusals import FileRefusedError
from agreements.exchange.importing.refused_rows import write_refused
from agreements.models import Import
from tests.exchange.importing.files import AT, csv_file, remedies

SECOND = ROWS_OF_A_SHEET


def book_of(folder: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.strip("_"))
        for row in rows:
            sheet.append(row)
        if name.endswith("_"):
            sheet.sheet_state = "hidden"
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


def read(table: Table) -> list[tuple[int, dict[str, Any]]]:
    return [(row.number, row.cells) for row in table.rows()]


@pytest.fixture
def years(tmp_path: Path) -> Path:
    """Two sheets with columns in another order and under a title, one that is empty, and one that is hidden."""
    return book_of(
        tmp_path,
        _2021=[["no", "Party  name"], [1, "Chile"], [2, "Peru"]],
        _2022=[["Agreements of 2022"], [], ["Title", "party name", "No"], ["A", "Japan", 3]],
        empty=[],
        notes_=[["note"], ["hidden"]],
    )


def test_sheets_are_read_as_one_table(years: Path) -> None:
    table = opened(years, sheets=["*"])

    assert table.sheets == ["2021", "2022"]
    assert table.headings == ["no", "Party  name", "Title"]
    assert read(table) == [
        (2, {"no": "1", "Party  name": "Chile", "Title": ""}),
        (3, {"no": "2", "Party  name": "Peru", "Title": ""}),
        (SECOND + 4, {"no": "3", "Party  name": "Japan", "Title": "A"}),
    ]
    assert table.notes == [
        "The sheet “empty” is empty, so it was left out.",
        "The sheet “2021” has no column “Title”, so its rows have nothing there.",
        "The headings were found in row 3 of “2022”. What stands above was left out: “Agreements of 2022”.",
        "Only the sheets “2021”, “2022” were read. The workbook has others: “notes”.",
    ]


def test_all_sheets_of_a_workbook_are_described(years: Path) -> None:
    assert opened(years).all_sheets == [
        SheetInfo("2021", 3, hidden=False),
        SheetInfo("2022", 3, hidden=False),
        SheetInfo("empty", 0, hidden=False),
        SheetInfo("notes", 2, hidden=True),
    ]


@pytest.mark.parametrize(
    ("sheets", "read_ones", "numbers"),
    [
        ([], ["2021"], [2, 3]),
        (["2022"], ["2022"], [4]),
        (["NOTES"], ["notes"], [2]),
        (["2022", "2021"], ["2021", "2022"], [2, 3, SECOND + 4]),
        (["*", "notes"], ["2021", "2022", "notes"], [2, 3, SECOND + 4, 2 * SECOND + 2]),
    ],
)
def test_sheets_are_read_by_name_in_the_order_of_the_workbook(
    years: Path, sheets: list[str], read_ones: list[str], numbers: list[int]
) -> None:
    table = opened(years, sheets=sheets)

    assert table.sheets == read_ones
    assert [row.number for row in table.rows()] == numbers


def test_sheet_that_is_not_there_is_refused_by_name(years: Path) -> None:
    with pytest.raises(
        FileRefusedError, match=r"has no sheet “2020”\. Its sheets are: “2021”, “2022”"
    ):
        opened(years, sheets=["2020", "2021"])


def test_workbook_of_empty_sheets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="The sheet “a” of the workbook is empty"):
        opened(book_of(tmp_path, a=[], b=[]), sheets=["*"])


def test_columns_of_all_sheets_together_are_bounded(tmp_path: Path) -> None:
    path = book_of(tmp_path, a=[[f"a{n}" for n in range(300)]], b=[[f"b{n}" for n in range(300)]])

    with pytest.raises(FileRefusedError, match="more than 500 columns"):
        opened(path, sheets=["*"])


def test_sheets_of_a_text_file_do_not_count_and_that_is_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title", "A")

    [note] = opened(path, sheets=["2022"]).notes
    assert note == "The file is no workbook, so the sheets that were chosen do not count."
    assert opened(path, sheets=["*"]).notes == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_headings_end_in_the_row_that_the_user_names(tmp_path: Path, form: str) -> None:
    rows = [["a", "b", "c"], ["", "Party", ""], ["no", "name", "country"], ["1", "X", "FR"]]
    lines = map(",".join, rows)
    path = csv_file(tmp_path, *lines) if form == "csv" else book_of(tmp_path, one=rows)

    table = opened(path, head=3)

    assert table.headings == ["no", "name", "country"]
    assert read(table) == [(4, {"no": "1", "name": "X", "country": "FR"})]
    assert "What stands above was left out: “a b c Party”" in table.notes[0]


def test_row_of_groups_above_the_one_that_the_user_names_is_joined(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "x,,,", "no,Party A,,", ",name,country,", "1,X,FR,")

    assert opened(path, head=3).headings == ["no", "Party A name", "Party A country"]


@pytest.mark.parametrize("head", [2, 9, 5_000])
def test_row_that_cannot_name_the_columns_is_refused(tmp_path: Path, head: int) -> None:
    path = book_of(tmp_path, one=[["title"], [], ["A"]])

    with pytest.raises(FileRefusedError, match=f"Row {head} cannot name the columns"):
        opened(path, head=head)


def test_cells_beyond_the_last_heading_are_told(tmp_path: Path) -> None:
    table = opened(book_of(tmp_path, one=[["title", "no"], ["A", 1, None, "note"]]))

    assert read(table) == [(2, {"title": "A", "no": "1"})]
    assert table.remarks.examples == {"column D has no heading, so it was left out": [2]}


@pytest.mark.parametrize(
    ("number", "sheets", "words"),
    [
        (12, [], "12"),
        (12, None, "12"),
        (2_000_001, ["2021"], "2000001"),
        (12, ["2021", "2022"], "12 of “2021”"),
        (SECOND + 12, ["2021", "2022"], "12 of “2022”"),
        (5 * SECOND + 12, ["2021", "2022"], "12 of “?”"),
    ],
)
def test_row_is_told_with_its_sheet_if_several_are_read(
    number: int, sheets: list[str] | None, words: str
) -> None:
    assert where(number, sheets) == words


PROFILE = '[identifier]\nscheme = "x"\ncolumn = "no"\n[fields]\ntitle = "title"\n'


def looked_at(folder: Path, path: Path, more: str = "") -> tuple[Import, Incoming, runs.Outcome]:
    """Preview an import of all sheets of this workbook."""
    (folder / "mine.toml").write_text(PROFILE + more, encoding="utf-8")
    file = Incoming(opened(path, sheets=["*"]), find(str(folder / "mine.toml")), None, AT)
    run = Import(file_name=path.name, uploaded_at=AT, profile="mine")
    return run, file, runs.look(run, file)


@pytest.mark.django_db
def test_refused_rows_are_written_with_their_sheets(tmp_path: Path) -> None:
    heads = ["no", "title", "signed"]
    path = book_of(
        tmp_path, _2021=[heads, [1, "A", "2021"]], _2022=[heads, [1, "B", "2022"], [2, "C", "x"]]
    )

    _run, file, outcome = looked_at(tmp_path, path, 'signed = "signed"\n')
    written = io.StringIO()
    write_refused(file.table, outcome, written)

    assert "Row 2 of “2021” is the same agreement." in remedies(outcome)
    lines = written.getvalue().splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["2 of “2022”", "3 of “2022”"]


@pytest.mark.django_db
def test_admin_shows_the_sheet_of_a_row(admin_client: Client) -> None:
    run = Import.objects.create(
        file_name="a.xlsx",
        uploaded_at=timezone.now(),
        state=ImportState.PREVIEWED,
        survey={"sheets": ["2021", "2022"]},
        notes=[{"kind": "note", "text": "odd", "count": 1, "rows": [SECOND + 3]}],
    )
    problems = [[str(SECOND + 7), "date", "x", "Wrong."]]
    run.records.create(row=SECOND + 5, outcome=RowOutcome.REFUSED, problems=problems)

    page = admin_client.get(f"/admin/agreements/import/{run.pk}/change/").content.decode()

    for words in ("odd (1 row: 3 of “2022”)", "row 5 of “2022”", "(row 7 of “2022”)"):
        assert words in page
