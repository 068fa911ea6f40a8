"""The login page: password, code, and that nothing can be seen in between."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from agreements.models import StaffSession
from tests.admin.test_access import admin_addresses
from tests.factories import DocumentFactory
from tests.staff.accounts.logins import code, give_password, is_in, staff, with_two_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return staff()


@pytest.fixture
def recovery_codes(clerk: User) -> list[str]:
    """The clerk has two-factor on."""
    return with_two_factor(clerk)


@pytest.fixture
def halfway(client: Client, clerk: User, recovery_codes: list[str]) -> Client:
    """A browser in which the clerk has given the password but not the code."""
    give_password(client, clerk)
    return client


def give_code(browser: Client, given: str) -> Any:
    return browser.post("/admin/login/code/", {"code": given})


# ------------------------------------------------------------------ without two-factor


def test_password_alone_lets_in_users_without_two_factor(client: Client, clerk: User) -> None:
    answer = give_password(client, clerk, next="/admin/account/")

    assert answer["Location"] == "/admin/account/"
    assert is_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_login_redirects_to_no_other_site(client: Client, clerk: User, target: str) -> None:
    assert give_password(client, clerk, next=target)["Location"] == "/admin/"


def test_user_who_is_not_staff_is_refused_and_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    guest = User.objects.create_user("guest", password="the right one")

    assert give_password(client, guest).status_code == 200
    assert not is_in(client)
    assert '"event": "login_failed", "user": "guest"' in caplog.text


def test_login_page_redirects_users_who_are_logged_in(client: Client, clerk: User) -> None:
    client.force_login(clerk)

    assert client.get("/admin/login/?next=/admin/account/")["Location"] == "/admin/account/"


# ------------------------------------------------------------------ with one


def test_code_logs_in_and_redirects_to_the_requested_page(
    client: Client, clerk: User, recovery_codes: list[str]
) -> None:
    assert give_password(client, clerk, next="/admin/account/")["Location"] == "/admin/login/code/"
    assert client.get("/admin/login/code/").status_code == 200

    assert give_code(client, code())["Location"] == "/admin/account/"
    assert is_in(client)


def test_recovery_code_lets_in_once(
    halfway: Client, clerk: User, recovery_codes: list[str]
) -> None:
    assert give_code(halfway, recovery_codes[0]).status_code == 302
    assert is_in(halfway)

    again = Client()
    give_password(again, clerk)
    assert give_code(again, recovery_codes[0]).status_code == 200
    assert not is_in(again)


def test_wrong_code_says_so_and_lets_nobody_in(halfway: Client) -> None:
    answer = give_code(halfway, "000000")

    assert "This code is wrong or has already been used" in answer.content.decode()
    assert not is_in(halfway)


def test_guesser_sees_how_long_to_wait(halfway: Client) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        halfway.get("/admin/login/")
        give_password(halfway, User.objects.get())
        for _guess in range(4):
            give_code(halfway, "000000")
            clock.shift(20)
        give_code(halfway, "000000")
        answer = give_code(halfway, "000000")

    assert "Try again after 14:01:36" in answer.content.decode()


def test_one_code_in_two_windows_opens_one_of_them(
    client: Client, clerk: User, recovery_codes: list[str]
) -> None:
    other = Client()
    give_password(client, clerk)
    give_password(other, clerk)
    now = code()

    assert give_code(client, now).status_code == 302
    assert give_code(other, now).status_code == 200
    assert is_in(client)
    assert not is_in(other)


def test_second_window_of_the_same_browser_goes_on(halfway: Client) -> None:
    give_code(halfway, code())

    answer = give_code(halfway, code(steps=1))

    assert answer["Location"] == "/admin/login/"
    assert halfway.get("/admin/login/")["Location"] == "/admin/"


def test_key_of_the_session_changes_at_both_steps(
    client: Client, clerk: User, recovery_codes: list[str]
) -> None:
    session = client.session
    session["of a guest"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    keys = [session.session_key]

    give_password(client, clerk)
    keys.append(client.cookies["sessionid"].value)
    give_code(client, code())
    keys.append(client.cookies["sessionid"].value)

    assert len(set(keys)) == 3
    assert [row.session_key for row in StaffSession.objects.all()] == keys[2:]


def test_password_is_asked_again_after_ten_minutes(halfway: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=5)):
        assert give_code(halfway, code())["Location"] == "/admin/login/"
        assert not is_in(halfway)


def test_changed_password_ends_the_login_halfway(halfway: Client, clerk: User) -> None:
    clerk.set_password("another one, quite long")
    clerk.save()

    assert give_code(halfway, code())["Location"] == "/admin/login/"


def test_closed_account_ends_the_login_halfway(halfway: Client, clerk: User) -> None:
    User.objects.update(is_active=False)

    assert give_code(halfway, code())["Location"] == "/admin/login/"


def test_code_without_a_password_opens_nothing(client: Client, recovery_codes: list[str]) -> None:
    assert give_code(client, code())["Location"] == "/admin/login/"
    assert not is_in(client)


def test_another_users_password_replaces_the_login(
    client: Client, clerk: User, recovery_codes: list[str]
) -> None:
    client.force_login(staff("colleague"))

    give_password(client, clerk)

    assert not is_in(client)


def test_password_page_does_not_reveal_two_factor_to_guessers(
    client: Client, recovery_codes: list[str]
) -> None:
    answer = client.post("/admin/login/", {"username": "clerk", "password": "a guess"})

    assert answer.status_code == 200
    assert "Please enter the correct" in answer.content.decode()


# ------------------------------------------------------------------ halfway in is out


def let_through(browser: Client) -> list[str]:
    """The URLs of the admin that did not redirect to the login."""
    return [
        address
        for address in admin_addresses()
        for response in (
            browser.get(address),
            browser.post(address),
            browser.post(address, {"a": 1}),
        )
        if not (
            response.get("Location", "").startswith("/admin/login/")
            or (response.status_code == 403 and b'id="login-form"' in response.content)
        )
    ]


def test_halfway_no_url_of_the_admin_opens(halfway: Client, clerk: User) -> None:
    User.objects.update(is_superuser=True)

    assert let_through(halfway) == []


def test_halfway_no_private_document_opens(halfway: Client, clerk: User) -> None:
    clerk.user_permissions.set(Permission.objects.filter(codename="view_document"))
    document = DocumentFactory(uploaded=True, is_public=False)
    address = f"/agreements/{document.agreement.ref}/documents/{document.pk}/"

    assert halfway.get(address).status_code == 404
    give_code(halfway, code())
    with closing(halfway.get(address)) as answer:
        assert answer.status_code == 200


# ------------------------------------------------------------------ where it is required


def key_shown(answer: Any) -> str:
    return answer.client.session["second_step_key"]


@pytest.fixture
def required(settings: Settings) -> None:
    settings.REQUIRE_TOTP = True


def test_user_without_it_sets_it_up_before_logging_in(
    client: Client, clerk: User, required: None
) -> None:
    answer = give_password(client, clerk, next="/admin/password_change/")
    assert answer["Location"] == "/admin/login/set-up/"
    assert let_through(client) == []

    key = key_shown(client.get("/admin/login/set-up/"))
    refused = client.post("/admin/login/set-up/", {"code": "000000"})
    assert "This code is wrong" in refused.content.decode()
    assert key_shown(refused) == key
    answer = client.post("/admin/login/set-up/", {"code": code(key)})

    assert answer.content.decode().count("<code>") == 10
    assert 'href="/admin/password_change/"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert is_in(client)


def test_user_with_it_logs_in_with_it(halfway: Client, required: None) -> None:
    give_code(halfway, code())

    assert is_in(halfway)


def test_user_with_it_cannot_set_it_up_again_halfway(halfway: Client, required: None) -> None:
    key = key_shown(halfway.get("/admin/login/set-up/"))

    answer = halfway.post("/admin/login/set-up/", {"code": code(key)})

    assert "already on" in answer.content.decode()
    assert not is_in(halfway)


def test_login_from_before_it_was_required_counts_for_nothing(
    client: Client, clerk: User, settings: Settings
) -> None:
    User.objects.update(is_superuser=True)
    give_password(client, clerk)
    assert is_in(client)

    settings.REQUIRE_TOTP = True

    assert let_through(client) == []
    document = DocumentFactory(uploaded=True, is_public=False)
    address = f"/agreements/{document.agreement.ref}/documents/{document.pk}/"
    assert client.get(address).status_code == 404


def test_public_pages_need_no_session_where_it_is_required(client: Client, required: None) -> None:
    answer = client.get("/about/")

    assert answer.status_code == 200
    assert "Cookie" not in answer.get("Vary", "")


# ------------------------------------------------------------------ logging out


def test_logout_has_the_browser_drop_what_it_kept_but_no_other_cookie(
    client: Client, clerk: User
) -> None:
    give_password(client, clerk)

    answer = client.post("/admin/logout/")

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies["sessionid"].value == ""
    assert client.cookies["known_browser"].value
    assert not is_in(client)
