"""Django's admin in a real browser: its scripts, pickers and images work under our strict policy."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageIsSound
from tests.conftest import OpenPage


@pytest.fixture
def admin_page(open_page: OpenPage, transactional_db: None) -> Page:
    User.objects.create_superuser("clerk", password="the right one")
    page = open_page("/admin/")
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill("the right one")
    page.get_by_role("button", name="Log in").click()
    return page


def test_clerk_logs_in_and_finds_the_registers(admin_page: Page) -> None:
    expect(admin_page.get_by_role("link", name="Users")).to_be_visible()


def test_scripted_widgets_work(admin_page: Page) -> None:
    clerk = User.objects.get()
    admin_page.goto(f"/admin/auth/user/{clerk.pk}/change/")

    admin_page.locator("#id_user_permissions_from option").first.dblclick()
    expect(admin_page.locator("#id_user_permissions_to option")).to_have_count(1)

    admin_page.get_by_role("link", name="Today").first.click()
    expect(admin_page.locator("#id_last_login_0")).not_to_have_value("")


def test_saved_change_is_seen_by_the_test(admin_page: Page) -> None:
    clerk = User.objects.get()
    admin_page.goto(f"/admin/auth/user/{clerk.pk}/change/")

    admin_page.get_by_label("First name").fill("Aygün")
    admin_page.get_by_role("button", name="Save", exact=True).click()
    expect(admin_page.get_by_text("was changed successfully")).to_be_visible()

    clerk.refresh_from_db()
    assert clerk.first_name == "Aygün"


def test_help_is_read_from_its_contents_on_any_screen(
    admin_page: Page, page_is_sound: PageIsSound
) -> None:
    admin_page.get_by_role("link", name="Help", exact=True).click()
    admin_page.get_by_role("navigation").get_by_role("link", name="Two people editing").click()

    expect(admin_page.get_by_role("heading", name="Two people editing")).to_be_in_viewport()
    admin_page.set_viewport_size({"width": 360, "height": 800})
    for url in ("/admin/help/", "/admin/help/importing/"):
        admin_page.goto(url)
        page_is_sound(admin_page)
