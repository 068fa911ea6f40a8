"""The wording of the reminders: each rule's sentence, and advice on what to do."""

from datetime import date
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ReminderRule
from agreements.domain.deadlines import notice_deadline_in_words
from agreements.domain.partial_dates import day_in_words, in_words
from agreements.domain.urls import permanent
from agreements.models import Agreement, Commitment
from agreements.notifications.mail import written
from agreements.notifications.reminders.due import END_WINDOWS, Due


class _Wording(NamedTuple):
    """What a reminder says before the day and after it, and what to do."""

    ahead: Promise
    past: Promise
    advice: Promise


_ENDS = _Wording(
    _("its term ends %(end)s, %(when)s"),
    _("its term ended %(end)s, %(when)s"),
    _("Ask the parties whether they will renew it, and record their answer."),
)
_NO_NEWS = _("there has been no news of it for two years")
_PROGRESS = _("Ask how far it has got, and record the progress.")
_COMMITMENT = _("a commitment is due %(day)s, %(when)s")
_OVERDUE = _("a commitment was due %(day)s, %(when)s, and is still open")
_WORDINGS: dict[str, _Wording] = {
    **{rule: _ENDS for _days, rule in END_WINDOWS},
    ReminderRule.NOTICE: _Wording(
        _("the last day for notice is %(day)s, %(when)s"),
        _("the last day for notice was %(day)s, %(when)s"),
        _("Ask whether anyone intends to end it; after that day it continues."),
    ),
    ReminderRule.COMMITMENT_DUE: _Wording(_COMMITMENT, _COMMITMENT, _PROGRESS),
    ReminderRule.COMMITMENT_OVERDUE: _Wording(_OVERDUE, _OVERDUE, _PROGRESS),
    ReminderRule.REVIEW: _Wording(
        _("its review is due %(day)s, %(when)s"),
        _("its review was due %(day)s, %(when)s"),
        _("Check whether it serves its purpose, and set the date of the next review."),
    ),
    ReminderRule.DORMANT: _Wording(
        _NO_NEWS,
        _NO_NEWS,
        _(
            "Look for meetings or activities and add them to the timeline, or record that it has ended."
        ),
    ),
}


def reminder_mail(
    agreement: Agreement,
    due: Due,
    commitments: list[Commitment],
    *,
    to: User,
    today: date,
    is_responsible: bool,
) -> EmailMultiAlternatives:
    """Return the e-mail to this user, who is responsible for the agreement or follows it."""
    sentence = _sentence(agreement, due, today)
    return written(
        "reminder",
        to=to.email,
        subject=f"{agreement.ref}: {sentence}",
        context={
            "agreement": agreement,
            "sentence": sentence,
            "advice": _WORDINGS[due.rule].advice,
            "commitments": commitments,
            "is_responsible": is_responsible,
            "is_staff": to.is_staff,
            "admin_url": permanent(
                reverse("admin:agreements_agreement_change", args=[agreement.pk])
            ),
            "public_url": permanent(agreement.get_absolute_url()),
            "following_url": permanent(reverse("admin:following")),
        },
    )


def _sentence(agreement: Agreement, due: Due, today: date) -> str:
    wording = _WORDINGS[due.rule]
    is_past = due.day < today
    day = day_in_words(due.day)
    return str(wording.past if is_past else wording.ahead) % {
        "day": _deadline(agreement, due) or day,
        "end": in_words(agreement.expires) if agreement.expires else day,
        "when": _when(agreement, due, today),
    }


def _when(agreement: Agreement, due: Due, today: date) -> str:
    """Return how far the day is; an end known only in part is reminded of by its last possible day, and may come earlier."""
    distance = _distance(due.day, today)
    is_end = _WORDINGS[due.rule] is _ENDS
    if is_end and due.day >= today and agreement.expires and agreement.expires.precision != "day":
        return gettext("%(distance)s at the latest") % {"distance": distance}
    return distance


def _deadline(agreement: Agreement, due: Due) -> str:
    """Return the last day for notice in words, with what it depends on; empty for other rules."""
    if due.rule != ReminderRule.NOTICE:
        return ""
    # the period that the day belongs to runs on that day
    return notice_deadline_in_words(agreement, due.day)


def _distance(day: date, today: date) -> str:
    days = (day - today).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}
