"""Creates the first staff login of a local register, and says how to log in; `make run` calls it."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.crypto import get_random_string

from agreements.security.local_secrets import UNMISTAKABLE, stored_secret

USERNAME = "staff"
PASSWORD_FILE = "staff-password"  # noqa: S105 - a file name


class Command(BaseCommand):
    """Creates the user `staff` with a password generated for this machine, and prints both.

    A later run changes nothing: it prints the stored password if that still works, or says that the user has chosen
    another.
    """

    help = "Create the first staff login of a local register, and print how to log in."

    def handle(self, *args: object, **options: object) -> None:
        """Prints three lines: the site, the admin, the login. Refuses on a public site."""
        if settings.IS_PUBLIC:
            raise CommandError(
                "This command stores a password in a file. On a public site use createsuperuser."
            )
        password = stored_secret(
            settings.VAR_DIR / PASSWORD_FILE, lambda: get_random_string(16, UNMISTAKABLE)
        )
        user = User.objects.filter(username=USERNAME).first()
        user = user or User.objects.create_superuser(USERNAME, password=password)
        works = user.check_password(password)
        known = f"password {password}" if works else "the password you chose for it"
        self.stdout.write(f"The register: {settings.BASE_URL}/")
        self.stdout.write(f"For staff:    {settings.BASE_URL}{reverse('admin:index')}")
        self.stdout.write(f"Log in as:    {USERNAME}, {known}")
