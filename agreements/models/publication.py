"""The publication steps of a record: who took each, when and why.

Only `agreements.curation.workflow` writes them; the admin shows them on the agreement's page.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import PublicationVerb
from agreements.models.columns import of_agreement, rule

STEPS_WITH_A_REASON = (PublicationVerb.RETURN, PublicationVerb.WITHDRAW)


class PublicationStep(models.Model):
    agreement = of_agreement("publication_steps")
    verb = models.CharField(_("step"), max_length=20, choices=PublicationVerb)
    # accounts are deactivated, not deleted, so that it stays known who published a record
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="publication_steps",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("publication step")
        verbose_name_plural = _("publication steps")
        # two steps may have the same moment; ids keep their order
        ordering = ("id",)
        constraints = [
            rule(
                "publication_step_says_why",
                ~Q(verb__in=STEPS_WITH_A_REASON) | ~Q(reason=""),
                _("Say why, for whoever works on the record next."),
            )
        ]

    def __str__(self) -> str:
        return self.get_verb_display()
