"""Account owners get an e-mail about any change to their account, even their own; private calendars end when they must."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from agreements.domain.permissions import StaffRole
from agreements.models import CalendarAddress, OutgoingMail
from agreements.notifications.calendar_tokens import new_token, owner_of
from tests.colleagues import group_of
from tests.staff.accounts.logins import PASSWORD, code, staff, with_two_factor

pytestmark = pytest.mark.django_db
NEW = "a much better one, 2026"
Action = Callable[[Client, User], object]


@pytest.fixture
def clerk() -> User:
    return staff(email="clerk@example.org")


def change(browser: Client, user: User, **changed: object) -> object:
    form = {
        "username": user.username,
        "email": user.email,
        "is_active": "on",
        "is_staff": "on",
        "groups": [],
        "date_joined_0": "2026-11-21",
        "date_joined_1": "10:00:00",
        **changed,
    }
    kept = {name: value for name, value in form.items() if value is not None}
    return browser.post(f"/admin/auth/user/{user.pk}/change/", kept)


def set_password(browser: Client, user: User) -> object:
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    return browser.post(f"/admin/auth/user/{user.pk}/password/", form)


def reset_two_factor(browser: Client, user: User) -> object:
    with_two_factor(user)
    return browser.post(f"/admin/auth/user/{user.pk}/second-step/")


def reopen(browser: Client, user: User) -> object:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return change(browser, user)


def give_role(browser: Client, user: User) -> object:
    return change(browser, user, groups=[group_of(StaffRole.EDITOR).pk])


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        pytest.param(set_password, "The password was changed.", id="password"),
        pytest.param(reset_two_factor, "Two-factor authentication was turned off.", id="phone"),
        pytest.param(
            lambda browser, user: change(browser, user, email="other@example.org"),
            "The e-mail address was changed.",
            id="address",
        ),
        pytest.param(
            lambda browser, user: change(browser, user, is_active=None),
            "The account was deactivated.",
            id="closed",
        ),
        pytest.param(reopen, "The account was reactivated.", id="reopened"),
        pytest.param(give_role, "were granted: Editor.", id="role"),
        pytest.param(
            lambda browser, user: change(browser, user, is_superuser="on"),
            "The rights of the account as a whole were changed.",
            id="superuser",
        ),
        pytest.param(
            lambda browser, user: change(browser, user, username="somebody"),
            "It used to be clerk.",
            id="name",
        ),
    ],
)
def test_owner_is_told_at_the_address_of_before(
    admin_client: Client, clerk: User, action: Action, sentence: str
) -> None:
    action(admin_client, clerk)
    call_command("send_mails")

    (notice,) = mail.outbox
    assert notice.to == ["clerk@example.org"]
    assert sentence in notice.body
    assert "Done by admin on" in notice.body
    assert NEW not in notice.body


def test_owner_is_told_of_what_they_did_themselves(client: Client, clerk: User) -> None:
    client.force_login(clerk)
    client.get("/admin/account/set-up/")
    key = client.session["second_step_key"]
    again = {"current_password": PASSWORD}
    client.post("/admin/account/set-up/", {**again, "code": code(key, steps=-1)})
    client.post("/admin/account/codes/", {**again, "code": code(key)})
    client.post("/admin/account/off/", {**again, "code": code(key, steps=1)})
    new = {"new_password1": NEW, "new_password2": NEW}
    client.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    call_command("send_mails")

    assert [line for notice in mail.outbox for line in notice.body.splitlines()[2:3]] == [
        "Two-factor authentication was turned on.",
        "New recovery codes were made.",
        "Two-factor authentication was turned off.",
        "The password was changed.",
    ]


def test_change_of_nothing_tells_nobody(admin_client: Client, clerk: User) -> None:
    change(admin_client, clerk, first_name="Aygün")

    assert not OutgoingMail.objects.exists()


def test_command_tells_too(clerk: User) -> None:
    with_two_factor(clerk)

    call_command("second_step_off", "clerk")

    assert OutgoingMail.objects.get().facts["event"] == "second_step_reset"


@pytest.mark.parametrize(
    ("action", "ends"),
    [
        pytest.param(set_password, True, id="password"),
        pytest.param(
            lambda browser, user: change(browser, user, is_active=None), True, id="closed"
        ),
        pytest.param(give_role, False, id="role"),
        pytest.param(
            lambda browser, user: change(browser, user, email="other@example.org"),
            False,
            id="address",
        ),
    ],
)
def test_private_calendar_ends_with_the_password_and_the_account(
    admin_client: Client, clerk: User, action: Action, ends: bool
) -> None:
    token = new_token(clerk, at=timezone.now())

    action(admin_client, clerk)

    assert (owner_of(token) is None) is ends
    assert CalendarAddress.objects.exists() is not ends


def test_own_address_is_changed_only_with_the_password(admin_client: Client) -> None:
    own = User.objects.get(username="admin")
    own.set_password(PASSWORD)
    own.save()
    admin_client.force_login(own)
    whole = {"is_superuser": "on", "email": "new@example.org"}

    for wrong in ("", "a guess"):
        answer = change(admin_client, own, current_password=wrong, **whole)
        assert "This is not your password" in answer.content.decode()  # type: ignore[attr-defined]
    own.refresh_from_db()
    assert own.email != "new@example.org"

    change(admin_client, own, current_password=PASSWORD, **whole)
    own.refresh_from_db()
    assert own.email == "new@example.org"
