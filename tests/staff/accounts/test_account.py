"""The account page: two-factor on and off, codes, password, other browsers."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from agreements.security import two_factor
from agreements.security.initial_passwords import is_initial, mark_as_initial
from tests.staff.accounts.logins import (
    PASSWORD,
    code,
    give_password,
    is_in,
    staff,
    with_two_factor,
)

pytestmark = pytest.mark.django_db
SET_UP, OFF, CODES, SESSIONS = (
    reverse(f"admin:account_{page}") for page in ("set_up", "off", "codes", "sessions")
)
NEW = "a much better one, 2026"


@pytest.fixture
def clerk() -> User:
    return staff(first_name="Alexandrina")


@pytest.fixture
def browser(client: Client, clerk: User) -> Client:
    """The clerk is logged in with the password only."""
    give_password(client, clerk)
    return client


@pytest.fixture
def secured(client: Client, clerk: User) -> Client:
    """The clerk is logged in with two-factor."""
    with_two_factor(clerk)
    give_password(client, clerk)
    client.post("/admin/login/code/", {"code": code()})
    return client


def typed(code: str, password: str = PASSWORD) -> dict[str, str]:
    return {"code": code, "current_password": password}


def shown_key(browser: Client) -> str:
    browser.get(SET_UP)
    return str(browser.session["second_step_key"])


def codes_in(answer: Any) -> list[str]:
    return [part.split("</code>")[0] for part in answer.content.decode().split("<code>")[1:]]


def test_page_shows_what_is_set_up(browser: Client) -> None:
    page = browser.get("/admin/account/").content.decode()

    assert "clerk" in page
    assert SET_UP in page
    assert OFF not in page
    assert "This browser" in page


def test_every_page_of_the_admin_leads_to_it(browser: Client) -> None:
    assert 'href="/admin/account/"' in browser.get("/admin/").content.decode()


def test_turning_it_on_shows_ten_codes_once(browser: Client, clerk: User) -> None:
    key = shown_key(browser)

    answer = browser.post(SET_UP, typed(code(key)))

    assert len(codes_in(answer)) == 10
    assert "no-store" in answer["Cache-Control"]
    page = browser.get("/admin/account/").content.decode()
    assert "10 recovery codes left" in page
    assert not any(each in page for each in codes_in(answer))
    assert two_factor.phone_of(clerk)


def test_turning_it_on_ends_logins_with_the_password_only(browser: Client, clerk: User) -> None:
    elsewhere = Client()
    give_password(elsewhere, clerk)
    before = browser.cookies["sessionid"].value

    browser.post(SET_UP, typed(code(shown_key(browser))))

    assert is_in(browser)
    assert browser.cookies["sessionid"].value != before
    assert not is_in(elsewhere)


def test_login_that_turned_it_on_counts_where_it_is_required(
    browser: Client, settings: Settings
) -> None:
    browser.post(SET_UP, typed(code(shown_key(browser))))

    settings.REQUIRE_TOTP = True

    assert is_in(browser)


def test_wrong_code_keeps_the_key_on_the_page(browser: Client, clerk: User) -> None:
    key = shown_key(browser)

    answer = browser.post(SET_UP, typed("000000"))

    assert "This code is wrong" in answer.content.decode()
    assert shown_key(browser) == key
    assert two_factor.phone_of(clerk) is None


def test_two_windows_turn_two_factor_on_once(browser: Client) -> None:
    key = shown_key(browser)
    now, later = code(key), code(key, steps=1)
    browser.get(SET_UP)

    browser.post(SET_UP, typed(now))
    answer = browser.post(SET_UP, typed(later))

    assert "already on" in answer.content.decode()
    assert TOTPDevice.objects.get().key == key


def test_key_is_not_shown_again(secured: Client) -> None:
    assert secured.get(SET_UP)["Location"] == "/admin/account/"


@pytest.mark.parametrize("page", [OFF, CODES])
def test_wrong_code_changes_nothing(secured: Client, clerk: User, page: str) -> None:
    answer = secured.post(page, typed("000000"))

    assert "This code is wrong" in answer.content.decode()
    assert two_factor.phone_of(clerk)
    assert two_factor.recovery_codes_left(clerk) == 10


def test_code_turns_it_off(secured: Client, clerk: User) -> None:
    secured.post(OFF, typed(code(steps=1)))

    assert two_factor.phone_of(clerk) is None
    assert give_password(Client(), clerk)["Location"] == "/admin/"


def test_turned_off_where_it_is_required_it_must_be_set_up_again(
    secured: Client, clerk: User, settings: Settings
) -> None:
    settings.REQUIRE_TOTP = True

    secured.post(OFF, typed(code(steps=1)))

    assert not is_in(secured)
    assert give_password(secured, clerk)["Location"] == "/admin/login/set-up/"


def test_new_codes_replace_the_old(secured: Client, clerk: User) -> None:
    answer = secured.post(CODES, typed(code(steps=1)))
    new = codes_in(answer)

    assert len(new) == 10
    assert two_factor.accepting_device(clerk, new[0])
    assert is_in(secured)


def test_login_with_a_recovery_code_outlives_new_codes(
    client: Client, clerk: User, settings: Settings
) -> None:
    settings.REQUIRE_TOTP = True
    recovery_codes = with_two_factor(clerk)
    give_password(client, clerk)
    client.post("/admin/login/code/", {"code": recovery_codes[0]})

    answer = client.post(CODES, typed(recovery_codes[1]))

    assert len(codes_in(answer)) == 10
    assert is_in(client)


def test_other_browsers_are_logged_out(browser: Client, clerk: User) -> None:
    elsewhere = Client()
    give_password(elsewhere, clerk)

    answer = browser.post(SESSIONS, follow=True)

    assert "logged out of one other browser" in answer.content.decode()
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert browser.get(SESSIONS).status_code == 405


def test_browser_name_is_escaped(browser: Client, clerk: User) -> None:
    hostile = Client(headers={"user-agent": "<script>alert(1)</script>" * 100})
    give_password(hostile, clerk)

    page = browser.get("/admin/account/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


# ------------------------------------------------------------------ the password


def change(browser: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return browser.post("/admin/password_change/", form)


def test_changed_password_ends_the_other_logins(browser: Client, clerk: User) -> None:
    elsewhere = Client()
    give_password(elsewhere, clerk)

    answer = change(browser)

    assert answer["Location"] == "/admin/account/"
    assert is_in(browser)
    assert not is_in(elsewhere)
    clerk.refresh_from_db()
    assert clerk.check_password(NEW)


def test_changed_password_keeps_two_factor_verified(secured: Client, settings: Settings) -> None:
    settings.REQUIRE_TOTP = True

    change(secured)

    assert is_in(secured)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("a guess", NEW, "old password was entered incorrectly", id="old one wrong"),
        pytest.param(PASSWORD, "short-1", "at least 12 characters", id="short"),
        pytest.param(PASSWORD, "password1234", "too common", id="common"),
        pytest.param(PASSWORD, "alexandrina1", "too similar to the first name", id="name"),
    ],
)
def test_weak_password_is_refused_with_the_reason(
    browser: Client, clerk: User, old: str, new: str, reason: str
) -> None:
    assert reason in change(browser, old, new).content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


# ------------------------------------------------------------------ the password again


@pytest.mark.parametrize("page", [OFF, CODES])
def test_code_without_the_password_changes_nothing_and_is_not_used_up(
    secured: Client, clerk: User, page: str
) -> None:
    now = code(steps=1)

    for wrong in ({"code": now}, typed(now, "a guess")):
        assert secured.post(page, wrong).status_code == 200

    assert two_factor.recovery_codes_left(clerk) == 10
    assert two_factor.phone_of(clerk)
    assert "This is not your password" in secured.post(page, typed(now, "a guess")).content.decode()
    assert two_factor.accepting_device(clerk, now)


def test_two_factor_is_not_turned_on_without_the_password(browser: Client, clerk: User) -> None:
    answer = browser.post(SET_UP, typed(code(shown_key(browser)), "a guess"))

    assert "This is not your password" in answer.content.decode()
    assert two_factor.phone_of(clerk) is None


@pytest.mark.parametrize("page", [SET_UP, "/admin/password_change/", "/admin/following/calendar/"])
def test_wrong_passwords_count_towards_the_lockout(browser: Client, page: str) -> None:
    form = {**typed("000000", "a guess"), "old_password": "a guess", "new_password1": NEW}

    for _try in range(4):
        assert browser.post(page, {**form, "new_password2": NEW}).status_code in {200, 400}
    assert browser.post(page, {**form, "new_password2": NEW}).status_code == 429

    assert change(browser).status_code == 429


def test_user_without_a_password_is_told_whom_to_ask(client: Client, clerk: User) -> None:
    clerk.set_unusable_password()
    clerk.save()
    client.force_login(clerk)

    answer = client.post("/admin/following/calendar/")

    assert answer.status_code == 400
    assert "Your account has no password" in answer.content.decode()


def test_initial_password_that_its_owner_replaced_is_none(browser: Client, clerk: User) -> None:
    mark_as_initial(clerk)

    browser.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert not is_initial(clerk)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("840195726394", id="digits"),
        pytest.param("q7" * 100, id="two hundred characters"),
        pytest.param("  Spaces on both sides  ", id="spaces"),
        pytest.param("hər söz bir şifrədir", id="letters beyond ASCII"),
    ],
)
def test_any_long_password_is_taken_exactly_as_typed(
    browser: Client, clerk: User, typed: str
) -> None:
    change(browser, new=typed)

    clerk.refresh_from_db()
    assert clerk.check_password(typed)
    for other in {typed[:72], typed.strip(), typed.upper(), f"{typed} "} - {typed}:
        assert not is_in(logging_in(other)), other
    assert is_in(logging_in(typed))


def logging_in(password: str) -> Client:
    browser = Client()
    browser.post("/admin/login/", {"username": "clerk", "password": password})
    return browser
