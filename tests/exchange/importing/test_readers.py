"""Files as they are sent: in any usual encoding and with any separator; and files that were made to do harm."""

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from agreements.exchange.importing.readers import opened
from agreements.exchange.importing.readers.documents import LISTS, LONGEST_RECORD
from agreements.exchange.importing.readers.heads import found_head
from agreements.exchange.importing.readers.tables import LONGEST_CELL
from agreements.exchange.importing.refusals import FileRefusedError
from tests.exchange.importing.files import csv_file, workbook


def cells_of(path: Path, **how: str) -> list[dict[str, object]]:
    return [row.cells for row in opened(path, **how).rows()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_csv_is_read_in_any_encoding_and_with_any_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    lines = [separator.join(cells) for cells in (("ref", "title"), ("AGR-1", "Übereinkunft “A”"))]

    path = csv_file(tmp_path, *lines, encoding=encoding)

    assert cells_of(path) == [{"ref": "AGR-1", "title": "Übereinkunft “A”"}]


def test_guessed_encoding_is_told_and_a_known_one_is_taken(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title", "Соглашение", encoding="cp1251")

    [note] = opened(path).notes
    assert "By its letters it was read as Windows-1251: “Соглашение”." in note
    assert cells_of(path, encoding="cp1251") == [{"title": "Соглашение"}]
    assert opened(path, encoding="cp1251").notes == []
    for name in ("latin-99", "base64", "undefined"):
        with pytest.raises(FileRefusedError, match=f"no encoding “{name}”"):
            opened(path, encoding=name)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("Меморандум о взаимопонимании с МВД", "cp1251", id="Russian"),
        pytest.param("Çalışma ve Sosyal Güvenlik Bakanlığı", "cp1254", id="Turkish"),
        pytest.param("Accord entre la France et le Sénégal à Saint-Étienne", "cp1252", id="French"),
        pytest.param("Samþykkt um viðskipti á milli Íslands og Færeyja", "cp1252", id="Icelandic"),
    ],
)
def test_encoding_is_told_by_letters_and_words(tmp_path: Path, text: str, encoding: str) -> None:
    path = csv_file(tmp_path, "title", text, encoding=encoding)

    assert cells_of(path) == [{"title": text}]


def test_broken_bytes_in_utf8_refuse_their_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    sound = "title,place\r\nƏmək haqqında sazişə əlavə,Bakı\r\n".encode()
    path.write_bytes(sound + b"Caf\xe9,Paris\r\n")

    table = opened(path)
    rows = list(table.rows())

    assert "some of its bytes are not" in table.notes[0]
    assert not rows[0].problems
    assert rows[1].problems[0].column == "title"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["sep=;", "no;title;signed", "1;A, B;2021"], id="separator named"),
        pytest.param(["sep=|", "no|title|signed", "1|A, B|2021"], id="bar named"),
        pytest.param(["no|title|signed", "1|A, B|2021"], id="bar"),
        pytest.param(["no;title;signed", "1;A, B, C and D;2021"], id="commas within"),
        pytest.param(["", "", "no,title,signed", "1,A,2021"], id="blank lines first"),
        pytest.param([",,", "no,title,signed", "1,A,2021"], id="empty cells first"),
        pytest.param(["List of MoUs,,", "", "no,title,signed", "1,A,2021"], id="title first"),
        pytest.param(["List of MoUs", "no,title,signed", "1,A,2021"], id="title without commas"),
        pytest.param(["no,title,signed,,", "1,A,2021,,"], id="empty columns last"),
        pytest.param(["no,,title,signed", "1,,A,2021"], id="empty column within"),
        pytest.param(["Agreement,,", "no,title,signed", "1,A,2021"], id="name of a group"),
    ],
)
def test_table_is_found_in_what_spreadsheets_write(tmp_path: Path, lines: list[str]) -> None:
    path = csv_file(tmp_path, *lines)

    [row] = opened(path).rows()

    assert row.number == len(lines)
    assert not row.problems
    assert {name: row.cells[name] for name in ("no", "signed")} == {"no": "1", "signed": "2021"}


def test_row_of_the_registers_columns_is_the_head_however_wide_the_rows_below(
    tmp_path: Path,
) -> None:
    [row] = opened(csv_file(tmp_path, "title", "Labour, pensions, and health")).rows()

    assert "3 cells and the header 1" in row.problems[0].remedy


def test_what_stands_above_the_headings_is_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Our agreements,,", "As of May,,", "no,title,signed", "1,A,2021")

    assert opened(path).notes == [
        "The headings were found in row 3. What stands above was left out: “Our agreements”, “As of May”."
    ]


@pytest.mark.parametrize(
    ("lines", "headings"),
    [
        pytest.param(
            ["Party A,,Party B,", "name,country,name,country", "X,AZ,Y,GE"],
            ["Party A name", "Party A country", "Party B name", "Party B country"],
            id="the same names under two groups",
        ),
        pytest.param(
            ["No,Title,Signatories,,Dates,", ",,Name,Office,Signed,Ends", "1,A,X,Y,2021,2024"],
            ["No", "Title", "Signatories Name", "Signatories Office", "Dates Signed", "Dates Ends"],
            id="some columns in groups",
        ),
    ],
)
def test_headings_in_two_rows_are_joined(
    tmp_path: Path, lines: list[str], headings: list[str]
) -> None:
    table = opened(csv_file(tmp_path, *lines))

    assert table.headings == headings
    assert [row.number for row in table.rows()] == [3]


def test_cells_without_a_heading_are_told(tmp_path: Path) -> None:
    table = opened(csv_file(tmp_path, "no,,title", "1,x,A", "2,,B", "3,y,C"))

    assert next(row.cells for row in table.rows()) == {"no": "1", "title": "A"}
    list(table.rows())
    [(remark, count)] = table.remarks.counts.items()
    assert (remark, count) == ("column B has no heading, so it was left out", 2)
    assert table.remarks.examples[remark] == [2, 4]


def test_csv_rows_may_have_line_breaks_and_blank_lines_between_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", 'a,"two', 'lines"', "", " , ", "b,one")

    rows = list(opened(path).rows())

    assert [(row.number, row.cells["ref"]) for row in rows] == [(2, "a"), (5, "b")]
    assert rows[0].cells["title"] == "two\r\nlines"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\r\n\r\n", "is empty", id="blank lines"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="a mark alone"),
        pytest.param(b"ref,title,Ref\n", "Two columns are named “ref”", id="twice the same"),
        pytest.param(b",".join(b"c%d" % n for n in range(600)), "more than 500", id="wide"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\x00" * 400, "not text", id="a picture"),
        pytest.param(b"\xd0\xcf\x11\xe0 old", "Excel 97", id="old Excel"),
        pytest.param(b"PK\x03\x04 broken", "The file is damaged", id="no zip"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    with pytest.raises(FileRefusedError, match=why):
        opened(path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="cannot be opened"):
        opened(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("a,b,c", "3 cells and the header 2", id="too many cells"),
        pytest.param("a", "1 cells and the header 2", id="too few"),
        pytest.param("a,b\x00", "NUL", id="NUL"),
    ],
)
def test_broken_row_is_refused_and_the_next_one_read(tmp_path: Path, line: str, why: str) -> None:
    path = csv_file(tmp_path, "ref,title", line, *["x,y"] * 40)

    rows = list(opened(path).rows())

    assert why in rows[0].problems[0].remedy
    assert rows[0].number == 2
    assert not rows[1].problems


def test_cell_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", f"a,{'x' * 10 * LONGEST_CELL}")

    with pytest.raises(FileRefusedError, match="Row 2 has a cell of more than"):
        list(opened(path).rows())


def test_row_that_is_one_cell_by_other_separators_may_be_long(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title,note", f"a,{'x' * 700_000},{'y' * 700_000}", "b,c,d")

    assert [row.cells["ref"] for row in opened(path).rows()] == ["a", "b"]


def test_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", 'a,"open', *["b,c"] * 400_000)

    with pytest.raises(FileRefusedError, match="unclosed quotation mark"):
        list(opened(path).rows())


def test_bytes_in_the_middle_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"ref,title\r\na,b\r\nc,\x81\r\n")

    with pytest.raises(FileRefusedError, match="not valid cp1252"):
        list(opened(path, encoding="cp1252").rows())


# Workbooks


def test_workbook_is_read_with_real_dates_and_whole_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ("ref", "signed", "months", "at", "yes"),
            ("AGR-1", date(2022, 5, 25), 36.0, datetime(2022, 5, 25, 8, 30), True),  # noqa: DTZ001
            (None, None, None, None, None),
            ("AGR-2", "2023-08", "036", None, None),
        ],
    )

    rows = list(opened(path).rows())

    assert rows[0].cells == {
        "ref": "AGR-1",
        "signed": "2022-05-25",
        "months": "36",
        "at": "2022-05-25T08:30:00",
        "yes": "True",
    }
    assert rows[1].number == 4
    assert rows[1].cells["months"] == "036"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("=1+1", "a formula without a stored value", id="formula"),
        pytest.param("#REF!", "a spreadsheet error", id="error"),
    ],
)
def test_cell_without_a_value_of_its_own_is_lost_alone(
    tmp_path: Path, value: str, why: str
) -> None:
    path = workbook(tmp_path, [("ref", "title", "days"), ("AGR-1", "A", value)])

    [row] = opened(path).rows()

    assert row.cells == {"ref": "AGR-1", "title": "A", "days": ""}
    assert not row.problems
    [lost] = row.lost
    assert why in lost.remedy
    assert lost.column == "days"


def test_formula_gives_the_value_stored_with_it(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("title", "days"), ("A", "=1+1"), ("B", "=2+2"), ("C", "=1/0")])
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    sheet = sheet.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    sheet = sheet.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    sheet = sheet.replace(b'<c r="B4">', b'<c r="B4" t="e">').replace(
        b"<f>1/0</f><v />", b"<f>1/0</f><v>#DIV/0!</v>"
    )

    rows = list(opened(rewritten(path, "xl/worksheets/sheet1.xml", sheet)).rows())

    assert [row.cells["days"] for row in rows] == ["2", "", ""]
    assert [[lost.remedy for lost in row.lost] for row in rows] == [
        [],
        ["a formula without a stored value: open the file, save it and try again"],
        ["a spreadsheet error (#DIV/0!)"],
    ]


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("yyyy-mm-dd", "2021-03-01"),
        ("d mmm", "2021-03-01"),
        ("mmm yyyy", "2021-03"),
        ("mmm-yy", "2021-03"),
        ("[$-409]mmmm\\ yyyy;@", "2021-03"),
        ('"Day" mm/yyyy', "2021-03"),
        ("yyyy", "2021"),
    ],
)
def test_date_is_as_precise_as_its_cell_shows_it(
    tmp_path: Path, number_format: str, text: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["title", "signed"])
    book.active.append(["A", date(2021, 3, 1)])
    book.active["B2"].number_format = number_format
    book.save(tmp_path / "file.xlsx")

    [row] = opened(tmp_path / "file.xlsx").rows()

    assert row.cells["signed"] == text
    assert row.dates == {"signed"}


def test_what_a_sheet_hides_or_strikes_through_is_told_and_so_are_other_sheets(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "2024"
    for row in (("title", "place"), ("A", "Baku"), ("B", "Ganja"), ("C", None)):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet["A4"].font = Font(strike=True)
    book.create_sheet("2023").append(["title"])
    book.create_sheet("notes").sheet_state = "hidden"
    book.save(tmp_path / "file.xlsx")

    table = opened(tmp_path / "file.xlsx")
    rows = list(table.rows())

    assert [row.cells["title"] for row in rows] == ["A", "B", "C"]
    assert table.notes == [
        "Only the sheet “2024” was read. The workbook has others: “2023”, “notes”."
    ]
    assert table.remarks.examples == {
        "column B, which the sheet hides; it was read": [2, 3],
        "rows that the sheet hides; they were read": [3],
        "struck-through text in column A; it was read": [4],
    }


def test_table_is_found_below_a_title_in_a_workbook(tmp_path: Path) -> None:
    rows = [("Tracker",), (), ("no", None, "title"), (1, None, "A"), (), (2, None, "B")]

    table = opened(workbook(tmp_path, rows))

    assert [(row.number, row.cells) for row in table.rows()] == [
        (4, {"no": "1", "title": "A"}),
        (6, {"no": "2", "title": "B"}),
    ]


def test_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="empty"):
        opened(workbook(tmp_path, []))


def rewritten(path: Path, part: str, content: bytes) -> Path:
    """Put other content into one part of a workbook."""
    other = path.with_name(f"other-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return other


def test_billion_laughs_are_refused(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 20 + b'">]>'
    sheet = (
        b"<?xml version='1.0'?>"
        + laughs
        + b"<worksheet><sheetData><row><c t='inlineStr'><is><t>&b;</t></is></c></row></sheetData></worksheet>"
    )
    path = rewritten(workbook(tmp_path, [("ref", "title")]), "xl/worksheets/sheet1.xml", sheet)

    with pytest.raises(FileRefusedError, match="entities"):
        list(opened(path).rows())


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = rewritten(
        workbook(tmp_path, [("ref", "title")]), "xl/worksheets/sheet1.xml", b" " * (300 << 20)
    )

    assert path.stat().st_size < 1 << 20
    with pytest.raises(FileRefusedError, match=r"unpacks to more than \d\d MB"):
        opened(path)


def test_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")

    with pytest.raises(FileRefusedError, match="cannot be read as an Excel workbook"):
        opened(path)


# JSON


def test_list_of_objects_is_read_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    for text in (
        '[{"title": "a"}, {"title": "ü"}]',
        '{"selection": {"words": "x"}, "agreements": [{"title": "a"},\n{"title": "ü"}], "count": 2}',
    ):
        path.write_text(text, encoding="utf-8")
        assert cells_of(path) == [{"title": "a"}, {"title": "ü"}]


@pytest.mark.parametrize("name", LISTS)
def test_list_of_objects_may_be_under_a_usual_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.json"
    meta = {"of": "rows", "agreements": [1], "n": 12}
    rows = [{"title": "a", "agreements": [{"x": 1}]}, {"title": "b"}]
    path.write_text(json.dumps({"meta": meta, "columns": ["title"], "n": 3, name: rows, "z": []}))

    assert cells_of(path) == rows


def test_value_before_the_list_may_cross_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    before = '{"a": "' + "x" * ((1 << 20) - 16) + '", "n": '
    for length in range(1, 12):
        number = "1" * length
        path.write_text(before + number + ', "rows": [{"title": "a"}]}')
        assert cells_of(path) == [{"title": "a"}]


def test_json_that_repeats_a_record_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('[{"title": "a"}, {"title": "b"}, {"title": "a"}]')

    table = opened(path)

    assert len(list(table.rows())) == 3
    assert table.remarks.examples == {
        "rows that repeat an earlier row exactly; they were read": [3]
    }


def test_tab_separates_the_cells_of_a_file_that_is_called_so(tmp_path: Path) -> None:
    lines = ["no\tplace, day, people", "1\tBaku, 1, X", "2\tGanja, 2, Y"]

    for name in ("a.tsv", "a.TAB"):
        path = csv_file(tmp_path, *lines, name=name)
        assert [row["place, day, people"] for row in cells_of(path)] == [
            "Baku, 1, X",
            "Ganja, 2, Y",
        ]
    assert list(cells_of(csv_file(tmp_path, *lines))[0]) != ["no", "place, day, people"]


def test_json_longer_than_a_chunk_is_cut_into_its_records(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    record = '{"title": "%s"}' % ("x" * 400_000)
    path.write_text(f'{{"agreements": [{",".join([record] * 9)}]}}')

    assert len(cells_of(path)) == 9


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("3", "contains no list", id="a number"),
        pytest.param('{"a": 1}', "contains no list", id="no list"),
        pytest.param("[1]", "Entry 1", id="no records"),
        pytest.param('[{"a": 1}', "incomplete", id="cut after a record"),
        pytest.param('[{"a": ', "cannot be read", id="cut within"),
        pytest.param('[{"a": "' + "x" * (LONGEST_RECORD + 10) + '"}]', "cannot be read", id="huge"),
        pytest.param("[" + '{"a":' * 100_000, "nested|cannot be read", id="nested"),
        pytest.param('[{"a": ' + "[" * 200 + "1" + "]" * 200 + "}]", "nested", id="deep"),
        pytest.param('[{"a": 1, "A": 2}]', "Two columns", id="twice the same"),
        pytest.param('[{"a": 1, " a": 2}]', "Two columns", id="twice the same but for a blank"),
        pytest.param(
            '{"rows": {"a": [{}]}}',
            "under one of these names: agreements, rows",
            id="no list there",
        ),
        pytest.param('{"a" 1, "rows": []}', "contains no list", id="no colon"),
        pytest.param('[{"a": ' + "1" * 5_000 + "}]", "too many digits", id="long number"),
        pytest.param(
            r'[{"a\ud800": 1}]', "name with characters that text cannot contain", id="name"
        ),
    ],
)
def test_json_that_is_no_list_of_records_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)

    with pytest.raises(FileRefusedError, match=why):
        list(opened(path).rows())


def test_json_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes('[{"title": "Ü"}]'.encode("cp1252"))

    with pytest.raises(FileRefusedError, match="UTF-8"):
        opened(path)


@pytest.mark.parametrize(
    "value", [r'"a\ud800"', r'"a\u0000"', r'[{"name": "\udfff"}]'], ids=["half", "NUL", "within"]
)
def test_json_value_that_no_text_holds_is_a_problem_of_its_row(tmp_path: Path, value: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(f'[{{"title": {value}, "place": "Baku"}}, {{"title": "b"}}]')

    first, second = opened(path).rows()

    assert [(problem.row, problem.column) for problem in first.problems] == [(1, "title")]
    assert first.cells == {"title": None, "place": "Baku"}
    assert not second.problems


def test_json_may_write_letters_as_pairs_and_speak_of_escapes(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(r'[{"title": "\ud83d\ude42 and \\u0000"}]')

    [row] = opened(path).rows()

    assert not row.problems
    assert row.cells == {"title": "🙂 and \\u0000"}


@pytest.mark.parametrize(
    ("head", "headings"),
    [
        ("No,Date,Partner,date", ["No", "Date", "Partner", "date (2)"]),
        ("A,A,A (2),A", ["A", "A (3)", "A (2)", "A (4)"]),
        ("A,,B,,A", ["A", "", "B", "", "A (2)"]),
    ],
)
def test_columns_of_the_same_name_are_numbered_and_told(head: str, headings: list[str]) -> None:
    found = found_head([(1, head.split(",")), (2, ["1", "2", "3", "4", "5"])])

    assert found.headings == headings
    [note] = found.notes
    assert note.startswith("Several columns have the same name, so these were numbered:")
    assert all(f"“{name}”" in note for name in headings if "(" in name and name not in head)
