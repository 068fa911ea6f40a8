"""An editor imports a list that came by mail: previews it, answers questions, confirms, and undoes the import."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import profiles, working
from agreements.models import Agreement, Import, Party
from tests.browser.conftest import WITH_TARGET_SIZE, violations_of
from tests.colleagues import PASSWORD, colleague
from tests.conftest import OpenPage
from tests.exchange.importing.files import csv_file
from tests.factories import AgreementFactory, PartyFactory

UPLOAD = reverse("admin:agreements_import_add")


@pytest.fixture
def editor(transactional_db: None) -> User:
    return colleague(StaffRole.EDITOR, password=PASSWORD)


@pytest.fixture
def sent(tmp_path: Path, editor: User) -> Path:
    """A list with two agreements: one has a misspelt party, and one changes an agreement in the register."""
    PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ", state=True)
    PartyFactory(name="Uzbekistan", slug="uzbekistan", country="UZ", state=True)
    AgreementFactory(ref="AGR-0001", title="Memorandum on labour", draft=True, place="Baki")
    return csv_file(
        tmp_path,
        "ref;title;signed;place;parties",
        ';Memorandum on health;2023-08;Tashkent;"Azerbaijan; Uzbekistann"',
        "AGR-0001;Memorandum on labour;;Baku;",
        ';Memorandum on trade;31/02/2020;;"Azerbaijan; Atlantis"',
    )


def logged_in(open_page: OpenPage, path: str, **as_visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **as_visitor)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


def upload(page: Page, path: Path) -> None:
    page.get_by_label("File", exact=False).first.set_input_files(path)
    page.get_by_role("button", name="Continue").click()


def assert_sound(page: Page) -> None:
    assert violations_of(page, WITH_TARGET_SIZE) == [], page.url
    assert page.locator("h1").count() == 1, page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_editor_looks_answers_confirms_and_takes_it_back(open_page: OpenPage, sent: Path) -> None:
    page = logged_in(open_page, UPLOAD)
    upload(page, sent)

    page.get_by_role("group", name="Uzbekistann").get_by_label("Uzbekistan", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("group", name="Atlantis")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Nothing has been imported yet.")).to_be_visible()
    expect(page.get_by_text("so there is no day 31").first).to_be_visible()
    page.get_by_role("button", name="Import 1 new and 1 changed, without the refused rows").click()

    expect(page.get_by_text("2 records were imported. New ones are drafts.")).to_be_visible()
    new = Agreement.objects.get(title="Memorandum on health")
    assert new.publication == "draft"
    assert [str(row.party) for row in new.participations.all()] == ["Azerbaijan", "Uzbekistan"]
    assert Party.objects.get(name="Uzbekistan").names.get().name == "Uzbekistann"
    assert Agreement.objects.get(ref="AGR-0001").place == "Baku"

    page.get_by_role("link", name="Undo this import…").click()
    page.get_by_role("button", name="Undo the import").click()

    expect(page.get_by_text("1 record was removed and 1 restored")).to_be_visible()
    assert not Agreement.objects.filter(title="Memorandum on health").exists()
    assert Agreement.objects.get(ref="AGR-0001").place == "Baki"


TRACKER = (
    "Partner,Country,Type,Date signed,Duration,Expiry date,Status\r\n"
    "University of Vienna,Austria,MOU,15.03.2021,3 years,15.03.2024,Expired\r\n"
    "Tashkent State University,Uzbekistan,Xyz,soon,5 yrs,,Active\r\n"
    "University of Bologna,Italy,MoU,March 2021,5 yrs,,Active\r\n"
)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_foreign_list_becomes_drafts_step_by_step(
    open_page: OpenPage, tmp_path: Path, editor: User, scripts: bool
) -> None:
    PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ", state=True)
    path = tmp_path / "tracker.csv"
    path.write_text(TRACKER)
    page = logged_in(open_page, UPLOAD, javascript=scripts)
    upload(page, path)

    expect(page.get_by_role("heading", name="Columns", level=1)).to_be_visible()
    expect(page.get_by_label("Duration becomes")).to_have_value("duration")
    page.get_by_label("One party of every agreement").fill("Azerbaijan")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Xyz").select_option(label="Agreement")
    page.get_by_label("soon").fill("May 2022")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create all that are left").first.click()
    page.get_by_role("button", name="Import 3 new records").click()

    expect(page.get_by_text("3 records were imported. New ones are drafts.")).to_be_visible()
    signed = Agreement.objects.order_by("title").values_list("title", "signed")
    assert [(title, str(day)) for title, day in signed if "University" in title] == [
        ("MOU with University of Vienna", "2021-03-15"),
        ("MoU with University of Bologna", "2021-03"),
        ("Xyz with Tashkent State University", "2022-05"),
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_steps_of_a_foreign_list_are_accessible_and_fit_a_phone(
    open_page: OpenPage, tmp_path: Path, editor: User, dark: bool
) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text(TRACKER)
    page = logged_in(open_page, UPLOAD, width=360, dark=dark, bypass_csp=True)
    upload(page, path)

    for step in ("Columns", "Values", "Parties", "Preview"):
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        folded = page.locator("#content details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        assert_sound(page)
        if step == "Parties":
            page.get_by_role("button", name="Create all that are left").first.click()
        elif step != "Preview":
            if step == "Values":
                page.get_by_label("Xyz").select_option(label="Agreement")
            page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(open_page: OpenPage, sent: Path, dark: bool) -> None:
    page = logged_in(open_page, UPLOAD, width=360, dark=dark, bypass_csp=True)
    upload(page, sent)
    run = Import.objects.get()
    table = {"about": "a long line " * 20, "fields": {"title": "Title"}}
    profile = profiles.keep("ministry", table, by=None, at=timezone.now())
    pages = [
        UPLOAD,
        reverse("admin:agreements_import_changelist"),
        reverse("admin:agreements_import_change", args=[run.pk]),
        reverse("admin:agreements_importprofile_changelist"),
        reverse("admin:agreements_importprofile_add"),
        reverse("admin:agreements_importprofile_change", args=[profile.pk]),
        reverse("admin:agreements_import_parties", args=[run.pk]),
    ]

    for address in pages:
        page.goto(address)
        assert_sound(page)


def test_unknown_name_is_answered_by_keyboard_with_any_party(
    open_page: OpenPage, sent: Path
) -> None:
    page = logged_in(open_page, UPLOAD)
    upload(page, sent)
    run = Import.objects.get()
    page.goto(reverse("admin:agreements_import_parties", args=[run.pk]))

    atlantis = page.get_by_role("group", name="Atlantis")
    atlantis.get_by_label("Not answered").focus()
    page.keyboard.press("ArrowDown")
    expect(atlantis.get_by_label("Another party of the register")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("uzbek")
    expect(page.get_by_role("option", name="Uzbekistan")).to_be_visible()
    page.keyboard.press("Enter")
    key = Party.objects.get(name="Uzbekistan").pk
    expect(atlantis.get_by_role("combobox")).to_have_value(f"Uzbekistan [{key}]")
    page.get_by_role("button", name="Continue").click()

    page.wait_for_load_state()
    run.refresh_from_db()
    assert run.answers == {"atlantis": key}


def test_page_of_names_works_without_scripts(open_page: OpenPage, sent: Path) -> None:
    page = logged_in(open_page, UPLOAD, javascript=False)
    upload(page, sent)
    run = Import.objects.get()
    page.goto(reverse("admin:agreements_import_parties", args=[run.pk]))

    atlantis = page.get_by_role("group", name="Atlantis")
    atlantis.get_by_label("A new party").check()
    atlantis.get_by_label("Kind").select_option("ngo")
    page.get_by_role("button", name="Continue").click()

    run.refresh_from_db()
    assert run.answers == {"atlantis": {"name": "Atlantis", "kind": "ngo", "country": ""}}


def test_cells_are_corrected_and_rows_left_out_in_the_preview(
    open_page: OpenPage, sent: Path
) -> None:
    page = logged_in(open_page, UPLOAD)
    upload(page, sent)
    page.get_by_role("link", name="Preview", exact=True).click()

    trade = page.locator(".import-lines > li", has_text="Memorandum on trade")
    trade.get_by_label("signed").fill("29/02/2020")
    health = page.locator(".import-lines > li", has_text="Memorandum on health")
    health.get_by_label("Leave row 2 out").check()
    page.get_by_role("button", name="Save corrections and preview again").click()

    expect(page.get_by_text("The file was previewed again with your corrections.")).to_be_visible()
    expect(page.get_by_text("Cells corrected here (1 row: 4)")).to_be_visible()
    page.get_by_role("link", name="To be left out (1)").click()
    expect(page.get_by_label("Leave row 2 out")).to_be_checked()
    run = Import.objects.get()
    assert (run.corrections, run.left_out) == ({"4": {"signed": "29/02/2020"}}, [2])


def test_slow_process_leads_from_step_to_step(
    open_page: OpenPage, tmp_path: Path, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_SECONDS_TO_WAIT", 0)
    path = tmp_path / "tracker.csv"
    path.write_text(TRACKER.replace("soon", "2022"))
    page = logged_in(open_page, UPLOAD)
    upload(page, path)

    expect(page.get_by_role("heading", name="Columns", level=1)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Xyz").select_option(label="Agreement")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Parties", level=1)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Create all that are left").first.click()
    expect(page.get_by_role("heading", name="Preview", level=1)).to_be_visible(timeout=30_000)


def test_focus_is_on_what_is_wrong_and_the_keyboard_leads_to_the_field(
    open_page: OpenPage, tmp_path: Path, editor: User
) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text(TRACKER)
    page = logged_in(open_page, UPLOAD)
    upload(page, path)
    page.get_by_role("textbox", name="Title, if no column has it").fill("")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Title, if no column has it")).to_be_in_viewport()
