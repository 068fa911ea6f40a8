"""Workbooks of several sheets, with merged cells, links and footers, as offices keep them."""

import io
from collections.abc import Sequence
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
from agreements.exchange.importing.readers import SheetInfo, Table, footers, opened, where
from agreements.exchange.importing.readers.sheets import SheetTable
from agreements.exchange.importing.readers.tables import ROWS_OF_A_SHEET
from agreements.exchange.importing.refusals import FileRefusedError
from agreements.exchange.importing.refused_rows import write_refused
from agreements.exchange.importing.remarks import MOST_TEXTS
from agreements.models import Agreement, Evidence, Import
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
    heads = {"2021": 1, "2022": 3, "notes": 1}
    assert table.head_row == (heads[read_ones[0]] if len(read_ones) == 1 else 0)
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
    assert "What stands above was left out: “a b c”, “Party”" in table.notes[0]


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


# Links


def linked(folder: Path, *cells: tuple[str, Any, str]) -> Table:
    """A workbook whose cells have these texts and links, below the headings no and title."""
    book = openpyxl.Workbook()
    book.active.append(["no", "title"])
    for place, text, link in cells:
        book.active[place] = text
        if link:
            book.active[place].hyperlink = link
    book.save(folder / "file.xlsx")
    return opened(folder / "file.xlsx")


def test_links_behind_cells_are_kept(tmp_path: Path) -> None:
    table = linked(
        tmp_path,
        ("A2", 1, ""),
        ("B2", "A", "https://example.org/a?b=1&c=2"),
        ("A3", 2, ""),
        ("B3", '=HYPERLINK("http://example.org/b", "see")', ""),
        ("A4", 3, ""),
        ("B4", "C", ""),
    )

    assert [row.links for row in table.rows()] == [
        {"title": "https://example.org/a?b=1&c=2"},
        {"title": "http://example.org/b"},
        {},
    ]


@pytest.mark.parametrize(
    "link", ["file:///C:/mou.pdf", "mailto:a@example.org", "https://example.org/" + "x" * 2_000]
)
def test_links_to_anything_but_the_web_are_told(tmp_path: Path, link: str) -> None:
    table = linked(tmp_path, ("B2", "A", link))

    [row] = table.rows()

    assert row.links == {}
    assert table.remarks.examples == {
        "links in column B that lead to no web address, such as to a file; they were not read": [2]
    }


def test_link_of_a_range_counts_for_each_of_its_cells(tmp_path: Path) -> None:
    table = linked(tmp_path, ("B2", "A", "https://example.org/a"), ("B3", "B", ""), ("B4", "C", ""))
    assert isinstance(table, SheetTable)
    marks = table._parts[0].sheet.marks
    [(area, link)] = marks.links

    marks.links = [(area._replace(last_row=3), link)]

    assert ["title" in row.links for row in table.rows()] == [True, True, False]


# Merged cells, footers and repeats


def merged(folder: Path, rows: Sequence[Sequence[Any]], *areas: str) -> Table:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([*row])
    for area in areas:
        book.active.merge_cells(area)
    book.save(folder / "file.xlsx")
    return opened(folder / "file.xlsx")


def test_cell_merged_over_rows_counts_for_each(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["country", "title"],
        ["Chile", "A"],
        [None, "B"],
        [None, None],
        [None, "C"],
        ["", "D"],
    ]

    table = merged(tmp_path, rows, "A2:A5")

    assert [row.cells for row in table.rows()] == [
        {"country": "Chile", "title": "A"},
        {"country": "Chile", "title": "B"},
        {"country": "Chile", "title": "C"},
        {"country": "", "title": "D"},
    ]
    assert table.remarks.examples == {
        "cells merged over several rows in column A; each of the rows has their text": [3, 5]
    }


def test_row_that_only_merged_cells_reach_is_no_record(tmp_path: Path) -> None:
    table = merged(tmp_path, [["no", "title"], [1, "A"], [], [2, "B"]], "A2:A3", "B2:B3")

    assert [row.cells["title"] for row in table.rows()] == ["A", "B"]


def test_text_merged_over_the_columns_is_no_record(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["no", "title", "place", "day"],
        ["ASIA"],
        [1, "A", "x"],
        [None, "B"],
        ["EUROPE"],
    ]

    table = merged(tmp_path, rows, "A2:D2", "B4:C4")

    assert [row.number for row in table.rows()] == [3, 4, 5]
    assert table.remarks.examples == {
        "“ASIA” is merged over the columns, so its row was left out": [2]
    }


def test_of_many_merged_texts_only_the_first_are_named(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["no", "title"],
        *[[f"Part {n}"] for n in range(MOST_TEXTS + 2)],
        [1, "A"],
    ]

    table = merged(tmp_path, rows, *[f"A{n + 2}:B{n + 2}" for n in range(MOST_TEXTS + 2)])

    assert len(list(table.rows())) == 1
    assert len(table.remarks.counts) == MOST_TEXTS + 1
    further = "further texts that are merged over the columns; their rows were left out"
    assert table.remarks.counts[further] == 2


FOOTERS = [
    "Total: 7", "TOTAL", "Total 7 agreements", "Total number of MoUs: 15", "Prepared by: Jane Roe", "Source: registry",
    "Page 2 of 3", "Cəmi: 7", "CƏMİ", "Yekun", "Hazırladı: A. Məmmədov", "HAZIRLAYAN: X", "Итого", "Итого: 7 соглашений",
    "ВСЕГО 12", "Исполнитель: Иванов", "Toplam: 4", "Sous-total : 3", "Préparé par X", "Gesamt: 9", "Erstellt von X",
    "Stand: 1.1.2024", "Elaborado por X", "Fuente: Ministerio",
]  # fmt: skip
NO_FOOTERS = [
    "Total Energy cooperation", "Totalitarianism", "Stand-by agreement", "Note verbale of 2021",
    "Источники энергии", "Итоговый протокол", "Sum of its parts", "Source code exchange", "ASIA",
]  # fmt: skip


@pytest.mark.parametrize("text", FOOTERS)
def test_total_or_footer_is_left_out_and_told(tmp_path: Path, text: str) -> None:
    path = csv_file(tmp_path, "no,title,place,day", "1,A,Baku,2021", f'"{text}",,,')

    table = opened(path)

    assert [row.number for row in table.rows()] == [2]
    assert table.remarks.examples == {
        f"“{text}” is a total or a footer, so its row was left out": [3]
    }


def test_total_with_its_number_in_another_cell_is_left_out(tmp_path: Path) -> None:
    table = opened(book_of(tmp_path, one=[["no", "title", "sum"], [1, "A", 5], [None, "Total", 5]]))

    assert [row.number for row in table.rows()] == [2]
    assert list(table.remarks.counts) == [
        "“Total 5” is a total or a footer, so its row was left out"
    ]


@pytest.mark.parametrize("text", NO_FOOTERS)
def test_text_that_is_not_clearly_a_footer_stays(tmp_path: Path, text: str) -> None:
    path = csv_file(tmp_path, "no,title,place,day", "1,A,Baku,2021", f'"{text}",,,')

    assert [row.number for row in opened(path).rows()] == [2, 3]


@pytest.mark.parametrize("line", ["Total,Chile,Baku,", "1,Total,Baku,2021", "Total,Chile,,"])
def test_row_that_says_more_than_a_total_stays(tmp_path: Path, line: str) -> None:
    path = csv_file(tmp_path, "title,country,place,day", "A,Chile,Baku,2021", line)

    assert len(list(opened(path).rows())) == 2


def test_rows_that_repeat_another_exactly_are_read_and_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title", "1,A", "2,A", "1,A", "1,A")

    table = opened(path)

    assert len(list(table.rows())) == 4
    assert table.remarks.examples == {
        "rows that repeat an earlier row exactly; they were read": [4, 5]
    }


def test_only_so_many_rows_are_compared_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footers, "MOST_COMPARED", 2)
    table = opened(csv_file(tmp_path, "title", "A", "B", "C", "A"))

    assert len(list(table.rows())) == 4
    assert table.remarks.examples == {
        "rows that were not compared with all others, since there are too many": [4],
        "rows that repeat an earlier row exactly; they were read": [5],
    }


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


SOURCE = '[source]\npublisher = "P"\ntitle = { always = "List" }\nurl = "link"\nwhere = "page"\n'


def cited(
    folder: Path, rows: list[list[Any]], link: str = ""
) -> tuple[list[str], set[tuple[str, str]]]:
    """Import these rows with their sources; return what the preview tells of them, and the URLs and places cited."""
    book = openpyxl.Workbook()
    for row in [["no", "title", "P", "link", "page"], *rows]:
        book.active.append([*row])
    if link:
        book.active["D2"].hyperlink = link
    book.save(folder / "file.xlsx")
    run, file, outcome = looked_at(folder, folder / "file.xlsx", SOURCE)
    assert not outcome.refused
    runs.apply(run, file)
    told = [line["text"] for line in run.notes if line["kind"] in ("note", "trivial")]
    return told, set(Evidence.objects.values_list("source__url", "locator"))


@pytest.mark.django_db
def test_source_takes_the_link_behind_a_cell_that_is_no_address(tmp_path: Path) -> None:
    told, found = cited(tmp_path, [[1, "A", "P", "see here", "3"]], "https://example.org/a")

    assert (told, found) == ([], {("https://example.org/a", "3")})


@pytest.mark.django_db
def test_source_keeps_the_address_that_its_cell_shows(tmp_path: Path) -> None:
    shown = "https://example.org/shown"

    told, found = cited(tmp_path, [[1, "A", "P", shown, ""]], "https://example.org/behind")

    assert (told, found) == ([], {(shown, "")})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["see the archive", "https://", "https://example.org/" + "x" * 1_000]
)
def test_bad_address_costs_the_cell_and_not_the_row(tmp_path: Path, text: str) -> None:
    told, found = cited(tmp_path, [[1, "A", "P", text, "3"]])

    assert found == {("", "3")}
    assert told == ["column “link”: texts that are no web address; left out of the source"]


@pytest.mark.django_db
def test_place_in_the_source_that_is_too_long_costs_the_cell_and_not_the_row(
    tmp_path: Path,
) -> None:
    told, found = cited(tmp_path, [[1, "A", "P", "https://example.org/a", "x" * 201]])

    assert found == {("https://example.org/a", "")}
    assert told == [
        "column “page”: texts of more than 200 characters, too long for a place in a source; left out of the source"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", ["column “title” holds links that are not read; to keep them, choose it at “Links that lead to the source”, or name it as the source's URL in the profile"]),
        ('[source]\npublisher = { always = "P" }\nurl = "title"', []),
    ],
)  # fmt: skip
def test_link_that_would_be_lost_is_told(tmp_path: Path, more: str, told: list[str]) -> None:
    linked(tmp_path, ("A2", 1, ""), ("B2", "A", "https://example.org/a"))

    run, _file, _outcome = looked_at(tmp_path, tmp_path / "file.xlsx", more)

    assert [line["text"] for line in run.notes if line["kind"] in ("note", "trivial")] == told


@pytest.mark.django_db
def test_lists_and_objects_of_json_are_read_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(
        '{"rows": [{"no": 1, "title": {"en": "Bakı"}, "place": ["x", 2]}]}', encoding="utf-8"
    )

    run, file, _outcome = looked_at(tmp_path, path, 'place = "place"')
    runs.apply(run, file)

    [made] = Agreement.objects.all()
    assert (made.title, made.place) == ('{"en": "Bakı"}', '["x", 2]')


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

    for words in ("Odd (1 row: 3 of “2022”)", "row 5 of “2022”", "(row 7 of “2022”)"):
        assert words in page
