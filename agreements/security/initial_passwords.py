"""Passwords that somebody else has set: the login lets their owner in only once they have chosen another.

The admin's account screens mark them, the login asks. Passwords that an operator sets by command are not marked: the
first account of a register has no one else to set its password.
"""

from django.contrib.auth.models import User

from agreements.models import InitialPassword
from agreements.security import security_log


def mark_as_initial(account: User) -> None:
    """Make the owner of this account choose another password at the next login, unless they have none."""
    if not account.has_usable_password():
        return
    InitialPassword.objects.get_or_create(user=account)
    security_log.note("password_to_be_changed", of=account.username)


def is_initial(account: User) -> bool:
    """Return whether the account's password is one that somebody else has set; one query."""
    return InitialPassword.objects.filter(user=account).exists()


def chosen_by_owner(account: User) -> None:
    """Note that the owner has chosen the password."""
    InitialPassword.objects.filter(user=account).delete()
