"""Who was reminded of what: one row for each mail, written before the mail is sent.

Only `agreements.notifications.reminders` writes them. The row prevents two runs from sending the same mail, and tells
the next run which mail could not be sent.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ReminderRule, ReminderState
from agreements.models.agreements import Agreement
from agreements.models.columns import code, once


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def unsettled(self) -> "ReminderQuerySet":
        """Return the reminders that were neither sent nor given up."""
        return self.filter(state__in=(ReminderState.CLAIMED, ReminderState.FAILED))

    def take_over(self, at: datetime, *, lost_since: datetime) -> bool:
        """Claim failed e-mails and those that a run begun before `lost_since` left behind; return whether there were
        any.
        """
        left = Q(state=ReminderState.FAILED) | Q(
            state=ReminderState.CLAIMED, claimed_at__lt=lost_since
        )
        taken = self.filter(left).update(
            state=ReminderState.CLAIMED, claimed_at=at, attempts=F("attempts") + 1
        )
        return bool(taken)


class Reminder(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="reminders")
    rule = code(_("rule"), ReminderRule)
    due = models.DateField(_("due"))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    state = code(_("state"), ReminderState, ReminderState.CLAIMED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=1)
    claimed_at = models.DateTimeField(_("claimed"))
    problem = models.TextField(_("problem"), blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("id",)
        constraints = [
            once(
                "reminder_once",
                ["agreement", "rule", "due", "recipient"],
                _("This person has already been reminded of this."),
            )
        ]
        indexes = [
            models.Index(
                fields=["claimed_at"],
                condition=Q(state__in=(ReminderState.CLAIMED, ReminderState.FAILED)),
                name="reminder_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}, {self.due}"


class ReminderRun(models.Model):
    """A completed run: the next one reminds of what has become due since."""

    day = models.DateField(_("day"), db_index=True)
    ended_at = models.DateTimeField(_("ended"))

    class Meta:
        default_permissions = ()
        verbose_name = _("run of reminders")
        verbose_name_plural = _("runs of reminders")

    def __str__(self) -> str:
        return f"{self.day}"
