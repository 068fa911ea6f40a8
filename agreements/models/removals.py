"""Deleted records: who deleted each, when and why, and the version from which it can be restored.

`agreements.curation.history` writes these rows; the admin lists them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import by_user


class Removal(models.Model):
    """A record of the model `record` (such as “agreements.party”) that had the id `key`."""

    record = models.CharField(max_length=60)
    key = models.BigIntegerField()
    name = models.TextField(_("record"))
    # The last version, which holds the whole record.
    version = models.ForeignKey("reversion.Version", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("deleted"))
    by = by_user(_("by"))
    why = models.TextField(_("reason"), blank=True)
    restored_at = models.DateTimeField(_("restored"), null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("deleted record")
        verbose_name_plural = _("deleted records")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["record", "key"]),
            # the list of records that can be restored
            models.Index(
                fields=["record", "-id"],
                name="removal_not_restored",
                condition=models.Q(restored_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
