"""Whatever page a wrong password is typed on, the table of failed logins keeps nothing of the form."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from agreements.staff.accounts import unsent
from tests.staff.accounts import providers
from tests.staff.accounts.logins import code, give_password, staff, with_two_factor

pytestmark = pytest.mark.django_db
MIGRATION = "agreements.migrations.0024_nothing_typed_is_kept"
TYPED = "what nobody else may read"


@pytest.fixture
def clerk() -> User:
    user = staff(email="clerk@example.org")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    return user


@pytest.fixture
def browser(client: Client, clerk: User) -> Client:
    give_password(client, clerk)
    return client


def stored() -> str:
    return repr(list(AccessAttempt.objects.values()))


def forms(clerk: User) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form that checks a password, filled in with wrong ones."""
    again = {"current_password": f"{TYPED}, again"}
    yield reverse("admin:account_set_up"), {**again, "code": TYPED}
    yield reverse("admin:account_off"), {**again, "code": TYPED}
    yield reverse("admin:account_codes"), {**again, "code": TYPED}
    yield reverse("admin:account_sign_on"), again
    yield reverse("admin:calendar_address"), again
    new = {"new_password1": f"{TYPED}, new", "new_password2": f"{TYPED}, new"}
    yield reverse("admin:password_change"), {**new, "old_password": f"{TYPED}, old"}
    account = {"username": "clerk", "email": "other@example.org", "first_name": TYPED}
    page = reverse("admin:auth_user_change", args=[clerk.pk])
    yield page, {**account, "is_active": "on", **again}
    login = {"username": "clerk", "password": TYPED, unsent.FIELD: TYPED}
    yield f"{reverse('admin:login')}?q={TYPED}", {**login, "anything": TYPED}


@pytest.mark.parametrize("number", range(8))
def test_wrong_password_leaves_nothing_that_was_typed(
    browser: Client, clerk: User, settings: Settings, number: int
) -> None:
    providers.use(settings, "https://login.example.org")
    page, form = list(forms(clerk))[number]
    if page == reverse("admin:login"):
        browser.logout()

    for _time in range(2):
        browser.post(page, form)

    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == 2
    assert TYPED not in stored()
    assert "password" not in stored().replace("/admin/password_change/", "")


def test_recovery_code_beside_a_wrong_password_is_not_stored(client: Client, clerk: User) -> None:
    codes = with_two_factor(clerk)
    give_password(client, clerk)
    client.post("/admin/login/code/", {"code": code()})

    client.post(
        reverse("admin:account_off"), {"code": codes[0], "current_password": f"{TYPED}, again"}
    )

    assert AccessAttempt.objects.get().failures_since_start == 1
    assert codes[0] not in stored()


def test_upgrade_forgets_what_was_kept_before(clerk: User) -> None:
    old = AccessAttempt(
        username="clerk",
        user_agent="",
        ip_address="203.0.113.9",
        get_data=TYPED,
        post_data=f"old_password={TYPED}",
        failures_since_start=3,
    )
    AccessAttempt.objects.bulk_create([old])
    assert TYPED in stored()

    import_module(MIGRATION).forget_what_was_typed(apps, connection.schema_editor())

    assert TYPED not in stored()
    assert AccessAttempt.objects.get().failures_since_start == 3
