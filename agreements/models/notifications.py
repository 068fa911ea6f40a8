"""What staff follow, what they last heard about it, the token of their calendar, and who was reminded of what.

Only `agreements.notifications` writes these rows. A reminder is one row for each mail, written before the mail is sent:
it prevents two runs from sending the same mail, and tells the next run which mail could not be sent.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ReminderRule, ReminderState
from agreements.models.agreements import Agreement
from agreements.models.columns import code, once, rule

LONGEST_QUERY = 2000


class Follow(models.Model):
    """A person follows one agreement, or all that a query string of the list selects (all, if it is empty)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="follows",
        verbose_name=_("user"),
    )
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="follows",
        verbose_name=_("agreement"),
    )
    query = models.CharField(_("query"), max_length=LONGEST_QUERY, blank=True)
    since = models.DateTimeField(_("since"))
    # Set while a run is notifying about it, so that other runs leave this follow alone.
    claimed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        ordering = ("id",)
        constraints = [
            once(
                "follow_agreement_once",
                ["user", "agreement"],
                _("You already follow this agreement."),
                Q(agreement__isnull=False),
            ),
            once(
                "follow_selection_once",
                ["user", "query"],
                _("You already follow this selection."),
                Q(agreement__isnull=True),
            ),
            rule(
                "follow_agreement_or_selection",
                Q(agreement__isnull=True) | Q(query=""),
                _("Follow either an agreement or a selection."),
            ),
        ]

    def __str__(self) -> str:
        return self.agreement.ref if self.agreement else f"?{self.query}"

    @property
    def is_of_selection(self) -> bool:
        return self.agreement_id is None

    def claim(self, at: datetime, *, lost_since: datetime) -> bool:
        """Reserve it for this run; return whether it was free, or left over from a run before `lost_since`."""
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=lost_since)
        return bool(Follow.objects.filter(free, pk=self.pk).update(claimed_at=at))

    def release(self) -> None:
        Follow.objects.filter(pk=self.pk).update(claimed_at=None)


class Sighting(models.Model):
    """The last change to an agreement that the follower knows about; later changes are reported next."""

    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="sightings")
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="sightings")
    updated_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [
            once(
                "sighting_once",
                ["follow", "agreement"],
                _("There is already a sighting of this agreement."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.updated_at}"


class ReviewMailsOff(models.Model):
    """While the row exists, this person gets no e-mails about records that are submitted, returned or published."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="review_mails_off",
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("e-mails about reviews turned off")
        verbose_name_plural = _("e-mails about reviews turned off")

    def __str__(self) -> str:
        return f"{self.user}"


class CalendarAddress(models.Model):
    """The token in the URL of a person's calendar. Only its digest is stored, so it cannot be shown again."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_address"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name = _("calendar URL")
        verbose_name_plural = _("calendar URLs")

    def __str__(self) -> str:
        return f"{self.user}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def unsettled(self) -> "ReminderQuerySet":
        """Return the reminders that were neither sent nor given up."""
        return self.filter(state__in=(ReminderState.CLAIMED, ReminderState.FAILED))

    def take_over(self, at: datetime, *, lost_since: datetime) -> bool:
        """Claim failed e-mails, and any left over from a run begun before `lost_since`; return whether there were any."""
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
