"""A run of the reminders: who is told what, each mail claimed before it is sent, and what became of it.

Two runs at once never send a mail twice: it belongs to the one that wrote its row. A run that dies between the claim
and the sending leaves the row behind; `LOST_AFTER` another run sends the mail, which may then arrive twice. Told twice
is better than a deadline missed. What fails is tried by `MOST_ATTEMPTS` runs; one that reaches no server is not
counted.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
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
    """What became of the mails of a run, a line each; `left_out` names people who cannot be told, with the reason."""

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
    """What ties a person to an agreement; `since` is the day from which a selection is followed, None for the rest."""

    is_responsible: bool
    since: date | None = None

    def wants(self, due: Due) -> bool:
        """Whether the person is told: of a selection only what has come up since it is followed, and no silence."""
        if self.since is None:
            return True
        opened = OPENS.get(due.rule)
        return opened is not None and due.day - timedelta(days=opened) >= self.since


def send_reminders(mailer: Mailer | None, *, at: datetime) -> Report:
    """Tell everybody what is due and return what became of it; without a mailer nothing is sent or written.

    About seven queries for each two hundred mails, and four for each mail that is sent.
    """
    run = _Run(mailer, at)
    due = everything_due(Span(_since(run.today), run.today))
    for start in range(0, len(due), _AT_ONCE):
        run.tell(due[start : start + _AT_ONCE])
    if mailer:
        _forget_what_no_longer_applies(at)
        ReminderRun.objects.create(day=run.today, ended_at=timezone.now())
    return run.report


def _since(today: date) -> date:
    """Return from which day on things are told: since the last run, or since before what could not be sent was due."""
    last = ReminderRun.objects.order_by("-day").values_list("day", flat=True).first()
    unsettled = Reminder.objects.unsettled().filter(rule__in=LOOKING_BACK)
    oldest = unsettled.aggregate(due=Min("due"))["due"]
    days = [today, *([last] if last else [])]
    return min([*days, oldest - timedelta(days=1)] if oldest else days)


def _forget_what_no_longer_applies(at: datetime) -> None:
    """Drop what failed before and is not due any more, lest its day be looked back to for ever."""
    left = Q(state=ReminderState.FAILED, claimed_at__lt=at) | Q(
        state=ReminderState.CLAIMED, claimed_at__lt=at - LOST_AFTER
    )
    Reminder.objects.filter(left).delete()


def why_unreachable(user: Any) -> str:
    """Return why no mail can be sent to this person, in words for the operator; nothing if one can."""
    if not user.is_active:
        return "not active"
    return "" if user.email else "no mail address"


class _Run:
    def __init__(self, mailer: Mailer | None, at: datetime) -> None:
        self.mailer = mailer
        self.at = at
        self.today = timezone.localdate(at)
        self.report = Report()
        self._people: dict[int, Any] = {}

    def tell(self, chunk: list[Due]) -> None:
        """Send the mails of these, whatever is not settled yet."""
        keys = {due.agreement for due in chunk}
        agreements = Agreement.objects.in_bulk(keys)
        ties, commitments, settled = _ties(keys), _commitments(keys), _settled(keys)
        self._load({person for tied in ties.values() for person in tied})
        # some may have been deleted since they were found
        for due in (due for due in chunk if due.agreement in agreements):
            agreement = agreements[due.agreement]
            told = Told(agreement, due.rule, due.day, _due_then(commitments, due))
            for person, tie in ties[due.agreement].items():
                if (*due, person) in settled:
                    self.report.told_before += 1
                elif tie.wants(due):
                    self._tell_one(due, told, person, tie)

    def _load(self, keys: set[int]) -> None:
        missing = keys - self._people.keys()
        if missing:
            self._people |= get_user_model()._default_manager.in_bulk(missing)

    def _tell_one(self, due: Due, told: Told, person: int, tie: Tie) -> None:
        to = self._people.get(person)
        if to is None or not self._is_reachable(to) or not may_see(to, told.agreement):
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

    def _is_reachable(self, user: Any) -> bool:
        reason = why_unreachable(user)
        if reason:
            self.report.left_out[user.get_username()] = reason
        return not reason

    def _claimed(self, due: Due, person: int) -> Reminder | None:
        """Return the row of this mail if it is this run that is to send it."""
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
        """Keep for the next run what no server was there for; that was no attempt."""
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
    """Return who is tied to each of these agreements; of several ties of a person the closest counts. Two queries."""
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
    """Return which mails about these agreements were sent or given up, by what their rows are known by."""
    rows = Reminder.objects.filter(agreement__in=agreements).exclude(
        state__in=(ReminderState.CLAIMED, ReminderState.FAILED)
    )
    return set(rows.values_list("agreement", "rule", "due", "recipient"))
