"""How one agreement bears on another; stored once and read in both directions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import RelationKind
from agreements.models.agreements import Agreement


class RelationManager(models.Manager["Relation"]):
    def get_by_natural_key(self, ref: str, kind: str, target: str) -> "Relation":
        return self.get(agreement__ref=ref, kind=kind, target__ref=target)


class Relation(models.Model):
    """`agreement` amends, supplements, implements, supersedes, renews or comes under `target`."""

    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        related_name="relations_out",
        verbose_name=_("agreement"),
    )
    kind = models.CharField(_("relation"), max_length=20, choices=RelationKind)
    target = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        related_name="relations_in",
        verbose_name=_("other agreement"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = RelationManager()

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ("kind", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "target"],
                name="relation_once",
                violation_error_message=_("This relation is entered already."),
            ),
            models.CheckConstraint(
                name="relation_to_another",
                condition=~Q(agreement=F("target")),
                violation_error_message=_(
                    "An agreement cannot be related to itself. Choose another one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement.ref} {self.get_kind_display()} {self.target.ref}"

    def natural_key(self) -> tuple[str, str, str]:
        return (self.agreement.ref, self.kind, self.target.ref)

    natural_key.dependencies = ["agreements.agreement"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.agreement_id and self.agreement_id == self.target_id:
            raise ValidationError(
                {"target": _("An agreement cannot be related to itself. Choose another one.")}
            )
        if self.agreement_id and self.target_id and self._reversed_exists():
            raise ValidationError(
                {
                    "target": _(
                        "The other agreement already says this of the present one. Both cannot hold."
                    )
                }
            )

    def _reversed_exists(self) -> bool:
        return Relation.objects.filter(
            agreement=self.target_id, target=self.agreement_id, kind=self.kind
        ).exists()


@receiver([post_save, post_delete], sender=Relation, dispatch_uid="relation_changes_supersession")
def _relation_changed(instance: Relation, **kwargs: Any) -> None:
    Agreement.objects.filter(pk=instance.target_id).refresh_derived()


@receiver([post_save, post_delete], sender=Agreement, dispatch_uid="agreement_changes_supersession")
def _agreement_changed(instance: Agreement, **kwargs: Any) -> None:
    """What it supersedes may do so from another day, or no more; its own copy may have been stale."""
    # Looked up first: an OR with a subquery would read the whole table on PostgreSQL, at every save.
    replaced = Relation.objects.filter(agreement=instance.pk, kind=RelationKind.SUPERSEDES)
    changed = [instance.pk, *replaced.values_list("target", flat=True)]
    Agreement.objects.filter(pk__in=changed).refresh_derived()
