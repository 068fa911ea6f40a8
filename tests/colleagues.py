"""The staff in the tests: a user in each role, as an administrator would add them."""

from django.apps import apps
from django.contrib.auth.models import Group, User

from agreements.domain.permissions import StaffRole, grant_roles

PASSWORD = "known to these tests alone"


def colleague(role: StaffRole, *, username: str = "", password: str | None = None) -> User:
    """Return a new staff member with this role and the role's name, without a password: use `force_login`."""
    user = User.objects.create_user(username or role.lower(), password=password, is_staff=True)
    user.groups.add(group_of(role))
    return user


def group_of(role: StaffRole) -> Group:
    """Return the role's group; create it as the migration does if an earlier test has emptied the database."""
    if not Group.objects.filter(name=role).exists():
        grant_roles(apps, "default")
    return Group.objects.get(name=role)
