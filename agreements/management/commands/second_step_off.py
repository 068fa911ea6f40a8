"""Turns two-factor off for a user who has lost their phone, for when no administrator can do so."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from agreements.management.dry_run import DryRunCommand
from agreements.security import security_log, two_factor
from agreements.security.sessions import end_sessions


class Command(DryRunCommand):
    """Also deletes the user's recovery codes, and logs them out everywhere."""

    help = (
        "Turn two-factor authentication off for a user who has lost their phone and recovery codes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="the name the user logs in with")

    def handle(self, *args: object, name: str, dry_run: bool, **options: object) -> None:
        """Says what was done; a second run changes nothing. Fails if there is no user with that name."""
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user named {name}.")
        if two_factor.phone_of(user) is None:
            self.stdout.write(f"Two-factor is not on for {name}. Nothing was changed.")
        elif dry_run:
            self.stdout.write(
                f"Two-factor would be turned off for {name} (dry run: nothing was changed)."
            )
        else:
            two_factor.turn_off(user)
            security_log.note_of(user, "second_step_reset")
            ended = end_sessions(user)
            self.stdout.write(
                f"Two-factor is off for {name}, who logs in with the password only. "
                f"Logins ended: {ended}."
            )
