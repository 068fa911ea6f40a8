"""Records that were deleted: who did it, when and why, and the version from which each can be brought back.

`agreements.curation.history` writes these rows; the admin lists them.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Removal(models.Model):
    """A record of the model `record` (such as “agreements.party”) that had the id `key`."""

    record = models.CharField(max_length=60)
    key = models.BigIntegerField()
    name = models.TextField(_("record"))
    # The last version, which holds all that the record was.
    version = models.ForeignKey("reversion.Version", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("deleted"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    why = models.TextField(_("reason"), blank=True)
    restored_at = models.DateTimeField(_("restored"), null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("deleted record")
        verbose_name_plural = _("deleted records")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["record", "key"]),
            # the list of what can be brought back
            models.Index(
                fields=["record", "-id"],
                name="removal_not_restored",
                condition=models.Q(restored_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
