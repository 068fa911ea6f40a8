"""The contract's CSV: its columns, its cells, its completeness and its memory."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.domain.facts import COLUMNS
from agreements.domain.urls import permanent
from agreements.exchange.exporting import blocks
from agreements.exchange.exporting import rows as rows_module
from agreements.exchange.exporting.csv import defuse, rearm, stream_csv
from agreements.models import Agreement
from tests.copies import multiply_agreement, peak_while
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)

TODAY = date(2026, 11, 21)
# So many that the test would notice even their text being held in memory; make test-thorough streams more.
MANY = 20_000 if settings.get_current_profile_name() == "quick" else 100_000
# The contract; columns added later come after it.
CONTRACT = (
    "ref,title,kind,legal_nature,stage,status,status_as_of,signed,signed_earliest,signed_latest,in_force,expires,"
    "terminated,parties,countries,areas,signatories,place,verification,sources,summary,url,updated_at"
)
HEADER = ",".join(column.name for column in COLUMNS)


def text(agreements=None, **options) -> str:
    agreements = Agreement.objects.all() if agreements is None else agreements
    return "".join(stream_csv(agreements, day=TODAY, **options))


def rows(agreements=None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(agreements), newline="")))


@pytest.mark.django_db
def test_header_is_the_contracts_even_without_a_row():
    assert text() == HEADER + "\r\n"
    assert HEADER.startswith(CONTRACT)


@pytest.mark.django_db
def test_excel_gets_a_byte_order_mark_in_front():
    assert text(excel=True) == "\ufeff" + HEADER + "\r\n"


@pytest.mark.django_db
def test_every_cell_of_a_full_record():
    azerbaijan = PartyFactory(name="Azerbaijan", country="AZ", state=True)
    japan = PartyFactory(name="Japan", country="JP", state=True)
    agreement = AgreementFactory(
        ref="AGR-0042", title="On care, “health” and\nrehabilitation", legal_nature="non_binding", signed="2023-08",
        in_force="2023-09-01", term_kind="fixed", term_months=36, terminated="2025~", place="Baku", summary="Ours",
        parties=[japan, azerbaijan], areas=[AreaFactory(slug="health"), AreaFactory(slug="care")],
    )  # fmt: skip
    ParticipationFactory(
        agreement=agreement, party=PartyFactory(name="UN"), role="depositary", position=9
    )
    SignatoryFactory(agreement=agreement, name="Second", position=2)
    SignatoryFactory(agreement=agreement, name="First", position=1)
    first = SourceFactory(publisher="A", url="https://a.example/1")
    EvidenceFactory(agreement=agreement, source=first, fact="title")
    EvidenceFactory(agreement=agreement, source=first, fact="signed")
    EvidenceFactory(
        agreement=agreement, source=SourceFactory(publisher="B", url="", title="Gazette 5")
    )
    Agreement.objects.update(updated_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))

    (row,) = rows()

    assert {name: row[name] for name in CONTRACT.split(",")} == {
        "ref": "AGR-0042",
        "title": "On care, “health” and\nrehabilitation",
        "kind": "mou",
        "legal_nature": "non_binding",
        "stage": "concluded",
        "status": "terminated",
        "status_as_of": "2026-11-21",
        "signed": "2023-08",
        "signed_earliest": "2023-08-01",
        "signed_latest": "2023-08-31",
        "in_force": "2023-09-01",
        "expires": "2026-09-01",
        "terminated": "2025~",
        "parties": "Japan; Azerbaijan; UN [depositary]",
        "countries": "AZ; JP",
        "areas": "care; health",
        "signatories": "First; Second",
        "place": "Baku",
        "verification": "corroborated",
        "sources": "https://a.example/1; Gazette 5",
        "summary": "Ours",
        "url": permanent("/agreements/AGR-0042/"),
        "updated_at": "2026-01-02T03:04:05Z",
    }


@pytest.mark.django_db
def test_unknown_is_empty_and_open_sides_have_no_day():
    AgreementFactory(title="unknown")
    AgreementFactory(title="open", signed="2020/..")

    by_title = {row["title"]: row for row in rows()}

    assert [
        by_title["unknown"][name]
        for name in ("signed", "signed_earliest", "signed_latest", "expires")
    ] == [""] * 4
    assert by_title["open"]["signed"] == "2020/.."
    assert by_title["open"]["signed_earliest"] == "2020-01-01"
    assert by_title["open"]["signed_latest"] == ""


@pytest.mark.django_db
@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_cells_that_a_spreadsheet_would_run_are_defused(start):
    AgreementFactory(title=f"{start}cmd", summary=f"{start}1", place=f"{start}2")

    (row,) = rows()

    assert (row["title"], row["summary"], row["place"]) == (
        f"'{start}cmd",
        f"'{start}1",
        f"'{start}2",
    )


@given(st.text(alphabet="'=+-@\t\rab"))
def test_defused_text_comes_back_unchanged(original):
    cell = defuse(original)

    assert rearm(cell) == original
    assert not cell.startswith(tuple("=+-@\t\r"))


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_rows_of_a_block(django_assert_num_queries):
    party = PartyFactory()
    for _n in range(30):
        AgreementFactory(parties=[party])

    with django_assert_num_queries(7):
        text()


@pytest.mark.django_db
def test_each_block_costs_six_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 3)
    AgreementFactory.create_batch(7)

    with django_assert_num_queries(1 + 6 * 3):
        text()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "cell"),
    [
        pytest.param("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z", id="whole second"),
        pytest.param("2026-01-02T03:04:59.999999+00:00", "2026-01-02T03:04:59Z", id="cut, not rounded"),
        pytest.param("2026-01-01T00:30:00.5+04:00", "2025-12-31T20:30:00Z", id="another zone"),
    ],
)  # fmt: skip
def test_moments_are_in_utc_to_the_second(moment, cell):
    AgreementFactory()
    Agreement.objects.update(updated_at=datetime.fromisoformat(moment))

    assert rows()[0]["updated_at"] == cell


@pytest.mark.django_db
def test_failure_halfway_breaks_off_and_never_ends_like_a_whole_file(monkeypatch):
    AgreementFactory.create_batch(2)
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 1)
    monkeypatch.setattr(rows_module, "blocks", _first_and_no_more)
    stream = stream_csv(Agreement.objects.all(), day=TODAY)

    assert next(stream) == HEADER + "\r\n"
    assert next(stream).startswith("AGR-")
    with pytest.raises(ConnectionError):
        next(stream)


def _first_and_no_more(agreements, day):
    yield next(blocks.blocks(agreements, day))
    raise ConnectionError


@pytest.mark.django_db
def test_rows_stream_in_constant_memory():
    AgreementFactory(summary="words " * 20, parties=[PartyFactory(), PartyFactory()])
    multiply_agreement(MANY)
    keys = list(Agreement.objects.order_by("ref").values_list("pk", flat=True)[:1_000])
    first_thousand = Agreement.objects.filter(pk__in=keys)

    _streamed(first_thousand)  # one-time imports and caches do not count
    few_rows, few_peak = peak_while(lambda: _streamed(first_thousand))
    all_rows, all_peak = peak_while(lambda: _streamed(Agreement.objects.order_by("ref")))

    assert (few_rows, all_rows) == (1_000, MANY)
    assert all_peak < 2 * few_peak + 2_000_000


def _streamed(agreements) -> int:
    """Return the number of rows, read a chunk at a time."""
    chunks = stream_csv(agreements, day=TODAY)
    return sum(chunk.count(permanent("/agreements/")) for chunk in chunks)
