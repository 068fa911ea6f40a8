"""Pages on paper, as Chromium prints them on A4: how many sheets, and what is on each."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pypdf import PdfReader
from pytest_django import Settings

from agreements.models import Agreement
from tests.browser.conftest import PageIsSound
from tests.conftest import OpenPage
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
)
from tests.snapshots import put_back

TITLE = (
    "Memorandum of understanding between the Ministry of Labour of Türkiye and the Ministry of Labour and Social "
    "Protection of the Population of Azerbaijan on cooperation in labour migration and vocational training"
)
SUMMARY = (
    "They exchange experts, train inspectors and meet each year in turn in both capitals. " * 3
)


@pytest.fixture
def visit(transactional_db: None) -> None:
    """Türkiye with six agreements with Azerbaijan, and Georgia with a hundred and twenty."""
    put_back(_make_visit)


def _make_visit() -> None:
    ours = PartyFactory(name="Azerbaijan", slug="azerbaijan", kind="state", country="AZ")
    theirs = PartyFactory(name="Türkiye", slug="turkiye", kind="state", country="TR")
    areas = [AreaFactory() for _ in range(6)]
    for number in range(6):
        _add(number, [ours, theirs], areas)
    georgia = PartyFactory(name="Georgia", slug="georgia", kind="state", country="GE")
    for number in range(120):
        _add(number, [ours, georgia], areas)


def _add(number: int, parties: list[object], areas: list[object]) -> None:
    end = timezone.localdate() + timedelta(days=30 + 40 * number)
    agreement = AgreementFactory(
        title=TITLE,
        summary=SUMMARY,
        stage="negotiation" if number % 5 == 0 else "concluded",
        signed="" if number % 5 == 0 else f"{1900 + number}-09-2{number % 9}",
        in_force="" if number % 5 == 0 else f"{1900 + number}-10-01",
        term_kind="fixed",
        expires_stated=end.isoformat(),
        notice_days=90,
        parties=parties,
        areas=[areas[number % 6]],
    )
    EvidenceFactory(agreement=agreement, fact="signed", basis="inferred")
    if number < 12:
        SignatoryFactory(agreement=agreement, title="Minister of Labour and Social Protection")
        EventFactory(agreement=agreement, date=f"2024-03-{10 + number}", note=SUMMARY)
        CommitmentFactory(agreement=agreement, party=parties[number % 2], due="2025-06")


def sheets(page: Page) -> list[str]:
    """Print the page and return the text of each sheet."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    return [sheet.extract_text() for sheet in reader.pages]


@pytest.mark.usefixtures("visit")
def test_brief_fits_on_one_sheet_and_a_long_one_on_two(
    open_page: OpenPage, settings: Settings
) -> None:
    settings.OUR_SIDE = "AZ"

    (sheet,) = sheets(open_page("/parties/turkiye/brief/"))
    first, last = sheets(open_page("/parties/georgia/brief/?lang=ru"))

    assert "Türkiye and Azerbaijan" in sheet
    assert "/parties/turkiye/brief/?as_of=" in sheet
    assert "Download" not in sheet + first
    assert "Предмет" in first
    assert "Предмет" in last


@pytest.mark.usefixtures("visit")
@pytest.mark.parametrize("width", [1280, 360])
def test_brief_is_sound(open_page: OpenPage, page_is_sound: PageIsSound, width: int) -> None:
    page = open_page("/parties/turkiye/brief/?with=AZ")
    page.set_viewport_size({"width": width, "height": 800})

    page_is_sound(page)


@pytest.mark.usefixtures("visit")
def test_list_prints_as_a_table_with_its_headings_on_every_sheet(open_page: OpenPage) -> None:
    printed = sheets(open_page("/agreements/?per_page=100"))

    assert 2 <= len(printed) <= 12
    for sheet in printed:
        assert "Subject" in sheet
        assert "/agreements/?per_page=100 · " in sheet
        assert "Filters" not in sheet


def test_record_and_statistics_fit_on_two_sheets(open_page: OpenPage, visit: None) -> None:
    assert Agreement.objects.published().exists()

    assert len(sheets(open_page("/agreements/AGR-0002/"))) <= 2
    assert len(sheets(open_page("/statistics/"))) <= 2
