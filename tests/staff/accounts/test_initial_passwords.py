"""A password that somebody else has set opens nothing but the page that replaces it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from agreements.models import InitialPassword
from agreements.security.initial_passwords import is_initial, mark_as_initial
from tests.staff.accounts.logins import PASSWORD, code, give_password, is_in, staff, with_two_factor

pytestmark = pytest.mark.django_db
NEW = "a much better one, 2026"
PAGE = "/admin/login/password/"


@pytest.fixture
def newcomer() -> User:
    user = staff("newcomer")
    mark_as_initial(user)
    return user


def choose(browser: Client, password: str = NEW) -> Any:
    return browser.post(PAGE, {"new_password1": password, "new_password2": password})


def test_login_leads_to_the_page_and_nowhere_else(client: Client, newcomer: User) -> None:
    answer = give_password(client, newcomer, next="/admin/account/")

    assert answer["Location"] == PAGE
    assert "Somebody else has set the password for newcomer" in client.get(PAGE).content.decode()
    assert not is_in(client)
    for path in ("/admin/", "/admin/password_change/"):
        assert client.get(path)["Location"].startswith("/admin/login/")


def test_new_password_lets_in_and_is_not_asked_for_again(client: Client, newcomer: User) -> None:
    give_password(client, newcomer, next="/admin/account/")

    assert choose(client)["Location"] == "/admin/account/"

    assert is_in(client)
    assert not is_initial(newcomer)
    login = {"username": "newcomer", "password": NEW}
    assert Client().post("/admin/login/", login)["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        pytest.param(PASSWORD, "This is the password you were given", id="the same"),
        pytest.param("short", "at least 12 characters", id="short"),
        pytest.param("password1234", "too common", id="common"),
        pytest.param("Newcomer-2026!", "consists of your own names", id="own name"),
        pytest.param("", "required", id="empty"),
    ],
)
def test_weak_choice_is_refused_and_lets_nobody_in(
    client: Client, newcomer: User, password: str, reason: str
) -> None:
    give_password(client, newcomer)

    assert reason in choose(client, password).content.decode()
    assert not is_in(client)
    assert is_initial(newcomer)


def test_code_is_still_asked_and_comes_first(client: Client, newcomer: User) -> None:
    with_two_factor(newcomer)
    give_password(client, newcomer)

    assert choose(client)["Location"] == "/admin/login/code/"
    newcomer.refresh_from_db()
    assert newcomer.check_password(PASSWORD)
    assert client.post("/admin/login/code/", {"code": code()})["Location"] == PAGE
    assert not is_in(client)
    choose(client)
    assert is_in(client)


def test_where_two_factor_is_required_it_is_set_up_first(
    client: Client, newcomer: User, settings: Settings
) -> None:
    settings.REQUIRE_TOTP = True
    give_password(client, newcomer)
    assert choose(client)["Location"] == "/admin/login/set-up/"

    client.get("/admin/login/set-up/")
    key = client.session["second_step_key"]
    client.post("/admin/login/set-up/", {"code": code(key)})
    assert not is_in(client)
    choose(client)

    assert is_in(client)


def test_nobody_gets_to_the_page_without_a_login(client: Client, newcomer: User) -> None:
    assert choose(client)["Location"] == "/admin/login/"


def test_password_an_administrator_sets_is_initial(admin_client: Client) -> None:
    clerk = staff()
    new = {"password1": NEW, "password2": NEW}

    admin_client.post(f"/admin/auth/user/{clerk.pk}/password/", {**new, "usable_password": "true"})

    login = {"username": "clerk", "password": NEW}
    assert Client().post("/admin/login/", login)["Location"] == PAGE


def test_password_of_a_new_colleague_is_initial(admin_client: Client) -> None:
    new = {"username": "aygun", "password1": NEW, "password2": NEW, "usable_password": "true"}

    admin_client.post("/admin/auth/user/add/", new)

    login = {"username": "aygun", "password": NEW}
    assert Client().post("/admin/login/", login)["Location"] == PAGE


def test_own_password_is_changed_only_with_the_old_one(admin_client: Client) -> None:
    own = User.objects.get(username="admin")
    new = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    for key in (own.pk, f"0{own.pk}", f"%20{own.pk}"):
        page = f"/admin/auth/user/{key}/password/"
        for answer in (admin_client.get(page), admin_client.post(page, new)):
            assert answer["Location"] == "/admin/password_change/"

    assert not InitialPassword.objects.exists()
