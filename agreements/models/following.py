"""What a member of staff follows, what they were last told about it, and the token of their calendar.

`agreements.notifications.following` writes these rows and tells people what changed in what they follow.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.columns import once, rule

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
    # While a run is notifying about it: other runs leave this follow alone.
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
                _("You follow this agreement already."),
                Q(agreement__isnull=False),
            ),
            once(
                "follow_selection_once",
                ["user", "query"],
                _("You follow this selection already."),
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
        """Reserve it for this run; return whether it was free, or left behind by a run before `lost_since`."""
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


class CalendarAddress(models.Model):
    """The token in the URL of a person's calendar. Only its digest is stored, so it cannot be shown again."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_address"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return f"{self.user}"
