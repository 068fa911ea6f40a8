"""An administrator adds colleagues and gives them roles, but cannot grant more rights than they hold themselves."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from tests.colleagues import PASSWORD, colleague, group_of

pytestmark = pytest.mark.django_db
ADD = reverse("admin:auth_user_add")
LIST = reverse("admin:auth_user_changelist")


def change_url(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def password_url(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


def form_of(user: User, **changed: Any) -> dict[str, Any]:
    groups = list(user.groups.values_list("pk", flat=True))
    return {"username": user.username, "is_active": "on", "groups": groups, **changed}


def new_form(username: str, **more: Any) -> dict[str, Any]:
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    return {"username": username, **passwords, **more}


def every_permission() -> list[int]:
    return list(Permission.objects.values_list("pk", flat=True))


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    return client


def test_colleague_is_added_with_a_role_and_can_log_in(administrator: Client) -> None:
    editors = group_of(StaffRole.EDITOR)

    administrator.post(ADD, new_form("aygun", first_name="Aygün", groups=[editors.pk]))

    added = User.objects.get(username="aygun")
    assert (added.is_staff, added.is_superuser, added.first_name) == (True, False, "Aygün")
    assert added.has_perm("agreements.change_agreement")
    assert not added.has_perm("agreements.publish_agreement")
    assert added.check_password(PASSWORD)


def test_role_is_changed_and_account_closed(administrator: Client) -> None:
    user = colleague(StaffRole.EDITOR)
    publishers = group_of(StaffRole.PUBLISHER)

    administrator.post(change_url(user), form_of(user, groups=[publishers.pk], is_active=""))

    user = User.objects.get(pk=user.pk)
    assert (set(user.groups.all()), user.is_active) == ({publishers}, False)


@pytest.mark.parametrize("whom", ["another", "oneself"])
def test_nobody_is_raised_to_superuser_or_given_permissions(
    administrator: Client, whom: str
) -> None:
    oneself = User.objects.get(username="administrator")
    user = oneself if whom == "oneself" else colleague(StaffRole.EDITOR)
    raised = {"is_superuser": "on", "is_staff": "on", "user_permissions": every_permission()}

    page = administrator.get(change_url(user)).content.decode()
    response = administrator.post(change_url(user), form_of(user, **raised))

    user.refresh_from_db()
    assert response.status_code == 302
    assert 'name="is_superuser"' not in page
    assert 'name="user_permissions"' not in page
    assert not user.is_superuser
    assert not user.user_permissions.exists()


def test_new_account_is_not_made_a_superuser(administrator: Client) -> None:
    raised = {"is_superuser": "on", "user_permissions": every_permission()}

    administrator.post(ADD, new_form("root", **raised))

    added = User.objects.get(username="root")
    assert not added.is_superuser
    assert not added.user_permissions.exists()


def superuser() -> User:
    return User.objects.create_superuser("operator", password="another one entirely")


def closed_superuser() -> User:
    superuser()
    User.objects.update(is_active=False)
    return User.objects.get(username="operator")


def with_a_further_permission() -> User:
    user = colleague(StaffRole.READER, username="auditor", password="another one entirely")
    user.user_permissions.add(Permission.objects.get(codename="change_permission"))
    return user


def closed_with_a_further_group() -> User:
    group = Group.objects.create(name="Auditors")
    group.permissions.add(Permission.objects.get(codename="view_session"))
    user = colleague(StaffRole.READER, username="auditor", password="another one entirely")
    user.groups.add(group)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


@pytest.mark.parametrize(
    "account",
    [superuser, closed_superuser, with_a_further_permission, closed_with_a_further_group],
)
def test_account_with_more_rights_is_not_touched(account: Any) -> None:
    user = account()
    client = Client()
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    before = User.objects.filter(pk=user.pk).values().get()
    passwords = {"password1": PASSWORD, "password2": PASSWORD}

    answers = [
        client.post(change_url(user), form_of(user, username="taken")).status_code,
        client.get(password_url(user)).status_code,
        client.post(password_url(user), passwords).status_code,
        client.post(reverse("admin:auth_user_two_factor", args=[user.pk])).status_code,
        client.post(reverse("admin:auth_user_sign_on", args=[user.pk])).status_code,
        client.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"}).status_code,
    ]

    assert answers == [403] * 6
    assert User.objects.filter(pk=user.pk).values().get() == before


def test_group_that_allows_more_is_neither_offered_nor_given(administrator: Client) -> None:
    group = Group.objects.create(name="Auditors")
    group.permissions.add(Permission.objects.get(codename="view_session"))
    user = colleague(StaffRole.EDITOR)

    page = " ".join(administrator.get(change_url(user)).content.decode().split())
    response = administrator.post(change_url(user), form_of(user, groups=[group.pk]))

    assert "Auditors" not in page
    assert all(f"{role}</label>" in page for role in StaffRole)
    assert response.status_code == 200
    assert set(user.groups.all()) == {group_of(StaffRole.EDITOR)}


@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR, StaffRole.PUBLISHER])
def test_accounts_are_for_administrators(client: Client, role: StaffRole) -> None:
    user = colleague(role)
    client.force_login(user)
    passwords = {"password1": PASSWORD, "password2": PASSWORD}

    answers = {
        client.get(LIST).status_code,
        client.get(ADD).status_code,
        client.get(change_url(user)).status_code,
        client.post(password_url(user), passwords).status_code,
        client.post(change_url(user), form_of(user, is_superuser="on")).status_code,
        client.get(reverse("admin:auth_group_changelist")).status_code,
    }

    assert answers == {403}


def test_groups_are_not_changed_by_administrators(administrator: Client) -> None:
    group = group_of(StaffRole.ADMINISTRATOR)
    held = set(group.permissions.all())
    raised = {"name": "All", "permissions": every_permission()}

    response = administrator.post(reverse("admin:auth_group_change", args=[group.pk]), raised)

    assert response.status_code == 403
    assert set(group.permissions.all()) == held


def test_superuser_keeps_the_whole_screen(admin_client: Client) -> None:
    page = admin_client.get(change_url(colleague(StaffRole.EDITOR))).content.decode()

    assert 'name="is_superuser"' in page
    assert 'name="user_permissions"' in page


def test_own_account_is_shown_to_users_who_may_only_look(client: Client) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(user)

    assert client.get(change_url(user)).status_code == 200
