"""A run of the reminders: who is told what, with each e-mail claimed before it is sent, and the outcome.

Two runs at once never send an e-mail twice: it belongs to the run that created its row. A run that dies between claim
and sending leaves the row behind; `LOST_AFTER` another run sends the e-mail, which may then arrive twice. That is better
than a missed deadline. A failed e-mail is tried by `MOST_ATTEMPTS` runs, not counting those that reach no server.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from agreements.domain.choices import ReminderRule, ReminderState
from agreements.domain.permissions import may_see
from agreements.models import Agreement, Commitment, Reminder, ReminderRun, Sighting
from agreements.notifications.reminders.due import LOOKING_BACK, OPENS, Due, Span, everything_due
from agreements.notifications.reminders.mail import Mailer
from agreements.notifications.reminders.words import Told, reminder_mail

LOST_AFTER = timedelta(hours=1)
MOST_ATTEMPTS = 5
_AT_ONCE = 200


@dataclass
class Report:
    """The outcome of a run, a line per e-mail; `left_out` maps user names that cannot be reached to the reason."""

    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    told_before: int = 0
    left_out: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: "Report") -> "Report":
        return Report(
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            given_up=self.given_up + other.given_up,
            told_before=self.told_before + other.told_before,
            left_out=self.left_out | other.left_out,
        )


@dataclass(frozen=True)
class Tie:
    """What ties a user to an agreement; `since` is the day from which they follow a selection, else None."""

    is_responsible: bool
    since: date | None = None

    def wants(self, due: Due) -> bool:
        """Whether the user is told: about a selection only what came up since they follow it, never dormancy."""
        if self.since is None:
            return True
        opened = OPENS.get(due.rule)
        return opened is not None and due.day - timedelta(days=opened) >= self.since


def send_reminders(mailer: Mailer | None, *, at: datetime) -> Report:
    """Tell everybody what is due, and return the outcome; without a mailer nothing is sent or stored.

    About seven queries per two hundred e-mails, and four per e-mail sent.
    """
    run = _Run(mailer, at)
    due = everything_due(Span(_since(run.today), run.today))
    for start in range(0, len(due), _AT_ONCE):
        run.tell(due[start : start + _AT_ONCE])
    if mailer:
        # What failed and is no longer due would otherwise be looked back to forever.
        failed = Q(state=ReminderState.FAILED, claimed_at__lt=at)
        lost = Q(state=ReminderState.CLAIMED, claimed_at__lt=at - LOST_AFTER)
        Reminder.objects.filter(failed | lost).delete()
        ReminderRun.objects.create(day=run.today, ended_at=timezone.now())
    return run.report


def _since(today: date) -> date:
    """Return the day to look back to: the last run, or the day before the oldest e-mail that could not be sent."""
    last = ReminderRun.objects.order_by("-day").values_list("day", flat=True).first()
    unsettled = Reminder.objects.unsettled().filter(rule__in=LOOKING_BACK)
    oldest = unsettled.aggregate(due=Min("due"))["due"]
    days = [today, *([last] if last else [])]
    return min([*days, oldest - timedelta(days=1)] if oldest else days)


def why_unreachable(user: User) -> str:
    """Return why this user cannot get e-mail, in words for the operator; empty if they can."""
    if not user.is_active:
        return "not active"
    return "" if user.email else "no e-mail address"


class _Run:
    def __init__(self, mailer: Mailer | None, at: datetime) -> None:
        self.mailer = mailer
        self.at = at
        self.today = timezone.localdate(at)
        self.report = Report()
        self._people: dict[int, User] = {}

    def tell(self, chunk: list[Due]) -> None:
        """Send the e-mails for these, except those that are settled."""
        keys = {due.agreement for due in chunk}
        agreements = Agreement.objects.in_bulk(keys)
        ties, commitments, settled = _ties(keys), _commitments(keys), _settled(keys)
        missing = {person for tied in ties.values() for person in tied} - self._people.keys()
        self._people |= User.objects.in_bulk(missing)
        # some may have been deleted since they were found
        for due in (due for due in chunk if due.agreement in agreements):
            agreement = agreements[due.agreement]
            told = Told(agreement, due.rule, due.day, _due_then(commitments, due))
            for person, tie in ties[due.agreement].items():
                if (*due, person) in settled:
                    self.report.told_before += 1
                elif tie.wants(due):
                    self._tell_one(due, told, person, tie)

    def _tell_one(self, due: Due, told: Told, person: int, tie: Tie) -> None:
        to = self._people.get(person)
        if to is None:
            return
        if reason := why_unreachable(to):
            self.report.left_out[to.get_username()] = reason
            return
        if not may_see(to, told.agreement):
            return
        mail = reminder_mail(told, to=to, today=self.today, is_responsible=tie.is_responsible)
        line = f"{to.email}: {mail.subject}"
        if self.mailer is None:
            self.report.sent.append(line)
            return
        reminder = self._claimed(due, person)
        if reminder is None:
            return
        problem = self.mailer.send(mail)
        if self.mailer.is_unreachable:
            self._leave(reminder, line, problem=problem)
        else:
            self._settle(reminder, line, problem=problem)

    def _claimed(self, due: Due, person: int) -> Reminder | None:
        """Return the row of this e-mail if it is for this run to send."""
        key = {
            "agreement_id": due.agreement,
            "rule": due.rule,
            "due": due.day,
            "recipient_id": person,
        }
        now = timezone.now()
        try:
            with transaction.atomic():
                return Reminder.objects.create(**key, claimed_at=now)
        except IntegrityError:
            mine = Reminder.objects.filter(**key)
            return mine.first() if mine.take_over(now, lost_since=now - LOST_AFTER) else None

    def _leave(self, reminder: Reminder, line: str, *, problem: str) -> None:
        """Leave to the next run what found no server; that does not count as an attempt."""
        mine = Reminder.objects.filter(pk=reminder.pk)
        mine.update(state=ReminderState.FAILED, problem=problem, attempts=F("attempts") - 1)
        self.report.failed.append(f"{line} ({problem})")

    def _settle(self, reminder: Reminder, line: str, *, problem: str) -> None:
        if not problem:
            state, where = ReminderState.SENT, self.report.sent
        elif reminder.attempts < MOST_ATTEMPTS:
            state, where = ReminderState.FAILED, self.report.failed
        else:
            state, where = ReminderState.GIVEN_UP, self.report.given_up
        Reminder.objects.filter(pk=reminder.pk).update(state=state, problem=problem)
        where.append(f"{line} ({problem})" if problem else line)


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


def _commitments(agreements: set[int]) -> dict[int, list[Commitment]]:
    found: dict[int, list[Commitment]] = defaultdict(list)
    rows = Commitment.objects.still_open().filter(agreement__in=agreements)
    for commitment in rows.select_related("party"):
        found[commitment.agreement_id].append(commitment)
    return found


def _due_then(commitments: dict[int, list[Commitment]], due: Due) -> list[Commitment]:
    if due.rule not in (ReminderRule.COMMITMENT_DUE, ReminderRule.COMMITMENT_OVERDUE):
        return []
    return [row for row in commitments[due.agreement] if row.due and row.due.latest == due.day]


def _settled(agreements: Iterable[int]) -> set[tuple[int, str, date, int]]:
    """Return which e-mails about these agreements were sent or given up, by the keys of their rows."""
    rows = Reminder.objects.filter(agreement__in=agreements).exclude(
        state__in=(ReminderState.CLAIMED, ReminderState.FAILED)
    )
    return set(rows.values_list("agreement", "rule", "due", "recipient"))
