"""E-mails people about what is due, and the news about what they follow; for cron, once a day."""

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.notifications.following.news import tell_followers
from agreements.notifications.mail import Mailer, Report
from agreements.notifications.reminders.run import send_reminders


class Command(SingleRunCommand, DryRunCommand):
    """Every e-mail is sent once, however many runs there are; a run makes up for missed days."""

    help = (
        "E-mail responsible people about what is due, and followers the news about what they follow. A second run "
        "on the same day sends nothing twice."
    )

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        """Prints each e-mail, the totals, and anyone it could not reach.

        Fails when an e-mail could not be sent, or when there is no mail server.
        """
        if dry_run:
            self._say(self._run(None), sent="would be sent")
            return
        if not settings.SENDS_MAIL:
            raise CommandError("There is no mail server: set EMAIL_URL.")
        with Mailer() as mailer:
            report = self._run(mailer)
        self._say(report, sent="sent")
        if report.failed or report.given_up:
            raise CommandError(
                "Some e-mails could not be sent. The next run will retry those that failed."
            )

    def _run(self, mailer: Mailer | None) -> Report:
        now = timezone.now()
        # News comes first: it finds new agreements in selections, whose followers get reminders about them, too.
        return send_reminders(mailer, at=now, report=tell_followers(mailer, at=now))

    def _say(self, report: Report, *, sent: str) -> None:
        for line in report.sent:
            self.stdout.write(f"{sent.capitalize()}: {line}")
        for line in report.failed:
            self.stderr.write(f"Failed: {line}")
        for line in report.given_up:
            self.stderr.write(f"Given up: {line}")
        for name, reason in report.left_out.items():
            self.stderr.write(f"Not reached: {name} ({reason})")
        self.stdout.write(
            f"E-mails: {len(report.sent)} {sent}, {len(report.failed)} failed, "
            f"{len(report.given_up)} given up, {report.told_before} sent before."
        )
