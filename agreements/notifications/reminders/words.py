"""The wording of the reminders: each rule's sentence, and advice on what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.domain.choices import ReminderRule
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.urls import permanent
from agreements.models import Agreement, Commitment
from agreements.notifications.reminders.mail import written


@dataclass(frozen=True)
class Told:
    """The facts of one e-mail: the agreement, the rule, the day it is about, and the commitments due then."""

    agreement: Agreement
    rule: ReminderRule
    day: date
    commitments: list[Commitment]


def reminder_mail(
    told: Told, *, to: User, today: date, is_responsible: bool
) -> EmailMultiAlternatives:
    """Return the e-mail to this user, who is responsible for the agreement or follows it."""
    agreement = told.agreement
    sentence = _SENTENCES[told.rule](told, today)
    return written(
        "reminder",
        to=to.email,
        subject=f"{agreement.ref}: {sentence}",
        context={
            "agreement": agreement,
            "sentence": sentence,
            "advice": _ADVICE[told.rule],
            "commitments": told.commitments,
            "is_responsible": is_responsible,
            "is_staff": to.is_staff,
            "admin_url": permanent(
                reverse("admin:agreements_agreement_change", args=[agreement.pk])
            ),
            "public_url": permanent(agreement.get_absolute_url()),
            "following_url": permanent(reverse("admin:following")),
        },
    )


def _ends(told: Told, today: date) -> str:
    expires = told.agreement.expires
    end = in_words(expires) if expires else _day(told.day)
    words = {"end": end, "when": _distance(told.day, today)}
    if told.day <= today:
        return _("its term ended %(end)s, %(when)s") % words
    return _("its term ends %(end)s, %(when)s") % words


def _notice(told: Told, today: date) -> str:
    if told.day < today:
        return _on_day(told, today, _("the last day for notice was %(day)s, %(when)s"))
    return _on_day(told, today, _("the last day for notice is %(day)s, %(when)s"))


def _commitment_due(told: Told, today: date) -> str:
    return _on_day(told, today, _("a commitment is due %(day)s, %(when)s"))


def _commitment_overdue(told: Told, today: date) -> str:
    return _on_day(told, today, _("a commitment was due %(day)s, %(when)s, and is still open"))


def _review(told: Told, today: date) -> str:
    if told.day < today:
        return _on_day(told, today, _("its review was due %(day)s, %(when)s"))
    return _on_day(told, today, _("its review is due %(day)s, %(when)s"))


def _dormant(told: Told, today: date) -> str:
    return _("there has been no news of it for two years")


def _on_day(told: Told, today: date, pattern: str) -> str:
    return pattern % {"day": _day(told.day), "when": _distance(told.day, today)}


def _day(day: date) -> str:
    return in_words(PartialDate.from_date(day))


def _distance(day: date, today: date) -> str:
    days = (day - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


_SENTENCES: dict[str, Callable[[Told, date], str]] = {
    ReminderRule.ENDS_180: _ends,
    ReminderRule.ENDS_90: _ends,
    ReminderRule.ENDS_30: _ends,
    ReminderRule.NOTICE: _notice,
    ReminderRule.COMMITMENT_DUE: _commitment_due,
    ReminderRule.COMMITMENT_OVERDUE: _commitment_overdue,
    ReminderRule.REVIEW: _review,
    ReminderRule.DORMANT: _dormant,
}
_ON_THE_END = gettext_lazy("Ask the parties whether they will renew it, and record their answer.")
_ON_A_COMMITMENT = gettext_lazy("Ask how far it has got, and record the progress.")
_ADVICE: dict[str, Promise] = {
    ReminderRule.ENDS_180: _ON_THE_END,
    ReminderRule.ENDS_90: _ON_THE_END,
    ReminderRule.ENDS_30: _ON_THE_END,
    ReminderRule.NOTICE: gettext_lazy(
        "Ask whether anybody intends to end it: after that day it continues."
    ),
    ReminderRule.COMMITMENT_DUE: _ON_A_COMMITMENT,
    ReminderRule.COMMITMENT_OVERDUE: _ON_A_COMMITMENT,
    ReminderRule.REVIEW: gettext_lazy(
        "Check whether it serves its purpose, and set the date of the next review."
    ),
    ReminderRule.DORMANT: gettext_lazy(
        "Look for meetings or activities and add them to the timeline, or record that it has ended."
    ),
}
