"""The workbook: the CSV's rows with real dates, a sheet that explains them, and no title that can break it."""

import io
import tempfile
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from agreements.domain.facts import COLUMNS
from agreements.domain.value_types import Holds
from agreements.exchange.exporting import blocks, xlsx
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.xlsx import TooManyAgreementsError, fitting, write_xlsx
from agreements.models import Agreement
from tests.copies import multiply_agreement, peak_while
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
)

TODAY = date(2026, 11, 21)
# Excel has no time zones, so its dates have none.
on = datetime.fromisoformat


def extract(agreements=None, words="Agreements") -> Extract:
    agreements = Agreement.objects.order_by("ref") if agreements is None else agreements
    return Extract(agreements, words, "country=AZ", TODAY)


def written(**options) -> bytes:
    file = io.BytesIO()
    write_xlsx(extract(**options), file)
    return file.getvalue()


def sheets(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets


def rows(content: bytes | None = None) -> list[dict[str, object]]:
    sheet = sheets(content or written())[0]
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.mark.django_db
def test_columns_are_those_of_the_csv_even_without_a_row():
    header, *lines = sheets(written())[0].iter_rows(values_only=True)

    assert header == tuple(column.name for column in COLUMNS)
    assert lines == []


@pytest.mark.django_db
def test_every_cell_of_a_full_record():
    agreement = AgreementFactory(
        ref="AGR-0042", title="On care", signed="2023-08-15", in_force="2023-09", term_kind="fixed", term_months=36,
        terminated="2025~", place="Baku", summary="Ours", areas=[AreaFactory(slug="care")],
        parties=[PartyFactory(name="Japan", country="JP"), PartyFactory(name="Baku", country="AZ")],
    )  # fmt: skip
    SignatoryFactory(agreement=agreement, name="First")
    EvidenceFactory(agreement=agreement, source__url="https://a.example/1")
    Agreement.objects.update(updated_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))

    (row,) = rows()

    # columns added to the contract later are empty here
    assert {name: cell for name, cell in row.items() if cell is not None} == {
        "ref": "AGR-0042",
        "title": "On care",
        "kind": "mou",
        "legal_nature": "not_assessed",
        "stage": "concluded",
        "status": "terminated",
        "status_as_of": on("2026-11-21"),
        "signed": on("2023-08-15"),
        "signed_earliest": on("2023-08-15"),
        "signed_latest": on("2023-08-15"),
        "in_force": "2023-09",
        "in_force_earliest": on("2023-09-01"),
        "in_force_latest": on("2023-09-30"),
        "ends_earliest": on("2025-01-01"),
        "ends_latest": on("2025-12-31"),
        "plurality": "bilateral",
        "expires": "2026-09",
        "terminated": "2025~",
        "parties": "Japan; Baku",
        "countries": "AZ; JP",
        "areas": "care",
        "signatories": "First",
        "place": "Baku",
        "verification": "single_source",
        "sources": "https://a.example/1",
        "summary": "Ours",
        "url": "http://127.0.0.1:8000/agreements/AGR-0042/",
        "updated_at": on("2026-01-02T03:04:05"),
        "term": "P3Y",
        "term_kind": "fixed",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signed", "cell"),
    [
        pytest.param("2023-08-15", on("2023-08-15"), id="full day"),
        pytest.param("1900-03-01", on("1900-03-01"), id="first day that Excel counts rightly"),
        pytest.param("1900-02-28", "1900-02-28", id="day that Excel counts wrongly"),
        pytest.param("1648-10-24", "1648-10-24", id="before Excel's calendar"),
        pytest.param("2999-12-31", on("2999-12-31"), id="last day"),
        pytest.param("2023-08-15~", "2023-08-15~", id="approximate"),
        pytest.param("2023-08-15?", "2023-08-15?", id="uncertain"),
        pytest.param("2023-08", "2023-08", id="month"),
        pytest.param("2018", "2018", id="year"),
        pytest.param("2012/2019", "2012/2019", id="interval"),
        pytest.param("2020/..", "2020/..", id="open"),
        pytest.param("../2020-03", "../2020-03", id="open, as long as a day"),
        pytest.param("2010?/2015", "2010?/2015", id="interval as long as a day"),
        pytest.param("", None, id="unknown"),
    ],
)
def test_only_a_full_certain_day_is_a_date(signed, cell):
    AgreementFactory(signed=signed)

    assert rows()[0]["signed"] == cell


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "shown"),
    [
        pytest.param("=cmd|'/c calc'!A1", None, id="formula"),
        pytest.param("{=SUM(A1)}", None, id="array formula"),
        pytest.param("+1", None, id="plus"),
        pytest.param("https://evil.example/", None, id="link"),
        pytest.param("]]> <b>&amp;</b> \"'", None, id="markup"),
        pytest.param("<r><t>x</t></r>", None, id="markup of the format itself"),
        pytest.param("<r></r>", None, id="empty markup of the format itself"),
        pytest.param("<r><r/></r></t></is></c>", None, id="markup that would end the cell"),
        pytest.param("<r> & </r>", None, id="markup that would not parse"),
        pytest.param("two\nlines", None, id="line break"),
        pytest.param("two\r\nlines\rand", "two\nlines\nand", id="other line breaks"),
        pytest.param("a\x01b\x0bc\x1fd", "a\ufffdb\ufffdc\ufffdd", id="control characters"),
        pytest.param("a\ufffeb\uffffc", "a\ufffdb\ufffdc", id="no characters"),
        pytest.param("  spaces ", None, id="spaces"),
        pytest.param("Əməkdaşlıq 🤝 合作", None, id="scripts"),
        pytest.param("123", None, id="number"),
        pytest.param("2023-01-01", None, id="date"),
    ],
)
def test_any_title_is_text_and_breaks_nothing(title, shown):
    AgreementFactory(title=title)

    content = written()

    assert rows(content)[0]["title"] == (title if shown is None else shown)
    assert sheets(content)[0]["B2"].data_type == "s"
    for part in _parts(content).values():
        ElementTree.fromstring(part)  # noqa: S314 - written by ourselves


@pytest.mark.django_db
def test_text_that_looks_like_an_escape_of_the_format_is_escaped():
    AgreementFactory(title="_x0041_")

    (sheet,) = (part for name, part in _parts(written()).items() if name.endswith("sheet1.xml"))

    # Readers of the format turn _x005F_ back into an underscore.
    assert "_x005F_x0041_" in sheet


@pytest.mark.django_db
def test_workbook_has_no_formula_and_no_link():
    AgreementFactory(title="=1+1", place="@SUM(1)", summary="https://evil.example/")

    parts = _parts(written())

    assert not any("<f" in part for name, part in parts.items() if "worksheets" in name)
    assert not any("hyperlink" in part for part in parts.values())


@pytest.mark.django_db
@pytest.mark.parametrize("filling", ["x", "ə", "🤝"], ids=["ascii", "two bytes", "two units"])
def test_text_longer_than_a_cell_is_cut_and_says_so(filling):
    AgreementFactory(title="short", summary=filling * 40_000)

    cell = rows()[0]["summary"]

    assert cell.startswith(filling * 16_000)
    assert cell.endswith(" [cut here: too long for a cell]")
    assert len(cell.encode("utf-16-le")) // 2 in (32_767, 32_766)


@pytest.mark.parametrize("length", [0, 1, 32_766, 32_767])
def test_text_that_fits_is_left_alone(length):
    assert fitting("ə" * length) == "ə" * length


@pytest.mark.django_db
def test_header_stays_in_sight_and_filters():
    AgreementFactory.create_batch(2)

    sheet = sheets(written())[0]

    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{xl_col_to_name(len(COLUMNS) - 1)}3"


@pytest.mark.django_db
def test_second_sheet_says_what_the_first_one_is():
    AgreementFactory.create_batch(3)

    lines = [line[:2] for line in sheets(written(words="Agreements with Azerbaijan"))[1].values]

    assert dict(lines[:7]) == {
        "Selection": "Agreements with Azerbaijan",
        "URL of the selection": "http://127.0.0.1:8000/agreements/?country=AZ",
        "URL of this file": "http://127.0.0.1:8000/agreements.xlsx?country=AZ",
        "Status as of": "2026-11-21",
        "Number of agreements": "3",
        "Licence": "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        "Please credit": "MoU Tracker, http://127.0.0.1:8000/",
    }
    assert lines[-len(COLUMNS) :] == [
        (column.name, str(column.dictionary_meaning)) for column in COLUMNS
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "az", "ru"])
def test_it_can_be_written_in_every_language(language):
    with override(language):
        assert len(sheets(written())) == 2


@pytest.mark.django_db
def test_more_rows_than_a_sheet_has_are_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_AGREEMENTS", 2)
    AgreementFactory.create_batch(2)
    assert len(rows()) == 2
    AgreementFactory()

    with pytest.raises(TooManyAgreementsError, match=r"hold 2 .* has 3.*filter.*CSV"):
        written()


@pytest.mark.django_db
def test_a_row_that_is_added_meanwhile_is_never_dropped(monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_AGREEMENTS", 2)
    monkeypatch.setattr(type(Agreement.objects.all()), "count", lambda self: 2)
    AgreementFactory.create_batch(3)

    with pytest.raises(TooManyAgreementsError):
        written()


@pytest.mark.django_db
def test_nothing_is_left_behind_on_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    AgreementFactory()

    written()
    monkeypatch.setattr(xlsx, "row_blocks", _break_off)
    with pytest.raises(ConnectionError):
        written()

    assert list(Path(tmp_path).iterdir()) == []


def _break_off(*args):
    yield [
        [
            {Holds.MOMENT: "2023-01-01T00:00:00Z", Holds.NUMBER: "1"}.get(
                column.type.holds, "2023-01-01"
            )
            for column in COLUMNS
        ]
    ]
    raise ConnectionError


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_rows_of_a_block(django_assert_num_queries):
    party = PartyFactory()
    for _n in range(30):
        AgreementFactory(parties=[party])

    with django_assert_num_queries(8):
        written()


@pytest.mark.django_db
def test_no_row_is_lost_between_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 4)
    agreements = AgreementFactory.create_batch(13)

    assert [row["ref"] for row in rows()] == [agreement.ref for agreement in agreements]


@pytest.mark.django_db
def test_ten_thousand_rows_are_written_in_constant_memory():
    AgreementFactory(summary="words " * 20, parties=[PartyFactory(), PartyFactory()])
    multiply_agreement(10_000)
    keys = list(Agreement.objects.order_by("ref").values_list("pk", flat=True)[:1_000])

    few_rows, few_peak = peak_while(lambda: _to_disk(Agreement.objects.filter(pk__in=keys)))
    all_rows, all_peak = peak_while(lambda: _to_disk(Agreement.objects.order_by("ref")))

    assert (few_rows, all_rows) == (1_000, 10_000)
    assert all_peak < 2 * few_peak + 2_000_000


def _to_disk(agreements) -> int:
    with tempfile.TemporaryFile() as file:
        return write_xlsx(extract(agreements), file)


def _parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}
