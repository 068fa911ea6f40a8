"""Makes the first staff login of a local register, and says how to get in. ``make run`` calls it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.crypto import get_random_string

from agreements.security.local_secrets import UNMISTAKABLE, kept_secret

USERNAME = "staff"
KEPT_IN = "staff-password"


class Command(BaseCommand):
    """Creates the user ``staff`` with a password made up for this machine, and prints both.

    A later run finds the user there and changes nothing: it prints the kept password while that still
    works, and says so when the person has chosen another.
    """

    help = "Make the first staff login of a local register, and print how to get in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints three lines: the site, the admin, the login. Refuses on a public site."""
        if settings.IS_PUBLIC:
            raise CommandError("This keeps a password in a file: use createsuperuser here.")
        password = kept_secret(settings.VAR_DIR / KEPT_IN, _made_up_password)
        known = f"password {password}" if _opens(password) else "the password you chose for it"
        self.stdout.write(f"The register: {settings.BASE_URL}/")
        self.stdout.write(f"For staff:    {settings.BASE_URL}{reverse('admin:index')}")
        self.stdout.write(f"Log in as:    {USERNAME}, {known}")


def _opens(password: str) -> bool:
    """Whether the login works with this password; makes the login with it when there is none."""
    users = get_user_model().objects
    user = users.filter(username=USERNAME).first()
    user = user or users.create_superuser(USERNAME, password=password)
    return user.check_password(password)


def _made_up_password() -> str:
    return get_random_string(16, UNMISTAKABLE)
