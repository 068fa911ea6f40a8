"""Too many wrong passwords, and the administrator who lets a colleague in again."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from tests.colleagues import PASSWORD, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return colleague(StaffRole.EDITOR, username="clerk", password=PASSWORD)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    return client


def page(user: User) -> str:
    return reverse("admin:auth_user_end_lockout", args=[user.pk])


def log_in(password: str) -> int:
    login = {"username": "clerk", "password": password}
    return Client().post("/admin/login/", login).status_code


def lock_out() -> None:
    for _ in range(5):
        log_in("a guess")
    assert log_in(PASSWORD) == 429


def test_administrator_ends_a_lockout(
    administrator: Client, clerk: User, caplog: pytest.LogCaptureFixture
) -> None:
    lock_out()
    account = reverse("admin:auth_user_change", args=[clerk.pk])
    assert page(clerk) in administrator.get(account).content.decode()

    assert "they mistyped" in administrator.get(page(clerk)).content.decode()
    assert log_in(PASSWORD) == 429
    administrator.post(page(clerk))

    assert log_in(PASSWORD) == 302
    assert '"event": "lockout_ended", "user": "administrator"' in caplog.text
    assert page(clerk) not in administrator.get(account).content.decode()


@pytest.mark.parametrize("role", [StaffRole.EDITOR, StaffRole.PUBLISHER])
def test_others_end_none(client: Client, clerk: User, role: StaffRole) -> None:
    lock_out()
    client.force_login(colleague(role, username="other"))

    assert client.post(page(clerk)).status_code == 403
    assert log_in(PASSWORD) == 429


def test_account_without_a_lockout_says_so(administrator: Client, clerk: User) -> None:
    log_in("a slip")

    account = administrator.get(reverse("admin:auth_user_change", args=[clerk.pk]))

    assert page(clerk) not in account.content.decode()
