"""What happened to records: the steps of their publication, the public log of changes, and deletions.

`agreements.curation.workflow` writes the steps, `agreements.curation.history` the rest; the admin shows them.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ChangeKind, Publication, PublicationVerb
from agreements.domain.facts import LOGGED
from agreements.models.columns import LongText, by_user, code, of_agreement, rule

STEPS_WITH_A_REASON = (PublicationVerb.RETURN, PublicationVerb.WITHDRAW)


class PublicationStep(models.Model):
    agreement = of_agreement("publication_steps")
    verb = code(_("step"), PublicationVerb)
    # accounts are deactivated, not deleted, so that the register still knows who published a record
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="publication_steps",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    reason = LongText(_("reason"), blank=True)

    class Meta:
        verbose_name = _("publication step")
        verbose_name_plural = _("publication steps")
        # two steps may have the same moment; ids keep their order
        ordering = ("id",)
        constraints = [
            rule(
                "publication_step_says_why",
                ~Q(verb__in=STEPS_WITH_A_REASON) | ~Q(reason=""),
                _("Say why, for the next person who works on this record."),
            )
        ]

    def __str__(self) -> str:
        return self.get_verb_display()


class ChangeQuerySet(models.QuerySet["Change"]):
    def in_public(self) -> "ChangeQuerySet":
        """Return the changes to agreements that are published now, the newest first."""
        return self.filter(agreement__publication=Publication.PUBLISHED).order_by("-pk")


class Change(models.Model):
    """Which facts of a published agreement changed, and when; never who changed them, why, or what they were before.

    Pages show these rows for published agreements only: the log of a withdrawn record disappears with it, and
    reappears with it.
    """

    agreement = of_agreement("changes")
    at = models.DateTimeField(_("when"))
    kind = code(_("kind"), ChangeKind)
    # codes of facts, in the order of their declarations; empty unless the kind is "changed"
    facts = models.JSONField(_("facts"), default=list)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("public change")
        verbose_name_plural = _("public changes")
        ordering = ("-id",)

    def __str__(self) -> str:
        """Return what happened and the labels of the facts, without those that no longer exist."""
        labels = [str(LOGGED[code].log) for code in self.facts if code in LOGGED]
        return f"{self.get_kind_display()}: {', '.join(labels)}".rstrip(": ")


class Removal(models.Model):
    """Who deleted a record, when and why: one of the model `record` (such as “agreements.party”) with the id `key`."""

    record = models.CharField(max_length=60)
    key = models.BigIntegerField()
    name = models.TextField(_("record"))
    # The last version, which holds the whole record.
    version = models.ForeignKey("reversion.Version", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("deleted"))
    by = by_user(_("by"))
    why = LongText(_("reason"), blank=True)
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
                condition=Q(restored_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
