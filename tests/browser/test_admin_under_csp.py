"""Django's admin in a real browser: its scripts, pickers and pictures work under our strict policy."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

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
