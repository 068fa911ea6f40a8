"""What is left in public of agreements that were published and no longer are: withdrawn, or deleted.

`agreements.curation.tombstones` writes these rows. They name the reference rather than the agreement, which may be gone
for good, and hold nothing else of it except, if the publisher chose so, its title.
"""

from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import LONGEST_TITLE, LongText

LONGEST_PUBLIC_REASON = 1000


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    def since(self, moment: datetime) -> "TombstoneQuerySet":
        """Return the records withdrawn at this moment or later, the earliest first."""
        return self.filter(withdrawn_at__gte=moment).order_by("withdrawn_at", "ref")


class Tombstone(models.Model):
    """A record that was public and is not any more; publishing it again deletes the row."""

    ref = models.CharField(_("reference"), max_length=24, unique=True)
    # empty if it is withheld
    title = LongText(_("title"), max_length=LONGEST_TITLE, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), db_index=True)
    # empty for records withdrawn before the register asked for it
    reason = LongText(_("reason for the public"), max_length=LONGEST_PUBLIC_REASON, blank=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("withdrawn record")
        verbose_name_plural = _("withdrawn records")
        ordering = ("-withdrawn_at", "-ref")

    def __str__(self) -> str:
        return f"{self.ref} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement_detail", args=[self.ref])
