"""Every public page in a real browser: wide and narrow, light and dark, with and without JavaScript."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from agreements.models import Agreement
from tests.browser.conftest import PageIsSound
from tests.conftest import OpenPage

WIDE, NARROW = 1280, 360
PAGES = [
    "/",
    "/agreements/",
    "/agreements/?q=nothing+contains+this",
    "/agreements/?status=nonsense&as_of=never&statsu=signed",
    "/agreements/?page=2&sort=title",
    "/agreements/?as_of=1939-09-03",
    "/agreements/choices/party/?party=ministry&party=-union&find=state",
    "/agreements/choices/area/?status=nonsense",
    "/agreements/choices/signed_year/",
    "/agreements/AGR-0001/",
    "/agreements/AGR-0001/?as_of=2009-08-01",
    "/parties/",
    "/parties/?q=contracting&page=2",
    "/parties/azerbaijan/",
    "/parties/ministry/",
    "/parties/ministry/?status=in_force&status=signed&as_of=2024-05-01",
    "/parties/union/",
    "/people/minister/",
    "/changes/",
    "/areas/",
    "/areas/social-protection/",
    "/areas/social-protection/?q=nothing+contains+this",
    "/statistics/",
    "/statistics/?status=signed&country=AZ",
    "/statistics/?status=nonsense",
    "/map/",
    "/map/?country=AZ",
    "/about/",
    "/data/",
]
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)
EMPTY_PAGES = [
    "/",
    "/agreements/",
    "/agreements/choices/party/",
    "/parties/",
    "/areas/",
    "/statistics/",
    "/map/",
]


def looks(page: Page) -> Iterator[bool]:
    """Show the page at every width and in every colour scheme, one at a time.

    Yields whether only the colours are new: the style sheets give the dark scheme other colours and nothing else.
    """
    for width, scheme in product((WIDE, NARROW), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        # Without motion colours change at once, so none is measured half-way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        yield scheme == "dark"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound_in_every_look(
    open_page: OpenPage, register: Agreement, page_is_sound: PageIsSound, path: str
) -> None:
    page = open_page(path)

    for only_colours in looks(page):
        page_is_sound(page, in_other_colours=only_colours)


@pytest.mark.parametrize("path", EMPTY_PAGES)
def test_page_of_an_empty_register_is_sound(
    open_page: OpenPage, page_is_sound: PageIsSound, path: str
) -> None:
    page = open_page(path)

    for only_colours in looks(page):
        page_is_sound(page, in_other_colours=only_colours)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_whole_without_javascript(
    open_page: OpenPage, register: Agreement, path: str, width: int
) -> None:
    with_it = open_page(path, width=width).locator("main").inner_text()
    without_it = open_page(path, width=width, javascript=False).locator("main").inner_text()

    assert without_it == with_it
    assert len(without_it) > 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere/", 404),
        ("/agreements/AGR-0001/?as_of=never", 400),
        ("/agreements/AGR-9999/", 410),
    ],
)
@pytest.mark.usefixtures("register")
def test_error_page_is_sound(
    chromium: Browser, live_server: Any, page_is_sound: PageIsSound, path: str, status: int
) -> None:
    # Not with open_page, which fails on the console error that the status causes.
    with chromium.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        response = page.goto(path)

        assert response is not None
        assert response.status == status
        for only_colours in looks(page):
            page_is_sound(page, in_other_colours=only_colours)


def test_the_dark_scheme_only_has_other_colours(project_root: Path) -> None:
    """Otherwise a page that is sound in light colours would have to be looked at as a whole in dark ones too."""
    sheets = [sheet.read_text() for sheet in (project_root / "static").rglob("*.css")]
    blocks = [block for sheet in sheets for block in DARK.findall(sheet)]
    declared = [name for block in blocks for name in re.findall(r"([\w-]+):[^;{}]*;", block)]

    assert len(blocks) == sum(sheet.count("prefers-color-scheme") for sheet in sheets) > 2
    assert [name for name in declared if not name.startswith("--")] == []


# ------------------------------------------------------------------ the frame


def test_keyboard_reaches_the_content_at_once(open_page: OpenPage) -> None:
    page = open_page("/about/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_focus_can_be_seen(open_page: OpenPage, dark: bool) -> None:
    page = open_page("/", dark=dark)
    link = page.get_by_role("link", name="Parties").first

    for _ in range(4):
        page.keyboard.press("Tab")

    expect(link).to_be_focused()
    expect(link).to_have_css("outline-style", "solid")
    expect(link).to_have_css("outline-width", "3px")


def test_colours_follow_the_visitors_scheme(open_page: OpenPage) -> None:
    page = open_page("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


# ------------------------------------------------------------------ the list


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_filters_stand_open_beside_the_list(
    open_page: OpenPage, register: Agreement, javascript: bool
) -> None:
    page = open_page("/agreements/", width=WIDE, javascript=javascript)

    search = page.get_by_label("Search", exact=True)
    expect(search).to_be_visible()
    form, results = page.locator(".filter-form"), page.locator(".list-results")
    assert form.bounding_box()["x"] + form.bounding_box()["width"] <= results.bounding_box()["x"]


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_filters_fold_away_above_the_list_on_a_narrow_screen(
    open_page: OpenPage, register: Agreement, javascript: bool
) -> None:
    page = open_page("/agreements/", width=NARROW, javascript=javascript)
    search = page.get_by_label("Search", exact=True)
    expect(search).not_to_be_visible()

    page.get_by_text("Filters", exact=True).first.click()
    search.fill("A proposal")
    page.locator("#show-agreements").click()

    expect(page.locator(".list-count strong")).to_have_text("1")
    expect(page.get_by_role("link", name="A proposal", exact=True)).to_be_visible()


def test_filter_is_chosen_without_javascript(open_page: OpenPage, register: Agreement) -> None:
    page = open_page("/agreements/", javascript=False)

    page.locator("#id_status-proposed").check()
    page.locator("#show-agreements").click()

    expect(page.locator("h1")).to_contain_text("Proposed agreements")
    expect(page.locator(".list-count strong")).to_have_text("1")
    page.locator(".downloads summary").click()
    with page.expect_download() as download:
        page.locator(".downloads a[href^='/agreements.csv']:not([href*='labels'])").click()
    assert len(download.value.path().read_text().splitlines()) == 2


def test_rows_are_cards_on_a_narrow_screen_and_a_table_still(
    open_page: OpenPage, register: Agreement
) -> None:
    page = open_page("/agreements/?q=proposal", width=NARROW)

    cells = page.get_by_role("table").get_by_role("cell")

    assert cells.count() == 5
    parties, title = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert parties["y"] + parties["height"] <= title["y"] + 1
    assert title["x"] == parties["x"]


def test_header_sorts_and_says_how(open_page: OpenPage, register: Agreement) -> None:
    page = open_page("/agreements/?kind=mou&page=2")

    page.get_by_role("columnheader", name="Subject").get_by_role("link").click()

    expect(page).to_have_url("/agreements/?kind=mou&sort=title")
    header = page.get_by_role("columnheader", name="Subject")
    expect(header).to_have_attribute("aria-sort", "ascending")


def test_narrow_screen_can_sort_too(open_page: OpenPage, register: Agreement) -> None:
    page = open_page("/agreements/", width=NARROW)

    page.locator(".narrow-sort summary").click()
    page.get_by_role("navigation", name="Order").get_by_role("link", name="Subject").click()

    expect(page).to_have_url("/agreements/?sort=title")


# ------------------------------------------------------------------ one agreement


def test_footnote_leads_to_its_evidence_and_back(open_page: OpenPage, register: Agreement) -> None:
    page = open_page(register.get_absolute_url())

    page.get_by_role("link", name="inferred").first.click()
    note = page.locator(":target")
    expect(note).to_contain_text("inferred from Gazette")
    expect(note).to_be_in_viewport()
    note.get_by_role("link", name="Back to the fact").click()

    expect(page.locator(":target")).to_be_in_viewport()
    assert page.locator(":target").get_attribute("id").startswith("fact-")


def test_status_of_another_day_is_asked_for_without_javascript(
    open_page: OpenPage, register: Agreement
) -> None:
    page = open_page(register.get_absolute_url(), javascript=False)

    page.get_by_text("Status on another day").click()
    page.get_by_label("Day").fill("2023-12-31")
    page.get_by_role("button", name="Show").click()

    expect(page.locator(".standing .status")).to_have_text("Signed")


def test_paper_has_the_addresses_of_the_sources_and_no_navigation(
    open_page: OpenPage, register: Agreement
) -> None:
    page = open_page(register.get_absolute_url())

    page.emulate_media(media="print")

    expect(page.locator(".site-nav")).not_to_be_visible()
    printed = page.locator(".source-link").first.evaluate(
        "link => getComputedStyle(link, '::after').content"
    )
    assert "https://e.example/" in printed


# ------------------------------------------------------------------ a party or an area


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_line_of_the_timeline_leads_to_its_agreement(
    open_page: OpenPage, register: Agreement, width: int
) -> None:
    page = open_page("/parties/ministry/", width=width)
    line = page.locator(".time-bar", has_text="about October 2023")

    # The link covers the drawing, so a real mouse would hit the link.
    line.locator(".time-bar-plot").click(force=True)

    expect(page).to_have_url(register.get_absolute_url())


def test_timeline_is_drawn_to_its_scale(open_page: OpenPage, register: Agreement) -> None:
    page = open_page("/parties/ministry/", width=WIDE)

    piece = page.locator(".time-bar .part-certain").first.bounding_box()
    today = page.locator(".time-bar-day").first.bounding_box()
    plot = page.locator(".time-bar-plot").first.bounding_box()

    # Renewed automatically: certain up to today, and on from there.
    assert piece["x"] + piece["width"] == pytest.approx(today["x"], abs=1.5)
    assert plot["x"] < piece["x"] < today["x"] < plot["x"] + plot["width"]
