"""The login and the account page in a real browser: two-factor, expired logins, 360 px and dark mode."""

import re
from base64 import b32decode
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from agreements.models import Area, StaffSession
from tests.browser.conftest import PageIsSound
from tests.conftest import OpenPage
from tests.staff.accounts.logins import PASSWORD, code, staff

NEW = "a much better one, 2026"


@pytest.fixture
def clerk(transactional_db: None) -> User:
    return staff(is_superuser=True)


def give_password(page: Page) -> None:
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def give_code(page: Page, given: str, button: str = "Log in") -> None:
    page.get_by_role("textbox", name="Code").fill(given)
    if button != "Log in":
        page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name=button).click()


def key_on(page: Page) -> str:
    """The key that the page shows for typing, in hexadecimal."""
    letters = page.locator(".pairing-letters").inner_text()
    return b32decode(re.sub(r"\s", "", letters)).hex()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_clerk_turns_two_factor_on_and_logs_in_with_it(
    clerk: User, open_page: OpenPage, page_is_sound: PageIsSound, javascript: bool
) -> None:
    page = open_page("/admin/account/", javascript=javascript)
    give_password(page)
    page.get_by_role("link", name="Set up two-factor authentication").click()
    key = key_on(page)
    give_code(page, code(key, steps=-1), "Turn it on")
    shown = page.locator(".recovery-codes code")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto("/admin/account/")
    give_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-factor authentication")
    give_code(page, "000000")
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    page.wait_for_timeout(1_100)
    give_code(page, code(key))
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")

    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto("/admin/account/")
    give_password(page)
    give_code(page, codes[0])
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()


def test_what_was_typed_outlives_the_login(
    clerk: User, open_page: OpenPage, page_is_sound: PageIsSound
) -> None:
    page = open_page("/admin/agreements/area/add/", width=360)
    give_password(page)
    page.get_by_label("Name").fill("Labour & “social” matters")
    StaffSession.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page_is_sound(page)
    give_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet")
    page_is_sound(page)

    page.get_by_role("button", name="Send it now").click()

    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Area.objects.get().name == "Labour & “social” matters"


def test_form_opened_before_logging_in_elsewhere_is_sent_at_another_click(
    clerk: User, open_page: OpenPage
) -> None:
    page = open_page("/admin/agreements/area/add/")
    give_password(page)
    page.get_by_label("Name").fill("Labour")
    StaffSession.objects.all().delete()
    other = page.context.new_page()
    other.goto("/admin/")
    give_password(other)
    expect(other.get_by_role("button", name="Log out", exact=True)).to_be_visible()

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Send it now").click()

    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_two_login_windows_both_lead_in(clerk: User, open_page: OpenPage) -> None:
    page = open_page("/admin/account/")
    other = page.context.new_page()
    other.goto("/admin/password_change/")
    give_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")

    give_password(other)

    expect(other.get_by_role("heading", level=1)).to_have_text("Password change")


def test_whole_picture_of_the_key_is_in_sight(clerk: User, open_page: OpenPage) -> None:
    page = open_page("/admin/account/set-up/", width=360)
    give_password(page)
    page.goto("/admin/account/set-up/")
    shown = page.locator(".pairing-picture svg").bounding_box()
    drawn = page.locator(".pairing-picture path").first.bounding_box()

    assert shown == drawn
    assert shown["width"] >= 200


Visit = Callable[[Page], None]


def _visit(path: str) -> Visit:
    return lambda page: page.goto(path) and None


def _set_up(page: Page) -> None:
    page.goto("/admin/account/set-up/")
    give_code(page, code(key_on(page), steps=-1), "Turn it on")


def _wrong_code(page: Page) -> None:
    _set_up(page)
    page.goto("/admin/account/off/")
    give_code(page, "000000", "Turn it off")


def _weak_password(page: Page) -> None:
    page.goto("/admin/password_change/")
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password:").fill("short")
    page.get_by_label("New password confirmation:").fill("short")
    page.get_by_role("button", name="Change my password").click()
    expect(page.get_by_text("This password is too short")).to_be_visible()


def _colleague(page: Page) -> None:
    _set_up(page)
    colleague = staff("colleague")
    page.goto(f"/admin/auth/user/{colleague.pk}/second-step/")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "visit",
    [
        pytest.param(_visit("/admin/account/"), id="account"),
        pytest.param(_visit("/admin/account/set-up/"), id="set up"),
        pytest.param(_set_up, id="recovery codes"),
        pytest.param(_wrong_code, id="wrong code"),
        pytest.param(_visit("/admin/password_change/"), id="password"),
        pytest.param(_weak_password, id="weak password"),
        pytest.param(_colleague, id="colleague"),
    ],
)
def test_page_of_the_account_is_sound(
    clerk: User, open_page: OpenPage, page_is_sound: PageIsSound, visit: Visit, dark: bool
) -> None:
    page = open_page("/admin/", width=360, dark=dark)
    give_password(page)

    visit(page)

    page_is_sound(page)


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/password/", "/admin/password/sent/", "/admin/password/x/y/"]
)
def test_page_at_the_door_is_sound(
    transactional_db: None, open_page: OpenPage, page_is_sound: PageIsSound, path: str
) -> None:
    page_is_sound(open_page(path, width=360))


def test_refused_login_is_sound_and_keeps_the_name(
    clerk: User, open_page: OpenPage, page_is_sound: PageIsSound
) -> None:
    page = open_page("/admin/login/", width=360)
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_label("Username")).to_have_value("clerk")
    page_is_sound(page)
    for _guess in range(4):
        page.get_by_label("Password").fill("a guess")
        page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("from here until")).to_be_visible()
    page_is_sound(page)
