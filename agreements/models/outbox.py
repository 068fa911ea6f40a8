"""E-mails that a request has queued and that are sent after its answer.

Only `agreements.notifications.outbox` writes these rows. A row says what to write to whom, but never holds the text: a
password reset link exists only in the e-mail itself. Once the e-mail has been sent, the row is deleted.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import MailKind
from agreements.models.columns import code


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def claim(self, at: datetime, *, lost_since: datetime) -> bool:
        """Reserve these for this run; return whether they were free, or left behind by a run before `lost_since`."""
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=lost_since)
        claimed = self.filter(free, due_at__lte=at).update(
            claimed_at=at, attempts=F("attempts") + 1
        )
        return bool(claimed)


class OutgoingMail(models.Model):
    kind = code(_("kind"), MailKind)
    to = models.EmailField(_("to"))
    # what the text needs to know, without secrets
    facts = models.JSONField(_("facts"), default=dict)
    # after a failure: when to try again
    due_at = models.DateTimeField(_("due"), db_index=True)
    useless_after = models.DateTimeField(_("useless after"))
    claimed_at = models.DateTimeField(_("claimed"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.TextField(_("problem"), blank=True)
    # how many of its e-mails are sent, where several accounts have the address
    done = models.PositiveSmallIntegerField(_("done"), default=0)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("outgoing e-mail")
        verbose_name_plural = _("outgoing e-mails")
        ordering = ("due_at", "id")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.to}"
