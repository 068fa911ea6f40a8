"""Changes to published records that editors propose, who may not make them themselves.

A proposal keeps the form as it was sent, and the state of the record that it would lead to; the record stays as it is
until a publisher takes the proposal over, or part of it. Only staff see proposals.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ProposalState
from agreements.models.columns import LongText, by_user, code, of_agreement, rule

LONGEST_ANSWER = 1000


class Proposal(models.Model):
    """`edit_token` is that of the version it started from; `sent` maps each name in the form to its values.

    `result` is the whole record with the change, as a version keeps it.
    """

    agreement = of_agreement("proposals")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="proposals",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    why = LongText(_("reason"))
    edit_token = models.CharField(max_length=32, editable=False)
    sent = models.JSONField(_("form as sent"))
    result = models.JSONField(_("record with the change"))
    state = code(_("state"), ProposalState, ProposalState.WAITING)
    decided_by = by_user(_("decided by"), on_delete=models.PROTECT)
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = LongText(_("answer"), blank=True, max_length=LONGEST_ANSWER)

    class Meta:
        default_permissions = ()
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        ordering = ("id",)
        indexes = [
            models.Index(
                fields=["at"],
                name="proposal_waiting",
                condition=Q(state=ProposalState.WAITING),
            )
        ]
        constraints = [
            rule(
                "proposal_returned_says_why",
                ~Q(state=ProposalState.RETURNED) | ~Q(answer=""),
                _("Say why, for the next person who works on this record."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.at:%Y-%m-%d}"

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING
