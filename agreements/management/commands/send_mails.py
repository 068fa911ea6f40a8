"""Sends the e-mails that requests have left in the outbox; for cron, every minute."""

from django.conf import settings
from django.core.management.base import CommandError

from agreements.management.dry_run import DryRunCommand
from agreements.notifications.mail import Mailer
from agreements.notifications.outbox import send_due, waiting


class Command(DryRunCommand):
    """Sends password reset links and account notices; however many runs there are, each is sent once."""

    help = "Send the e-mails that are waiting: password reset links and notices of changes to accounts."

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        """Prints the totals and what failed. Fails if an e-mail could not be sent, or if no mail server is set."""
        if not settings.SENDS_MAIL:
            raise CommandError("There is no mail server: set EMAIL_URL.")
        if dry_run:
            self._say_what_waits()
            return
        with Mailer() as mailer:
            report = send_due(mailer)
        for line in (*report.failed, *report.given_up):
            self.stderr.write(line)
        self.stdout.write(
            f"E-mails: {len(report.sent)} sent, {len(report.failed)} failed, "
            f"{len(report.given_up)} given up."
        )
        if mailer.unreachable:
            raise CommandError(f"The mail server cannot be reached: {mailer.unreachable}")
        if report.failed or report.given_up:
            raise CommandError("Some e-mails could not be sent. Those that failed will be retried.")

    def _say_what_waits(self) -> None:
        count, since = waiting()
        first = f", the first since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        self.stdout.write(f"E-mails waiting: {count}{first}.")
