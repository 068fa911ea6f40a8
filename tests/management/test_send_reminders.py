"""manage.py send_reminders: what cron and its operator see of it."""

from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from agreements.domain.permissions import StaffRole
from agreements.models import Reminder, ReminderRun
from agreements.notifications.following.follows import follow_selection
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory

pytestmark = pytest.mark.django_db


def run(**options: object) -> tuple[str, str]:
    output, errors = StringIO(), StringIO()
    try:
        call_command("send_reminders", stdout=output, stderr=errors, **options)
    except CommandError as error:
        errors.write(f"CommandError: {error}")
    return output.getvalue(), errors.getvalue()


@pytest.fixture
def register() -> None:
    """One reminder, one piece of news for a follower, and one person without an e-mail address."""
    clerk, silent = (colleague(StaffRole.EDITOR, username=name) for name in ("clerk", "silent"))
    clerk.email = "clerk@ministry.example"
    clerk.save()
    follow_selection(clerk, "/agreements/?kind=treaty", at=timezone.now())
    commitment = CommitmentFactory(due="2020-01-01", agreement__ref="AGR-0001")
    commitment.agreement.responsible.add(clerk, silent)
    AgreementFactory(kind="treaty", title="On trade")


def test_each_mail_and_the_counts_are_printed(register: None) -> None:
    output, errors = run()

    assert len(mail.outbox) == 2
    assert (
        "Sent: clerk@ministry.example: What you follow has changed: Agreements (treaty)" in output
    )
    assert "Sent: clerk@ministry.example: AGR-0001: a commitment was due 1 January 2020" in output
    assert output.endswith("E-mails: 2 sent, 0 failed, 0 given up, 0 sent before.\n")
    assert errors == "Not reached: silent (no e-mail address)\n"


def test_second_run_changes_nothing(register: None) -> None:
    run()
    rows = list(Reminder.objects.values())

    output, _errors = run()

    assert output == "E-mails: 0 sent, 0 failed, 0 given up, 1 sent before.\n"
    assert list(Reminder.objects.values()) == rows


def test_dry_run_writes_nothing(register: None) -> None:
    output, _errors = run(dry_run=True)

    assert output.count("Would be sent: clerk@ministry.example: ") == 2
    assert "E-mails: 2 would be sent" in output
    assert (mail.outbox, Reminder.objects.count(), ReminderRun.objects.count()) == ([], 0, 0)


class _Down(EmailBackend):
    def send_messages(self, messages: object) -> int:
        raise ConnectionResetError("Connection reset by peer")


def test_mails_that_failed_make_the_run_fail(register: None) -> None:
    with override_settings(EMAIL_BACKEND=f"{__name__}._Down"):
        output, errors = run()

    assert "E-mails: 0 sent, 2 failed" in output
    assert errors.count("Failed: clerk@ministry.example: ") == 2
    assert "Connection reset by peer" in errors
    assert "CommandError: Some e-mails could not be sent." in errors


def test_public_site_without_a_mail_server_gets_an_error(register: None) -> None:
    with override_settings(SENDS_MAIL=False):
        output, errors = run()

    assert output == ""
    assert errors == "CommandError: There is no mail server: set EMAIL_URL."
    assert not Reminder.objects.exists()
