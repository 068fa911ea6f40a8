"""A colleague's lost phone, on the account screens."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from agreements.security import two_factor
from tests.staff.accounts.logins import give_password, is_in, staff, with_two_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    """Somebody who manages accounts but is not a superuser."""
    person = staff("administrator")
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "add_user", "change_user"])
    )
    client.force_login(person)
    return client


@pytest.fixture
def clerk() -> User:
    return staff()


def reset_page(user: User) -> str:
    return reverse("admin:auth_user_two_factor", args=[user.pk])


def change_page(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def test_lost_phone_is_removed_after_confirmation(
    administrator: Client, clerk: User, caplog: pytest.LogCaptureFixture
) -> None:
    with_two_factor(clerk)
    elsewhere = Client()
    elsewhere.force_login(clerk)
    assert reset_page(clerk) in administrator.get(change_page(clerk)).content.decode()

    assert "really comes from them" in administrator.get(reset_page(clerk)).content.decode()
    assert two_factor.phone_of(clerk)
    administrator.post(reset_page(clerk))

    assert two_factor.phone_of(clerk) is None
    assert not is_in(elsewhere)
    assert give_password(Client(), clerk)["Location"] == "/admin/"
    assert (
        '"event": "second_step_reset", "user": "administrator", "address": "127.0.0.1"'
        in caplog.text
    )
    history = reverse("admin:auth_user_history", args=[clerk.pk])
    assert "two-factor" in administrator.get(history).content.decode()


def test_list_says_who_has_one(administrator: Client, clerk: User) -> None:
    address = reverse("admin:auth_user_changelist")
    without = administrator.get(address).content.decode()
    with_two_factor(clerk)

    page = administrator.get(address).content.decode()

    assert page.count("icon-yes") == without.count("icon-yes") + 1
    assert page.count("icon-no") == without.count("icon-no") - 1


@pytest.mark.parametrize("who", ["herself", "superuser", "without the right"])
def test_it_is_not_taken_away(administrator: Client, clerk: User, who: str) -> None:
    user = User.objects.get(username="administrator") if who == "herself" else clerk
    if who == "superuser":
        User.objects.filter(pk=clerk.pk).update(is_superuser=True)
    if who == "without the right":
        User.objects.get(username="administrator").user_permissions.clear()
    with_two_factor(user)

    assert administrator.post(reset_page(user)).status_code == 403
    assert two_factor.phone_of(user)


def test_nobody_there_is_not_found(administrator: Client) -> None:
    assert administrator.get("/admin/auth/user/999999/second-step/").status_code == 404


@pytest.mark.parametrize("name", ["otp_totp_totpdevice", "otp_static_staticdevice"])
def test_no_screen_shows_keys_and_codes(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}_changelist")
