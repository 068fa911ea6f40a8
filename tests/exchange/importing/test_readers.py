"""Files as they are sent: in any usual encoding and with any separator; and files that were made to do harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from agreements.exchange.importing.readers import opened
from agreements.exchange.importing.readers.documents import LONGEST_RECORD
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

    assert "Windows-1252" in opened(path).notes[0]
    assert cells_of(path, encoding="cp1251") == [{"title": "Соглашение"}]
    assert opened(path, encoding="cp1251").notes == []
    for name in ("latin-99", "base64", "undefined"):
        with pytest.raises(FileRefusedError, match=f"no encoding “{name}”"):
            opened(path, encoding=name)


def test_csv_rows_may_have_line_breaks_and_blank_lines_between_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", 'a,"two', 'lines"', "", " , ", "b,one")

    rows = list(opened(path).rows())

    assert [(row.number, row.cells["ref"]) for row in rows] == [(2, "a"), (5, "b")]
    assert rows[0].cells["title"] == "two\r\nlines"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\r\n\r\n", "first row is empty", id="blank lines"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="a mark alone"),
        pytest.param(b"ref,title,Ref\n", "Two columns are named “ref”", id="twice the same"),
        pytest.param(b"ref,,title\n", "Column 2 has no name", id="nameless"),
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


def test_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", 'a,"open', *["b,c"] * 400_000)

    with pytest.raises(FileRefusedError, match="unclosed quotation mark"):
        list(opened(path).rows())


def test_bytes_in_the_middle_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"ref,title\r\na,b\r\nc,\x81\r\n")

    with pytest.raises(FileRefusedError, match="not valid cp1252"):
        list(opened(path).rows())


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
        pytest.param("=1+1", "Cell B2 contains a formula", id="formula"),
        pytest.param("#REF!", "spreadsheet error", id="error"),
    ],
)
def test_cell_without_a_value_of_its_own_is_refused(tmp_path: Path, value: str, why: str) -> None:
    path = workbook(tmp_path, [("ref", "title"), ("AGR-1", value)])

    [row] = opened(path).rows()

    assert why in row.problems[0].remedy
    assert row.problems[0].column == "title"


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
