"""Relations between agreements; stored once and read in both directions."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import RelationKind
from agreements.models.agreements import Agreement
from agreements.models.columns import (
    Line,
    NaturalKeyManager,
    code,
    key_of,
    of_agreement,
    once,
    rule,
)


class Relation(models.Model):
    """`agreement` amends, supersedes or terminates `target`, or relates to it in another way of `RelationKind`."""

    agreement = of_agreement("relations_out")
    kind = code(_("relation"), RelationKind)
    target = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        related_name="relations_in",
        verbose_name=_("other agreement"),
    )
    note = Line(_("note"), max_length=500, blank=True)

    objects = NaturalKeyManager["Relation"]()
    natural_key = key_of("agreement.ref", "kind", "target.ref", after=("agreement",))

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ("kind", "id")
        constraints = [
            once(
                "relation_once",
                ["agreement", "kind", "target"],
                _("This relation has already been entered."),
            ),
            rule(
                "relation_to_another",
                ~Q(agreement=F("target")),
                _("An agreement cannot be related to itself. Choose another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement.ref} {self.get_kind_display()} {self.target.ref}"

    def clean(self) -> None:
        super().clean()
        if self.agreement_id and self.agreement_id == self.target_id:
            itself = _("An agreement cannot be related to itself. Choose another one.")
            raise ValidationError({"target": itself})
        reversed_one = Relation.objects.filter(
            agreement=self.target_id, target=self.agreement_id, kind=self.kind
        )
        if self.agreement_id and self.target_id and reversed_one.exists():
            both_ways = _(
                "The other agreement already has this relation to this one. Only one of them can be right."
            )
            raise ValidationError({"target": both_ways})


_UNSUPPORTED = Agreement._meta.get_field("verification").get_default()


@receiver([post_save, post_delete], sender=Relation, dispatch_uid="relation_changes_supersession")
def _relation_changed(instance: Relation, **kwargs: object) -> None:
    Agreement.objects.filter(pk=instance.target_id).refresh_derived()


@receiver([post_save, post_delete], sender=Agreement, dispatch_uid="agreement_changes_supersession")
def _agreement_changed(instance: Agreement, created: bool = False, **kwargs: object) -> None:
    """Refresh the agreements it supersedes or prolongs: the day may have changed, or this copy may have been stale.

    A new agreement has no relations yet, unless it was written with the values of another row.
    """
    if created and instance.superseded_on is None and instance.verification == _UNSUPPORTED:
        return
    # Queried first: an OR with a subquery would read the whole table on PostgreSQL at every save.
    replaced = Relation.objects.filter(agreement=instance.pk, kind=RelationKind.SUPERSEDES)
    prolonged = Agreement.objects.filter(periods__by=instance.pk).order_by()
    others = replaced.order_by().values_list("target").union(prolonged.values_list("pk"))
    affected = [key for (key,) in others]
    if affected:
        Agreement.objects.filter(pk__in=affected).refresh_periods()
    Agreement.objects.filter(pk__in=[instance.pk, *affected]).refresh_derived()
