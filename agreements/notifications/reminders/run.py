"""Runs the reminders: finds who gets which e-mail, claims each one before it is sent, and reports the outcome.

Two runs at once never send an e-mail twice: it belongs to the run that created its row. A run that dies between claim
and sending leaves the row behind; after `LOST_AFTER` another run sends the e-mail, which may then arrive twice. That is
better than a missed deadline. A failed e-mail is tried by `MOST_ATTEMPTS` runs, not counting those that reach no server.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Min, Q
from django.utils import timezone

from agreements.domain.choices import ReminderRule, ReminderState
from agreements.domain.chunks import in_chunks
from agreements.domain.permissions import may_see, may_see_internal
from agreements.models import Agreement, Commitment, Reminder, ReminderRun, Sighting
from agreements.notifications.mail import Mailer, Report, why_unreachable
from agreements.notifications.reminders.due import LOOKING_BACK, OPENS, Due, everything_due
from agreements.notifications.reminders.words import reminder_mail

LOST_AFTER = timedelta(hours=1)
MOST_ATTEMPTS = 5
_AT_ONCE = 200
_OF_COMMITMENTS = (ReminderRule.COMMITMENT_DUE, ReminderRule.COMMITMENT_OVERDUE)


@dataclass(frozen=True)
class Tie:
    """What ties a user to an agreement; `since` is the day on which they began to follow a selection, else None."""

    is_responsible: bool
    since: date | None = None

    def wants(self, due: Due) -> bool:
        """Whether the user is reminded: by a selection only of what came up after they followed it, never of dormancy."""
        if self.since is None:
            return True
        opened = OPENS.get(due.rule)
        return opened is not None and due.day - timedelta(days=opened) >= self.since


def send_reminders(mailer: Mailer | None, *, at: datetime, report: Report | None = None) -> Report:
    """Remind everybody of what is due, and return the outcome, added to that of an earlier `report` if there is one.

    Without a mailer nothing is sent or stored. About seven queries per two hundred e-mails, and four per e-mail sent.
    """
    today, report = timezone.localdate(at), report or Report()
    for chunk in in_chunks(everything_due(_since(today), today), _AT_ONCE):
        _tell(chunk, mailer, report, today)
    if mailer:
        # Otherwise every run would look back to failed e-mails that are no longer due.
        failed = Q(state=ReminderState.FAILED, claimed_at__lt=at)
        lost = Q(state=ReminderState.CLAIMED, claimed_at__lt=at - LOST_AFTER)
        Reminder.objects.filter(failed | lost).delete()
        ReminderRun.objects.create(day=today, ended_at=timezone.now())
    return report


def _since(today: date) -> date:
    """Return the day to look back to: the last run, or the day before the oldest e-mail that could not be sent."""
    last = ReminderRun.objects.order_by("-day").values_list("day", flat=True).first()
    unsettled = Reminder.objects.unsettled().filter(rule__in=LOOKING_BACK)
    oldest = unsettled.aggregate(due=Min("due"))["due"]
    return min(today, last or today, oldest - timedelta(days=1) if oldest else today)


def _tell(chunk: list[Due], mailer: Mailer | None, report: Report, today: date) -> None:
    """Send the e-mails for these, except those that are settled."""
    keys = {due.agreement for due in chunk}
    agreements = Agreement.objects.in_bulk(keys)
    ties, commitments, settled = _ties(keys), _commitments(keys), _settled(keys)
    people = User.objects.in_bulk({person for tied in ties.values() for person in tied})
    for due in chunk:
        for person, tie in ties[due.agreement].items():
            agreement, to = agreements.get(due.agreement), people.get(person)
            if agreement is None or to is None:
                # deleted since it was found
                continue
            if (*due, person) in settled:
                report.told_before += 1
            elif not tie.wants(due):
                continue
            elif reason := why_unreachable(to):
                report.left_out[to.get_username()] = reason
            elif may_see(to, agreement):
                named = [
                    one
                    for one in commitments[due.agreement, due.day]
                    if due.rule in _OF_COMMITMENTS and (one.is_public or may_see_internal(to))
                ]
                if due.rule in _OF_COMMITMENTS and not named:
                    continue
                mail = reminder_mail(
                    agreement,
                    due,
                    named,
                    to=to,
                    today=today,
                    is_responsible=tie.is_responsible,
                )
                _send(mail, due, to, mailer, report)


def _send(
    mail: EmailMultiAlternatives, due: Due, to: User, mailer: Mailer | None, report: Report
) -> None:
    """Send the e-mail if it is for this run to send, and report and store the outcome."""
    line = f"{to.email}: {mail.subject}"
    if mailer is None:
        report.sent.append(line)
        return
    reminder = _claimed(due, to)
    if reminder is None:
        return
    problem = mailer.send(mail)
    # an attempt to reach a server that is down does not count
    attempts = reminder.attempts - bool(mailer.unreachable)
    if not problem:
        state, where = ReminderState.SENT, report.sent
    elif attempts < MOST_ATTEMPTS:
        state, where = ReminderState.FAILED, report.failed
    else:
        state, where = ReminderState.GIVEN_UP, report.given_up
    mine = Reminder.objects.filter(pk=reminder.pk)
    mine.update(state=state, problem=problem, attempts=attempts)
    where.append(f"{line} ({problem})" if problem else line)


def _claimed(due: Due, to: User) -> Reminder | None:
    """Return the row of this e-mail if it is for this run to send."""
    key = {"agreement_id": due.agreement, "rule": due.rule, "due": due.day, "recipient": to}
    now = timezone.now()
    try:
        with transaction.atomic():
            return Reminder.objects.create(**key, claimed_at=now)
    except IntegrityError:
        mine = Reminder.objects.filter(**key)
        return mine.first() if mine.take_over(now, lost_since=now - LOST_AFTER) else None


def _ties(agreements: set[int]) -> dict[int, dict[int, Tie]]:
    """Return who is tied to each of these agreements; a user's closest tie counts. Two queries."""
    ties: dict[int, dict[int, Tie]] = defaultdict(dict)
    followed = Sighting.objects.filter(agreement__in=agreements).values_list(
        "agreement", "follow__user", "follow__agreement", "follow__since"
    )
    for agreement, person, is_of_one, since in followed:
        known = ties[agreement].get(person)
        if known is None or known.since is not None:
            ties[agreement][person] = Tie(
                is_responsible=False, since=None if is_of_one else timezone.localdate(since)
            )
    responsible = Agreement.responsible.through.objects.filter(agreement__in=agreements)
    for agreement, person in responsible.values_list("agreement", "user"):
        ties[agreement][person] = Tie(is_responsible=True)
    return ties


def _commitments(agreements: set[int]) -> dict[tuple[int, date], list[Commitment]]:
    """Return the open commitments by agreement and day."""
    found: dict[tuple[int, date], list[Commitment]] = defaultdict(list)
    rows = Commitment.objects.still_open().filter(agreement__in=agreements)
    for commitment in rows.select_related("party"):
        if commitment.due:
            found[commitment.agreement_id, commitment.due.latest].append(commitment)
    return found


def _settled(agreements: Iterable[int]) -> set[tuple[int, str, date, int]]:
    """Return which e-mails about these agreements were sent or given up, by the keys of their rows."""
    rows = Reminder.objects.filter(agreement__in=agreements).exclude(
        state__in=(ReminderState.CLAIMED, ReminderState.FAILED)
    )
    return set(rows.values_list("agreement", "rule", "due", "recipient"))
