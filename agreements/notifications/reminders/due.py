"""The rules of the reminders: what is due on agreements that somebody is responsible for or follows, and when.

`reminders.run` asks for all of it at each run. A rule finds everything whose window has opened since the last run, which
makes up for missed days; `reminders.run` checks who has already been reminded.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, Q, Subquery

from agreements.curation.work_queue import DORMANT_MONTHS, REVIEW_DAYS, days_after
from agreements.domain.choices import ReminderRule, Status
from agreements.domain.lifecycle import RUNNING
from agreements.domain.partial_dates import add_months
from agreements.models import Agreement, Commitment, Event, Period, Sighting
from agreements.models.querysets import AgreementQuerySet

# Only the narrowest window that an end has entered is reported, not the wider ones that were missed.
END_WINDOWS = (
    (30, ReminderRule.ENDS_30),
    (90, ReminderRule.ENDS_90),
    (180, ReminderRule.ENDS_180),
)
NOTICE_DAYS = 30
COMMITMENT_DAYS = 14
# For the rules that look ahead: how many days before the day itself the window opens.
OPENS = {
    **{rule: days for days, rule in END_WINDOWS},
    ReminderRule.NOTICE: NOTICE_DAYS,
    ReminderRule.COMMITMENT_DUE: COMMITMENT_DAYS,
    ReminderRule.REVIEW: REVIEW_DAYS,
}
# These rules find a past day only if it came after the last run.
LOOKING_BACK = (*(rule for _days, rule in END_WINDOWS), ReminderRule.NOTICE)


class Due(NamedTuple):
    """One e-mail: the agreement's key, the rule, and the day it is about."""

    agreement: int
    rule: ReminderRule
    day: date


def everything_due(since: date, today: date) -> list[Due]:
    """Return what is due on all agreements that somebody is responsible for or follows; one query per rule.

    `since` is the day of the last run, today if there was none. Returns a list and not a cursor, because on SQLite an
    open cursor blocks writing once somebody else has written.
    """
    responsible = Agreement.responsible.through.objects.values("agreement")
    followed = Sighting.objects.values("agreement")
    found: AgreementQuerySet = Agreement.objects.not_withdrawn().order_by()
    found = found.filter(Q(pk__in=responsible) | Q(pk__in=followed))
    return [due for rule in _RULES for due in rule(found, since, today)]


def _ends(found: AgreementQuerySet, since: date, today: date) -> Iterator[Due]:
    widest = END_WINDOWS[-1][0]
    ending = found.having_status((*RUNNING, Status.EXPIRED), today, today)
    ending = ending.filter(expires_latest__gte=since, expires_latest__lte=days_after(today, widest))
    for agreement, end in ending.values_list("pk", "expires_latest"):
        left = (end - today).days
        yield Due(agreement, next(rule for days, rule in END_WINDOWS if left <= days), end)


def _notice(found: AgreementQuerySet, since: date, today: date) -> Iterator[Due]:
    due = found.running(today, today).notice_due(since=since, until=days_after(today, NOTICE_DAYS))
    for agreement, deadline in due.values_list("pk", "notice_deadline"):
        yield Due(agreement, ReminderRule.NOTICE, deadline)


def _commitments(found: AgreementQuerySet, since: date, today: date) -> Iterator[Due]:
    due = Commitment.objects.still_open().filter(
        due_latest__lte=days_after(today, COMMITMENT_DAYS), agreement__in=found.values("pk")
    )
    days: Any = due.order_by("agreement", "due_latest").values_list("agreement", "due_latest")
    for agreement, day in days.distinct():
        is_overdue = day < today
        rule = ReminderRule.COMMITMENT_OVERDUE if is_overdue else ReminderRule.COMMITMENT_DUE
        yield Due(agreement, rule, day)


def _review(found: AgreementQuerySet, since: date, today: date) -> Iterator[Due]:
    due = found.review_due_by(days_after(today, REVIEW_DAYS), day=today)
    for agreement, day in due.values_list("pk", "review_due_latest"):
        yield Due(agreement, ReminderRule.REVIEW, day)


def _dormant(found: AgreementQuerySet, since: date, today: date) -> Iterator[Due]:
    events = Event.objects.filter(agreement=OuterRef("pk")).order_by().values("agreement")
    counting = Period.objects.filter(agreement=OuterRef("pk"), is_public=True)
    periods = counting.order_by().values("agreement")
    silent = found.dormant(day=today, since=add_months(today, -DORMANT_MONTHS))
    known = silent.annotate(
        last_event=Subquery(events.annotate(n=Max("date_latest")).values("n")),
        last_period=Subquery(periods.annotate(n=Max("first_latest")).values("n")),
    )
    for agreement, *days in known.values_list(
        "pk", "signed_latest", "in_force_latest", "last_event", "last_period"
    ):
        last = max(day for day in days if day is not None)
        yield Due(agreement, ReminderRule.DORMANT, last_anniversary(last, today))


def last_anniversary(day: date, today: date) -> date:
    """Return the last anniversary of `day`, which may be today."""
    anniversary = add_months(day, 12 * (today.year - day.year))
    return anniversary if anniversary <= today else add_months(anniversary, -12)


Rule = Callable[[AgreementQuerySet, date, date], Iterator[Due]]
# To add a rule, write a function here and its wording in `reminders.words`.
_RULES: tuple[Rule, ...] = (_ends, _notice, _commitments, _review, _dormant)
