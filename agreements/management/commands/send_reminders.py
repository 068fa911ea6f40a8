"""Tells people by mail what is due and what became of what they follow; run by cron, once a day."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agreements.notifications.following import tell_followers
from agreements.notifications.reminders import Mailer, Report, send_reminders


class Command(BaseCommand):
    """Every mail is sent once, however often and by how many this is run; a day missed is caught up."""

    help = (
        "Mail what is due to the responsible people, and to followers what they follow. A second run on the same "
        "day sends nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be sent to whom, and write nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many mails were sent, failed, were given up and had been sent before, and names who cannot be told.

        Fails when a mail could not be sent, or when there is no server to send it by.
        """
        if options["dry_run"]:
            self._say(self._run(None), sent="would be sent")
            return
        if not settings.SENDS_MAIL:
            raise CommandError("There is no mail server: give its address in EMAIL_URL.")
        with Mailer() as mailer:
            report = self._run(mailer)
        self._say(report, sent="sent")
        if report.failed or report.given_up:
            raise CommandError(
                "Not every mail could be sent. The next run tries those that failed."
            )

    def _run(self, mailer: Mailer | None) -> Report:
        now = timezone.now()
        # What a selection holds is learnt first: its followers are reminded of that as well.
        return tell_followers(mailer, at=now) + send_reminders(mailer, at=now)

    def _say(self, report: Report, *, sent: str) -> None:
        for line in report.sent:
            self.stdout.write(f"{sent.capitalize()}: {line}")
        for line in report.failed:
            self.stderr.write(f"Failed: {line}")
        for line in report.given_up:
            self.stderr.write(f"Given up: {line}")
        for name, reason in report.left_out.items():
            self.stderr.write(f"Not told: {name} ({reason})")
        self.stdout.write(
            f"Mails: {len(report.sent)} {sent}, {len(report.failed)} failed, "
            f"{len(report.given_up)} given up, {report.told_before} sent before."
        )
