"""The outbox: what a request wants to e-mail is stored with its own changes and sent after the answer.

So a mail server that is slow or down delays no answer, and response times reveal nothing about the address. A thread of
the serving process sends what its requests have queued; `manage.py send_mails` sends what is left over. However many of
these senders run, an e-mail belongs to the one that claimed its row. If that one is killed before it has sent the
e-mail, another sends it `LOST_AFTER` later, and it may then arrive twice.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signals import request_finished
from django.db import connections, transaction
from django.dispatch import receiver
from django.utils import timezone

from agreements.domain.choices import MailKind
from agreements.models import OutgoingMail
from agreements.notifications import account_mails, review_mails
from agreements.notifications.mail import LONGEST_PROBLEM, Mailer, Report
from agreements.security import security_log

# After an hour, people have long asked for another link; what happened to an account is still news days later.
USEFUL_FOR = {
    MailKind.PASSWORD_LINK: timedelta(hours=1),
    MailKind.ACCOUNT_NOTICE: timedelta(days=3),
    MailKind.REVIEW: timedelta(days=3),
}
# Each returns the e-mails for a row, from its address and its facts.
_WRITERS = {**account_mails.WRITERS, **review_mails.WRITERS}
LOST_AFTER = timedelta(minutes=10)
# Doubles with each failure.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# of one e-mail
MOST_ENTRIES = 50
_AT_ONCE = 1000

logger = logging.getLogger(__name__)


def post(kind: MailKind, *, to: str, **facts: object) -> None:
    """Store an e-mail as part of the current transaction; one insert, no matter who it is for.

    A site that sends no mail stores nothing.
    """
    if not settings.SENDS_MAIL:
        return
    now = timezone.now()
    OutgoingMail.objects.create(
        kind=kind, to=to, facts=facts, due_at=now, useless_after=now + USEFUL_FOR[kind]
    )
    transaction.on_commit(_posted.set)


def add(kind: MailKind, *, to: str, entry: object, **facts: object) -> None:
    """Add an entry to an e-mail with the same facts that nobody is sending yet, or store a new one; two queries.

    So a person to whom a request has many things to tell gets one e-mail: its fact `entries` lists the first
    `MOST_ENTRIES`, `more` counts the rest.
    """
    if not settings.SENDS_MAIL:
        return
    same = {f"facts__{name}": value for name, value in facts.items()}
    with transaction.atomic():
        unsent = OutgoingMail.objects.select_for_update().order_by("-pk")
        row = unsent.filter(kind=kind, to=to, claimed_at=None, **same).first()
        if row is None:
            post(kind, to=to, entries=[entry], more=0, **facts)
            return
        if len(row.facts["entries"]) < MOST_ENTRIES:
            row.facts["entries"].append(entry)
        else:
            row.facts["more"] += 1
        row.save(update_fields=["facts"])
        transaction.on_commit(_posted.set)


# Sending


def send_due(mailer: Mailer) -> Report:
    """Send what is due and not claimed by another run; delete what was sent and what is no longer useful."""
    report = Report()
    _give_up(report)
    for pk in _due(timezone.now()):
        if mailer.unreachable:
            break
        now = timezone.now()
        mine = OutgoingMail.objects.filter(pk=pk)
        if mine.claim(now, lost_since=now - LOST_AFTER) and (row := mine.first()):
            _send(row, mailer, report)
    return report


def waiting() -> tuple[int, datetime | None]:
    """Return how many e-mails are waiting to be sent or retried, and since when the first one has been due."""
    rows = OutgoingMail.objects.order_by("due_at").values_list("due_at", flat=True)
    return rows.count(), rows.first()


def _due(at: datetime) -> list[int]:
    due = OutgoingMail.objects.filter(due_at__lte=at).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:_AT_ONCE])


def _send(row: OutgoingMail, mailer: Mailer, report: Report) -> None:
    line = str(row)
    try:
        mails = _WRITERS[MailKind(row.kind)](row.to, row.facts)
        problem = _send_rest(row, mails, mailer)
    except Exception as error:  # noqa: BLE001 - one e-mail that cannot be written keeps nobody from theirs
        mails, problem = [], f"{type(error).__name__}: {error}"[:LONGEST_PROBLEM]
    if not problem:
        OutgoingMail.objects.filter(pk=row.pk).delete()
        # an address that nobody has gets nothing and does not appear in a report
        report.sent.extend([line] if mails else [])
        return
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
    OutgoingMail.objects.filter(pk=row.pk).update(
        claimed_at=None, due_at=timezone.now() + pause, problem=problem
    )
    report.failed.append(f"{line} ({problem})")


def _send_rest(row: OutgoingMail, mails: Sequence[EmailMultiAlternatives], mailer: Mailer) -> str:
    """Send those that no run before has sent; return why one could not be, empty if all were."""
    for mail in mails[row.done :]:
        if problem := mailer.send(mail):
            return problem
        row.done += 1
        if row.done < len(mails):
            OutgoingMail.objects.filter(pk=row.pk).update(done=row.done)
    return ""


def _give_up(report: Report) -> None:
    late = OutgoingMail.objects.filter(useless_after__lt=timezone.now())
    for row in late[:_AT_ONCE]:
        report.given_up.append(f"{row} ({row.problem or 'not tried'})")
        security_log.note_refusal(
            "mail_given_up", kind=row.kind, attempts=row.attempts, why=row.problem
        )
        row.delete()


# The thread of the serving process

_posted = threading.Event()
_wanted = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None


@receiver(request_finished)
def after_the_answer(**kwargs: object) -> None:
    """Wake the thread once a request that queued something has been answered; commands start no thread."""
    if _posted.is_set():
        _posted.clear()
        _wake()


def _wake() -> None:
    """Start the thread when it is first needed in this process: a fork does not inherit it."""
    global _thread
    with _starting:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_work, name="outbox", daemon=True)
            _thread.start()
    _wanted.set()


def _work() -> None:
    pause: float | None = None
    while True:
        _wanted.wait(pause)
        _wanted.clear()
        pause = FIRST_PAUSE.total_seconds() if _has_left_some() else None


def _has_left_some() -> bool:
    """Send what is due; return whether to try again later without being woken."""
    try:
        with Mailer() as mailer:
            report = send_due(mailer)
        for line in (*report.failed, *report.given_up):
            logger.warning("E-mail not sent: %s", line)
        return bool(waiting()[0])
    except Exception:
        # such as a database that cannot be reached: the thread must survive it
        logger.exception("The outbox could not be sent.")
        return True
    finally:
        connections.close_all()
