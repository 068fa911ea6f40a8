"""Dated periods of an agreement: renewals and extensions of its term, suspensions, and provisional application."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import PeriodKind
from agreements.domain.lifecycle import PROLONGING
from agreements.domain.partial_dates import PartialDate, PartialDateField
from agreements.models.agreements import Agreement
from agreements.models.columns import (
    NaturalKeyManager,
    code,
    key_of,
    link,
    of_agreement,
    rule,
    text,
)

_BACKWARDS = _("The last day of a period cannot be before the first. Check both days.")


class Period(models.Model):
    """A period of one kind from its first to its last day, both included.

    `by` is the agreement that brought it about, such as a protocol of extension. While that is not both published and
    concluded, the period does not count and the public does not see it.
    """

    agreement = of_agreement("periods")
    kind = code(
        _("kind"),
        PeriodKind,
        help_text=_("An extension may also be an amendment that brings the end forward."),
        max_length=30,
    )
    first = PartialDateField(
        _("first day"),
        help_text=_("Leave it empty only if an extension continues the term without a gap."),
    )
    last = PartialDateField(
        _("last day"), help_text=_("The last day of the period. Leave empty if not known.")
    )
    by = link(
        Agreement,
        "periods_decided",
        _("by agreement"),
        _("The amendment or renewing agreement in this register, if there is one."),
    )
    note = text(_("note"), 500, _("Who decided it, for example. Shown to the public."))
    # derived from `by`
    is_public = models.BooleanField(_("counts"), default=True, editable=False)

    objects = NaturalKeyManager["Period"]()
    natural_key = key_of("agreement.ref", "kind", "first", "last", after=("agreement",))

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = (F("first_earliest").asc(nulls_first=True), "last_latest", "id")
        constraints = [
            PartialDateField.constraint("first"),
            PartialDateField.constraint("last"),
            rule(
                "period_is_dated",
                ~Q(first="") | (Q(kind__in=[kind.value for kind in PROLONGING]) & ~Q(last="")),
                _(
                    "Give the first day of the period; for a renewal or an extension, at least the last day."
                ),
            ),
            rule(
                "period_ends_after_it_begins",
                Q(first="") | Q(last="") | Q(last_latest__gte=F("first_earliest")),
                _BACKWARDS,
            ),
        ]

    def __str__(self) -> str:
        dates = "/".join(str(date or "..") for date in (self.first, self.last))
        return f"{self.get_kind_display()} {dates}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_public = self.by is None or self.by.counts_for_others
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        # forms lack the columns that the constraint compares
        days = [day for day in (self.first, self.last) if isinstance(day, PartialDate)]
        if len(days) == 2 and days[1].latest < days[0].earliest:
            raise ValidationError({"last": _BACKWARDS})
        if self.by_id and self.by_id == self.agreement_id:
            itself = _("An agreement cannot prolong itself. Choose the other agreement, or none.")
            raise ValidationError({"by": itself})


@receiver([post_save, post_delete], sender=Period, dispatch_uid="period_changes_end")
def _period_changed(instance: Period, **kwargs: object) -> None:
    Agreement.objects.filter(pk=instance.agreement_id).refresh_derived()
