"""OpenDocument workbooks keep the promises of Excel's: each cell as it is shown, and nothing that costs too much."""

import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agreements.exchange.importing.readers import SheetInfo, Table, opened, workbook_parts
from agreements.exchange.importing.readers.sheets import MOST_SHEETS, WIDEST
from agreements.exchange.importing.readers.tables import ROWS_OF_A_SHEET
from agreements.exchange.importing.refusals import FileRefusedError
from benchmarks.attacks.files import MEGABYTE

ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.3">'
    "<office:automatic-styles>"
    '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '<style:style style:name="ce1" style:family="table-cell">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)
END = "</office:spreadsheet></office:body></office:document-content>"
# What a program writes after the cells of a row, and after the rows of a sheet.
REST_OF_ROW = '<table:table-cell table:number-columns-repeated="16380"/>'
REST_OF_SHEET = (
    f'<table:table-row table:number-rows-repeated="1048570">{REST_OF_ROW}</table:table-row>'
)


def cell(text: str = "", more: str = "", *, kind: str = "string", name: str = "table-cell") -> str:
    shown = f"<text:p>{text}</text:p>" if text else ""
    kind = f' office:value-type="{kind}"' if text and kind else ""
    return f"<table:{name}{kind} {more}>{shown}</table:{name}>"


def row(*cells: str, more: str = "") -> str:
    made = "".join(each if each.startswith("<") else cell(each) for each in cells)
    return f"<table:table-row {more}>{made}{REST_OF_ROW}</table:table-row>"


def sheet(*rows: str, name: str = "2021", style: str = "ta1", columns: str = "") -> str:
    start = f'<table:table table:name="{name}" table:style-name="{style}">{columns}'
    return f"{start}{''.join(rows)}{REST_OF_SHEET}</table:table>"


def packed(folder: Path, content: str | bytes, mime: str = "spreadsheet") -> Path:
    path = folder / "file.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = f"application/vnd.oasis.opendocument.{mime}"
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr("content.xml", content)
    return path


def book(folder: Path, *sheets: str) -> Path:
    return packed(folder, ROOT + "".join(sheets) + END)


def one_cell(folder: Path, made: str) -> Any:
    """Return what a row says whose second cell is this one."""
    [read] = opened(book(folder, sheet(row("no", "x"), row("1", made)))).rows()
    return read


def cells_of(table: Table) -> list[dict[str, Any]]:
    return [row.cells for row in table.rows()]


def test_opendocument_is_told_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    path = book(tmp_path, sheet(row("no", "title"), row("1", "Ə")))

    for name in ("a.ods", "a.xlsx", "a"):
        table = opened(path, name=name)
        assert (table.format, cells_of(table)) == ("ods", [{"no": "1", "title": "Ə"}])


def value(kind: str, text: str, said: str, more: str = "") -> str:
    """A cell of this kind and value that shows this text."""
    of_value = "value" if kind in ("float", "percentage", "currency") else f"{kind}-value"
    return cell(text, f'office:{of_value}="{said}" {more}', kind=kind)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        pytest.param(value("float", "1,200", "1200"), "1200", id="a whole number"),
        pytest.param(value("float", "1,200", "1200.0"), "1200", id="a whole number with a point"),
        pytest.param(value("percentage", "50 %", "0.5"), "0.5", id="a share"),
        pytest.param(value("currency", "€ 3.50", "3.5"), "3.5", id="an amount"),
        pytest.param(value("float", "2", "2", 'table:formula="of:=1+1"'), "2", id="a formula"),
        pytest.param(value("boolean", "TRUE", "true"), "True", id="a truth value"),
        pytest.param(value("time", "9:30", "PT09H30M00S"), "09:30:00", id="a time"),
        pytest.param(value("float", "?", "x"), "?", id="no number"),
        pytest.param(value("date", "never", "x"), "never", id="no date"),
        pytest.param(cell("a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d"), "a  b\tc\nd", id="blanks"),
        pytest.param(cell("a\n   b"), "a b", id="blanks of the file"),
        pytest.param(cell("one</text:p><text:p>two"), "one\ntwo", id="lines"),
        pytest.param(cell("<text:span>a</text:span>b"), "ab", id="parts in other letters"),
        pytest.param(
            "<table:table-cell office:value-type='string'><office:annotation><text:p>a note</text:p></office:annotation>"
            "<text:p>text</text:p></table:table-cell>",
            "text",
            id="a comment beside",
        ),
        pytest.param(
            "<table:table-cell office:value-type='string'><draw:frame><table:table><table:table-row><table:table-cell>"
            "<text:p>of a chart</text:p></table:table-cell></table:table-row></table:table></draw:frame>"
            "<text:p>text</text:p></table:table-cell>",
            "text",
            id="a drawing beside",
        ),
    ],
)  # fmt: skip
def test_cell_says_what_it_shows_or_its_value(tmp_path: Path, made: str, text: str) -> None:
    read = one_cell(tmp_path, made)

    assert (read.cells["x"], read.problems, read.lost) == (text, [], [])


@pytest.mark.parametrize(
    ("day", "shown", "text"),
    [
        ("2021-03-01", "01/03/2021", "2021-03-01"),
        ("2021-03-01", "Monday, 1 March 2021", "2021-03-01"),
        ("2021-03-01", "2021-03-01", "2021-03-01"),
        ("2021-03-01", "Mar 2021", "2021-03"),
        ("2021-03-01", "март 2021", "2021-03"),
        ("2021-03-01", "Mar-21", "2021-03"),
        ("2021-03-01", "03/2021", "2021-03"),
        ("2021-03-01", "2021", "2021"),
        ("2021-03-01", "1 Mar", "2021-03-01"),
        ("2021-03-21", "Mar 21", "2021-03-21"),
        ("2021-03-01", "", "2021-03-01"),
        ("2021-03-01T09:30:00", "01/03/21 09:30", "2021-03-01T09:30:00"),
        ("2021-03-01T00:00:00", "2021", "2021"),
    ],
)
def test_date_is_as_precise_as_its_cell_shows_it(
    tmp_path: Path, day: str, shown: str, text: str
) -> None:
    made = (
        f'<table:table-cell office:value-type="date" office:date-value="{day}">'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )

    read = one_cell(tmp_path, made)

    assert (read.cells["x"], read.dates) == (text, {"x"})


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(
            cell("#N/A", 'table:formula="of:=NA()" calcext:value-type="error" office:string-value=""'),
            "a spreadsheet error (#N/A)",
            id="marked",
        ),
        pytest.param(cell("Err:502", 'table:formula="of:=A"'), "a spreadsheet error (Err:502)", id="shown"),
        pytest.param(
            cell("", 'table:formula="of:=1+1"'),
            "a formula without a stored value: open the file, save it and try again",
            id="without a value",
        ),
    ],
)  # fmt: skip
def test_cell_without_a_value_of_its_own_is_lost_alone(tmp_path: Path, made: str, why: str) -> None:
    read = one_cell(tmp_path, made)

    assert [(lost.column, lost.remedy) for lost in read.lost] == [("x", why)]
    assert read.cells == {"no": "1", "x": ""}
    assert not read.problems


def test_error_that_somebody_typed_is_a_text(tmp_path: Path) -> None:
    assert one_cell(tmp_path, cell("#N/A")).cells["x"] == "#N/A"


def test_links_are_kept(tmp_path: Path) -> None:
    of_text = cell('<text:a xlink:href="https://example.org/a">see</text:a>')
    of_formula = cell("see", """table:formula='of:=HYPERLINK("https://example.org/b";"see")'""")

    for made, link in ((of_text, "https://example.org/a"), (of_formula, "https://example.org/b")):
        read = one_cell(tmp_path, made)
        assert (read.cells["x"], read.links) == ("see", {"x": link})


def test_sheets_are_read_as_one_table_and_all_are_described(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        sheet(row("no", "title"), row("1", "A")),
        sheet(row("x"), name="notes", style="ta2"),
        sheet(row("Agreements"), row("Title", "No"), row("B", "2"), name="2022"),
    )

    table = opened(path, sheets=["*"])

    assert [(row.number, row.cells) for row in table.rows()] == [
        (2, {"no": "1", "title": "A"}),
        (ROWS_OF_A_SHEET + 3, {"no": "2", "title": "B"}),
    ]
    assert table.all_sheets == [
        SheetInfo("2021", 2, hidden=False),
        SheetInfo("notes", 1, hidden=True),
        SheetInfo("2022", 3, hidden=False),
    ]
    assert table.notes[-1] == (
        "Only the sheets “2021”, “2022” were read. The workbook has others: “notes”."
    )
    assert cells_of(opened(path, sheets=["2022"])) == [{"Title": "B", "No": "2"}]
    assert opened(path).notes == [
        "Only the sheet “2021” was read. The workbook has others: “notes”, “2022”."
    ]


def test_headings_end_in_the_row_that_the_user_names(tmp_path: Path) -> None:
    rows = [row("a", "b"), row("x", "y"), row("no", "title"), row("1", "A")]

    assert cells_of(opened(book(tmp_path, sheet(*rows)), head=3)) == [{"no": "1", "title": "A"}]


def test_what_a_sheet_hides_or_strikes_through_is_told(tmp_path: Path) -> None:
    columns = (
        '<table:table-column/><table:table-column table:visibility="collapse"/>'
        '<table:table-column table:number-columns-repeated="16382"/>'
    )
    rows = [
        row("no", "title"),
        row("1", "A", more='table:visibility="collapse"'),
        row(cell("2", 'table:style-name="ce1"'), ""),
        row("3", "", more='table:visibility="filter" table:number-rows-repeated="2"'),
    ]

    table = opened(book(tmp_path, sheet(*rows, columns=columns)))
    read = [row.number for row in table.rows()]

    assert read == [2, 3, 4, 5]
    assert table.remarks.examples == {
        "rows that the sheet hides; they were read": [2, 4, 5],
        "column B, which the sheet hides; it was read": [2],
        "struck-through text in column A; it was read": [3],
        "rows that repeat an earlier row exactly; they were read": [5],
    }


def test_merged_cells_count_for_every_row(tmp_path: Path) -> None:
    rows = [
        row("country", "title"),
        row(cell("Chile", 'table:number-rows-spanned="2" table:number-columns-spanned="1"'), "A"),
        row(cell(name="covered-table-cell"), "B"),
        row(cell("ASIA", 'table:number-columns-spanned="2"'), cell(name="covered-table-cell")),
        row("", "C"),
    ]

    table = opened(book(tmp_path, sheet(*rows)))

    assert cells_of(table) == [
        {"country": "Chile", "title": "A"},
        {"country": "Chile", "title": "B"},
        {"country": "", "title": "C"},
    ]
    assert table.remarks.examples == {
        "cells merged over several rows in column A; each of the rows has their text": [3],
        "“ASIA” is merged over the columns, so its row was left out": [4],
    }


def test_rows_and_cells_that_are_repeated_are_as_many(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    twice = cell("x", 'table:number-columns-repeated="2"')
    rows = [row("a", "b", "c"), blank, row("1", twice, more='table:number-rows-repeated="2"')]

    read = [(row.number, row.cells) for row in opened(book(tmp_path, sheet(*rows))).rows()]

    assert read == [(n, {"a": "1", "b": "x", "c": "x"}) for n in (5, 6)]


def test_cells_beyond_the_widest_table_are_told(tmp_path: Path) -> None:
    far = cell(more=f'table:number-columns-repeated="{WIDEST}"') + cell("x")

    table = opened(book(tmp_path, sheet(row("a", "b"), row("1", far))))

    assert table.notes == [
        "Cells beyond column SG of the sheet “2021” were not read. Move what you need to the left."
    ]
    assert cells_of(table) == [{"a": "1", "b": ""}]


# What was made to do harm


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        pytest.param([row("x", more='table:number-rows-repeated="1048577"')], "1,048,576 rows", id="rows"),
        pytest.param(
            [row(cell("x", 'table:number-columns-repeated="400"'), more='table:number-rows-repeated="1000000"')],
            "20,000,000 cells",
            id="cells",
        ),
        pytest.param(
            [row("x", more='table:number-rows-repeated="600000" table:visibility="collapse"')] * 2,
            "rows",
            id="hidden rows",
        ),
        pytest.param([row(cell('<text:s text:c="999999999"/>'))], "16,777,216 bytes in a row", id="blanks"),
        pytest.param([row("x" * (17 * MEGABYTE))], "bytes in a row", id="a long cell"),
        pytest.param([row(*["<table:table-cell/>"] * 100_001)], "100,000 cells in a row", id="elements of a row"),
        pytest.param(["<table:x/>"] * 100_001, "100,000 styles", id="other elements"),
    ],
)  # fmt: skip
def test_costly_workbook_is_refused(tmp_path: Path, rows: list[str], what: str) -> None:
    with pytest.raises(FileRefusedError, match=f"it has more than .*{what}"):
        list(opened(book(tmp_path, sheet(row("title"), *rows))).rows())


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    sheets = [sheet(row("x"), name=str(n)) for n in range(MOST_SHEETS + 1)]

    with pytest.raises(FileRefusedError, match=f"more than {MOST_SHEETS} sheets"):
        opened(book(tmp_path, *sheets))


def test_hidden_rows_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_parts, "LAST_ROW", 100)
    hidden = 'table:number-rows-repeated="60" table:visibility="collapse"'
    sheets = [sheet(row("x"), row("y", more=hidden), name=name) for name in "ab"]

    with pytest.raises(FileRefusedError, match="100 hidden rows"):
        opened(book(tmp_path, *sheets))


def test_rows_that_a_sheet_skips_cost_nothing(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'

    [read] = opened(book(tmp_path, sheet(row("title"), blank, row("A")))).rows()

    assert (read.number, read.cells) == (1_048_576, {"title": "A"})


def test_long_sheet_needs_little_memory(tmp_path: Path) -> None:
    path = book(tmp_path, sheet(row("no", "title"), *[row("1", f"A{n}") for n in range(20_000)]))

    tracemalloc.start()
    count = sum(1 for _row in opened(path).rows())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 20_000
    assert most < 10 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("no XML", "as an OpenDocument workbook, or it has a password", id="a password"),
        pytest.param(ROOT + "<table:table>", "as an OpenDocument workbook", id="cut off"),
        pytest.param(
            '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
            "as an OpenDocument workbook",
            id="other prefixes",
        ),
        pytest.param(
            '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + ROOT.partition("?>")[2] + END,
            "defines entities",
            id="entities",
        ),
        pytest.param(ROOT + END, "has no sheet with cells", id="no sheet"),
        pytest.param(ROOT + sheet() + END, "The sheet “2021” of the workbook is empty", id="an empty sheet"),
        pytest.param(b" " * (300 << 20), r"unpacks to more than \d+ MB", id="a zip bomb"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_sentence(
    tmp_path: Path, content: str | bytes, why: str
) -> None:
    with pytest.raises(FileRefusedError, match=why):
        opened(packed(tmp_path, content))


def test_text_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="cannot be read as an Excel workbook"):
        opened(packed(tmp_path, ROOT + END, mime="text"))
