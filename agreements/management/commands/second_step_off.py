"""Takes away the second step of somebody whose telephone is lost, where no administrator is left who could."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from agreements.security import security_log, two_factor
from agreements.security.sessions import end_sessions


class Command(BaseCommand):
    """Turns one person's second step off, with the recovery codes, and logs that person out everywhere."""

    help = "Let somebody log in with the password alone, after the telephone was lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name that the person logs in with")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, only")

    def handle(self, *args: Any, name: str, dry_run: bool, **options: Any) -> None:
        """Says what was done; a second run changes nothing. Fails where there is nobody of that name."""
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is nobody called {name}.")
        if two_factor.telephone_of(user) is None:
            self.stdout.write(f"{name} has no second step. Nothing was changed.")
        elif dry_run:
            self.stdout.write(f"The second step of {name} would be taken away.")
        else:
            self._take_away(user)

    def _take_away(self, user: Any) -> None:
        two_factor.turn_off(user)
        security_log.note("second_step_reset", of=user.get_username())
        ended = end_sessions(user)
        self.stdout.write(f"{user} logs in with the password alone now. Logins ended: {ended}.")
