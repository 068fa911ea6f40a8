"""In a real browser, an administrator finds a body that was entered twice, merges the two and undoes the merge."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Party, PartyMerge
from tests.browser.axe import Axe
from tests.colleagues import PASSWORD, colleague
from tests.conftest import OpenPage
from tests.curation.merging.registers import TwoParties, two_parties
from tests.factories import AgreementFactory, PartyFactory

PARTIES = reverse("admin:agreements_party_changelist")


@pytest.fixture
def world(transactional_db: None) -> TwoParties:
    colleague(StaffRole.ADMINISTRATOR, password=PASSWORD)
    return two_parties()


def logged_in(open_page: OpenPage, path: str, **as_visitor: Any) -> Page:
    page = open_page(f"/admin/login/?next={path}", **as_visitor)
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=f"action - {name}").check()


def test_two_parties_are_merged_and_taken_apart_again(
    open_page: OpenPage, world: TwoParties
) -> None:
    page = logged_in(open_page, PARTIES)

    choose(page, "Ministry of Labour", "Labor Ministry")
    page.locator("select[name=action]").select_option(label="Merge the two selected parties…")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_text("participations (3)")).to_be_visible()
    page.get_by_role("link", name="Swap them").click()
    page.get_by_role("link", name="Swap them").click()
    page.get_by_label("How we know").fill("One letterhead.")
    page.get_by_role("button", name="Merge", exact=True).click()

    expect(
        page.get_by_text("“Labor Ministry” was merged into “Ministry of Labour”.").first
    ).to_be_visible()
    assert not Party.objects.filter(pk=world.other.pk).exists()
    assert PartyMerge.objects.get().why == "One letterhead."
    page.get_by_role("link", name="Undo this merge").first.click()
    page.get_by_role("button", name="Undo this merge").click()

    expect(page.get_by_text("“Labor Ministry” was restored.")).to_be_visible()
    assert world.alone.participations.filter(party=world.other).exists()


def test_party_is_merged_into_one_that_is_found_by_typing(
    open_page: OpenPage, world: TwoParties
) -> None:
    change = reverse("admin:agreements_party_change", args=[world.other.pk])
    page = logged_in(open_page, change)

    page.get_by_role("link", name="Merge into…").click()
    # not the list that the script replaces: it has the same role and name until then
    page.locator(".select2").get_by_role("combobox", name="Merge it into").click()
    page.get_by_role("searchbox").fill("ministry of labour")
    page.get_by_role("listbox").get_by_role("option", name="Ministry of Labour").click()
    page.get_by_role("button", name="Compare side by side").click()
    page.get_by_label("How we know").fill("One letterhead.")
    page.get_by_role("button", name="Merge", exact=True).click()

    expect(page.get_by_text("was merged into").first).to_be_visible()
    assert Party.objects.filter(pk=world.kept.pk).exists()


def test_merge_without_javascript(open_page: OpenPage, world: TwoParties) -> None:
    path = f"{reverse('admin:agreements_party_merge')}?kept={world.kept.pk}&other={world.other.pk}"
    page = logged_in(open_page, PARTIES, javascript=False)
    page.goto(path)

    page.get_by_label("How we know").fill("One letterhead.")
    page.get_by_role("button", name="Merge", exact=True).click()

    expect(page.get_by_text("was merged into").first).to_be_visible()


def assert_sound(page: Page) -> None:
    violations = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in violations], page.url
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_sound(open_page: OpenPage, world: TwoParties, dark: bool, width: int) -> None:
    world.kept.website = "https://kept.example/" + "long" * 30
    world.kept.save()
    PartyFactory(name="Labour Ministry", parent=world.kept.parent)
    AgreementFactory(title="Wort" * 60, parties=[world.kept, world.other, PartyFactory()])
    page = logged_in(open_page, PARTIES, width=width, dark=dark, bypass_csp=True)
    merge = f"{reverse('admin:agreements_party_merge')}?kept={world.kept.pk}&other={world.other.pk}"

    page.goto(merge)
    assert_sound(page)
    page.goto(reverse("admin:agreements_party_merge_into", args=[world.other.pk]))
    assert_sound(page)
    page.goto(merge)
    page.get_by_label("How we know").fill("One letterhead.")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_url("**/party/*/change/")
    assert_sound(page)
    merged = PartyMerge.objects.get()
    for name in ("undo", "change"):
        page.goto(reverse(f"admin:agreements_partymerge_{name}", args=[merged.pk]))
        assert_sound(page)
    Agreement.objects.get(pk=world.shared.pk).participations.all().delete()
    page.goto(reverse("admin:agreements_partymerge_undo", args=[merged.pk]))
    expect(page.get_by_text("It cannot be undone now:")).to_be_visible()
    assert_sound(page)
    page.goto(reverse("admin:agreements_partymerge_changelist"))
    assert_sound(page)
