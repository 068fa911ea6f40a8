"""An editor imports a list that came by mail: previews it, answers questions, confirms, and undoes the import."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import profiles
from agreements.models import Agreement, Import, Party
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
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Preview").click()


def test_editor_looks_answers_confirms_and_takes_it_back(open_page: OpenPage, sent: Path) -> None:
    page = logged_in(open_page, UPLOAD)
    upload(page, sent)

    expect(page.get_by_text("Nothing has been imported yet.")).to_be_visible()
    expect(page.get_by_text("so there is no day 31")).to_be_visible()
    page.get_by_label("Uzbekistann").select_option("Uzbekistan")
    page.get_by_label("Skip the refused rows and import the others").check()
    page.get_by_role("button", name="Preview again").click()
    page.get_by_role("button", name="Import 1 new and 1 changed").click()

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
    ]

    for address in pages:
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in violations] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
