"""The outbox: each e-mail is queued within the request, sent once after it, and then forgotten."""

import time
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import caches
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from agreements.domain.choices import MailKind
from agreements.models import OutgoingMail
from agreements.notifications import outbox
from agreements.notifications.mail import Mailer, Report
from tests.staff.accounts.logins import staff
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Refuses(EmailBackend):
    """A server that refuses every recipient whose name is "refused"."""

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if message.to[0].startswith("refused"):
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        return super().send_messages(messages)


class Unreachable(EmailBackend):
    """A server that is down."""

    def open(self) -> bool:
        raise ConnectionRefusedError("Connection refused")


@pytest.fixture(autouse=True)
def server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    settings.MAIL_SERVER = {"EMAIL_HOST": "mail.example.org"}
    caches["counters"].clear()


@pytest.fixture
def clerk() -> User:
    return staff(email="clerk@example.org")


def post(to: str = "clerk@example.org", **more: Any) -> None:
    facts = {"event": "password_changed", "name": "clerk", "by": "", "at": "", **more}
    outbox.post(MailKind.ACCOUNT_NOTICE, to=to, **facts)


def send(at: datetime = NOON) -> Report:
    with time_machine.travel(at, tick=False), Mailer() as mailer:
        return outbox.send_due(mailer)


def recipients() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def ask(client: Client, address: str) -> CaptureQueriesContext:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.post("/admin/password/", {"email": address})
    assert answer["Location"] == "/admin/password/sent/"
    return queries


# ------------------------------------------------------------------ the request


def test_request_does_the_same_whether_or_not_the_address_is_known(
    client: Client, clerk: User
) -> None:
    known, unknown = ask(client, "clerk@example.org"), ask(client, "nobody@example.org")

    def statements(queries: CaptureQueriesContext) -> list[str]:
        return [query["sql"].split(" VALUES ")[0] for query in queries.captured_queries]

    assert statements(known) == statements(unknown)
    assert not any("auth_user" in sql for sql in statements(known))
    assert mail.outbox == []


def test_row_holds_no_link_and_goes_with_the_mail(client: Client, clerk: User) -> None:
    ask(client, "clerk@example.org")
    (row,) = OutgoingMail.objects.values()
    assert (row["to"], row["facts"]) == ("clerk@example.org", {})

    send(datetime.now(UTC))

    assert "/admin/password/" in mail.outbox[0].body
    assert not OutgoingMail.objects.exists()


def test_address_that_nobody_has_gets_nothing_and_leaves_nothing(client: Client) -> None:
    ask(client, "nobody@example.org")

    report = send(datetime.now(UTC))

    assert (mail.outbox, report) == ([], Report())
    assert not OutgoingMail.objects.exists()


def test_dead_mail_server_stops_nobody(client: Client, clerk: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"

    ask(client, "clerk@example.org")

    assert OutgoingMail.objects.count() == 1


def test_change_that_is_rolled_back_sends_nothing() -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)

    assert not OutgoingMail.objects.exists()


def test_site_without_mail_stores_nothing(settings: Settings) -> None:
    settings.SENDS_MAIL = False

    post()

    assert not OutgoingMail.objects.exists()


# ------------------------------------------------------------------ sending


@pytest.fixture
def posted() -> None:
    with time_machine.travel(NOON, tick=False):
        post("first@example.org")
        post("second@example.org")


@pytest.mark.usefixtures("posted")
def test_each_is_sent_once() -> None:
    send()
    send()

    assert recipients() == ["first@example.org", "second@example.org"]


@pytest.mark.usefixtures("posted")
def test_what_another_run_has_claimed_is_left_to_it_until_it_is_lost() -> None:
    OutgoingMail.objects.filter(to="first@example.org").update(claimed_at=NOON)

    send()
    assert recipients() == ["second@example.org"]
    send(NOON + outbox.LOST_AFTER + timedelta(seconds=1))
    assert recipients() == ["second@example.org", "first@example.org"]


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_send_nothing_twice() -> None:
    for number in range(12):
        post(f"clerk{number}@example.org")

    def run() -> Report:
        with Mailer() as mailer:
            return outbox.send_due(mailer)

    reports = run_at_once(*[run] * 3)

    assert not [report for report in reports if isinstance(report, Exception)]
    assert len(recipients()) == len(set(recipients())) == 12
    assert not OutgoingMail.objects.exists()


def test_refused_one_is_tried_again_ever_later_and_stops_no_other() -> None:
    with time_machine.travel(NOON, tick=False):
        post("refused@example.org")
        post()

    assert len(send().failed) == 1
    assert recipients() == ["clerk@example.org"]
    assert not send(NOON + timedelta(seconds=59)).failed
    assert len(send(NOON + timedelta(seconds=60)).failed) == 1
    assert not send(NOON + timedelta(seconds=60 + 119)).failed
    assert len(send(NOON + timedelta(seconds=60 + 120)).failed) == 1
    assert "550" in OutgoingMail.objects.get().problem


def test_one_that_cannot_be_written_stops_no_other() -> None:
    with time_machine.travel(NOON, tick=False):
        post(event="of a later release")
        post()

    assert "KeyError" in send().failed[0]
    assert recipients() == ["clerk@example.org"]


@pytest.mark.usefixtures("posted")
def test_unreachable_server_is_asked_once_and_nothing_is_lost(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    assert len(send().failed) == 1
    assert OutgoingMail.objects.count() == 2

    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    send(NOON + timedelta(minutes=1))

    assert sorted(recipients()) == ["first@example.org", "second@example.org"]


@pytest.mark.parametrize("kind", MailKind)
def test_what_is_no_longer_useful_is_deleted_and_logged(
    kind: MailKind, clerk: User, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(NOON, tick=False):
        outbox.post(kind, to="clerk@example.org")

    report = send(NOON + outbox.USEFUL_FOR[kind] + timedelta(seconds=1))

    assert len(report.given_up) == 1
    assert not OutgoingMail.objects.exists()
    assert recipients() == []
    assert '"event": "mail_given_up"' in caplog.text
    assert "clerk@example.org" not in caplog.text


class RefusesOnce(EmailBackend):
    """A server that refuses the second e-mail it is given, as one that limits how many it takes at a time."""

    given = 0

    def send_messages(self, messages: Any) -> int:
        RefusesOnce.given += 1
        if RefusesOnce.given == 2:
            raise SMTPRecipientsRefused({messages[0].to[0]: (450, b"later")})
        return super().send_messages(messages)


def test_accounts_that_share_an_address_get_one_link_each(
    clerk: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff("aygun", email="clerk@example.org")
    settings.EMAIL_BACKEND = f"{__name__}.RefusesOnce"
    monkeypatch.setattr(RefusesOnce, "given", 0)
    with time_machine.travel(NOON, tick=False):
        outbox.post(MailKind.PASSWORD_LINK, to="clerk@example.org")

    assert len(send().failed) == 1
    assert len(send(NOON + timedelta(minutes=1)).sent) == 1

    names = [name for text in mail.outbox for name in ("clerk", "aygun") if f" {name}" in text.body]
    assert len(mail.outbox) == 2
    assert sorted(names) == ["aygun", "clerk"]
    assert not OutgoingMail.objects.exists()


# ------------------------------------------------------------------ who sends


def test_command_sends_and_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    post()
    call_command("send_mails", dry_run=True)
    assert "E-mails waiting: 1, the first since" in capsys.readouterr().out
    assert recipients() == []

    call_command("send_mails")
    call_command("send_mails")

    assert "1 sent, 0 failed" in capsys.readouterr().out
    assert recipients() == ["clerk@example.org"]


def test_command_fails_when_an_email_does(settings: Settings) -> None:
    post("refused@example.org")
    with pytest.raises(CommandError, match="could not be sent"):
        call_command("send_mails")

    post()
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("send_mails")

    settings.SENDS_MAIL = False
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("send_mails")


@pytest.mark.django_db(transaction=True)
def test_serving_process_sends_after_the_answer(client: Client) -> None:
    staff(email="clerk@example.org")

    ask(client, "clerk@example.org")

    until = time.monotonic() + 10
    while OutgoingMail.objects.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert recipients() == ["clerk@example.org"]
