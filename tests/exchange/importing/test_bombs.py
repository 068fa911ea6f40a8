"""Workbooks that cost far more to open than their size suggests are refused before they are opened."""

import tracemalloc
from pathlib import Path

import openpyxl
import pytest

from agreements.exchange.importing.readers import opened, workbook_parts
from agreements.exchange.importing.refusals import FileRefusedError
from benchmarks.attacks import files


def written(folder: Path, content: bytes) -> Path:
    path = folder / "bomb.xlsx"
    path.write_bytes(content)
    return path


def test_parts_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    sheet = files.cells(b'<row><c t="inlineStr"><is><t>A</t></is></c></row>', 2)

    rows = list(opened(written(tmp_path, files.workbook(sheet))).rows())

    assert [row.cells for row in rows] == [{"title": "A"}] * 2


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the limits, which takes a hundredth of the time."""
    for name in (
        "MOST_CELL_ELEMENTS", "MOST_TEXT_ELEMENTS", "MOST_OTHER_ELEMENTS", "MOST_ATTRIBUTES",
        "MOST_ELEMENTS_OF_A_ROW", "MOST_BYTES_OF_A_ROW", "MOST_BYTES_OF_TEXTS", "MOST_BYTES_OF_OTHERS",
    ):  # fmt: skip
        monkeypatch.setattr(workbook_parts, name, getattr(workbook_parts, name) // 100)


TEXT = b'<row><c t="inlineStr"><is><t>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(
            files.workbook(**{"xl__styles.xml": files.styles(b"<xf/>", 2_000)}),
            "styles",
            id="styles",
        ),
        pytest.param(
            files.workbook(**{"xl__styles.xml": files.styles(b"<font/>", 2_000)}),
            "styles",
            id="fonts",
        ),
        pytest.param(
            files.workbook(files.cells(b"<row><c/></row>", 110_000)), "200,000 cells", id="cells"
        ),
        pytest.param(
            files.workbook(files.cells(b"<c/>", 2_000, before=b"<row>", after=b"</row>")),
            "cells in a row",
            id="cells of one row",
        ),
        pytest.param(
            files.workbook(files.cells(b"<c/>", 2_000)), "styles", id="cells outside of rows"
        ),
        pytest.param(files.workbook(files.cells(b"<x/>", 2_000)), "styles", id="unknown elements"),
        pytest.param(
            files.workbook(
                files.cells(
                    b"",
                    0,
                    after=(b"<x " + b" ".join(b'a%d=""' % n for n in range(13)) + b"/>") * 900,
                )
            ),
            "attributes",
            id="attributes",
        ),
        pytest.param(
            files.workbook(files.cells(b" ", 400_000, before=TEXT, after=b"</t></is></c></row>")),
            "bytes in a row",
            id="a long cell",
        ),
        pytest.param(
            files.workbook(
                texts=files.repeated(b"<si/>", 11_000, before=b"<sst>", after=b"</sst>")
            ),
            "texts",
            id="shared texts",
        ),
        pytest.param(
            files.workbook(texts=files.repeated(b" ", 800_000, before=b"<sst>", after=b"</sst>")),
            "bytes in one part",
            id="a long shared text",
        ),
        pytest.param(
            files.workbook(
                **{"a__d.bin": files.repeated(b"<x/>", 2_000, before=b"<a>", after=b"</a>")}
            ),
            "styles",
            id="a part of unknown use",
        ),
        pytest.param(
            files.workbook(files.cells(b'<row r="1048577"/>', 1)), "1,048,576 rows", id="row number"
        ),
        pytest.param(
            files.workbook(files.cells(b'<row r="-1"/>', 1)), "1,048,576 rows", id="negative row"
        ),
    ],
)
def test_costly_workbook_is_refused(
    tmp_path: Path, small_limits: None, content: bytes, what: str
) -> None:
    with pytest.raises(FileRefusedError, match=f"it has more than .*{what}"):
        opened(written(tmp_path, content))


@pytest.mark.parametrize(
    ("part", "use"), [("b.bin", "chartsheet"), ("b.bin", "drawing"), ("c.png", "image")]
)
def test_part_that_is_also_used_as_a_whole_counts_as_a_whole(
    tmp_path: Path, small_limits: None, part: str, use: str
) -> None:
    related = f'<Relationships><Relationship Type="a/{use}" Target="/a/{part}"/></Relationships>'
    rows = files.cells(b"<row><c/></row>", 2_000)
    texts = files.repeated(b"<si/>", 2_000, before=b"<sst>", after=b"</sst>")

    content = files.workbook(rows, texts, **{"a__x.rels": [related.encode()]})

    with pytest.raises(FileRefusedError, match="it has more than 1,000 styles"):
        opened(written(tmp_path, content))


def test_rows_that_a_sheet_skips_cost_nothing(tmp_path: Path) -> None:
    sheet = files.cells(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', 1)

    [row] = opened(written(tmp_path, files.workbook(sheet))).rows()

    assert (row.number, row.cells) == (1_048_576, {"title": "1"})


def test_check_needs_little_memory(tmp_path: Path) -> None:
    path = written(tmp_path, files.workbook(files.cells(b" ", 14 * files.MEGABYTE)))

    tracemalloc.start()
    workbook_parts.inspected(path)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 2 * files.MEGABYTE


def test_workbooks_are_read_with_the_checks_of_defusedxml() -> None:
    assert (openpyxl.xml.LXML, openpyxl.xml.DEFUSEDXML) == (False, True)
