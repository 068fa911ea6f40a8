"""Publishing many records at once: who asked for it, which records were chosen, and what came of each.

Only `agreements.curation.publishing_runs` writes these rows. They are bookkeeping: the step is in each record's history.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import PublishingOutcome
from agreements.models.agreements import Agreement
from agreements.models.columns import LongText, code

# A process that works on a run says so after every few records; if it has been silent for longer, it has ended.
LONGEST_SILENCE = timedelta(minutes=2)


class PublishingRunQuerySet(models.QuerySet["PublishingRun"]):
    def going_on(self, now: datetime) -> Self:
        """Return those with records waiting that a process works on, or will when it has done another."""
        return self.filter(ended_at=None, seen_at__gte=now - LONGEST_SILENCE)


class PublishingRun(models.Model):
    """One selection of records to publish, until each of them was published or refused."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="publishing_runs",
        verbose_name=_("by"),
    )
    # the filters by which the records were chosen, or the import
    chosen = LongText(_("chosen"), max_length=2_000, blank=True)
    began_at = models.DateTimeField(_("begun"))
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = PublishingRunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("publication of many records")
        verbose_name_plural = _("publications of many records")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.chosen or str(self.pk)

    def counts(self) -> Counter[str]:
        """Return how many records have each outcome; one query."""
        found = self.items.order_by().values_list("outcome").annotate(n=models.Count("pk"))
        return Counter(dict(found))

    def refusals(self, most: int) -> list[tuple[str, int]]:
        """Return the most frequent reasons for which records were refused, each with how many; one query."""
        refused = self.items.filter(outcome=PublishingOutcome.REFUSED).order_by()
        found = refused.values_list("why").annotate(n=models.Count("pk"))
        return list(found.order_by("-n", "why")[:most])

    def is_interrupted(self, now: datetime) -> bool:
        """Whether records are waiting although nobody is working on them."""
        return self.ended_at is None and now > self.seen_at + LONGEST_SILENCE


class PublishingItem(models.Model):
    """One of the chosen records; `why` is the reason if it was refused."""

    run = models.ForeignKey(PublishingRun, on_delete=models.CASCADE, related_name="items")
    agreement = models.ForeignKey(
        Agreement, on_delete=models.SET_NULL, null=True, related_name="publishing_items"
    )
    ref = models.CharField(_("reference"), max_length=24)
    outcome = code(_("outcome"), PublishingOutcome, PublishingOutcome.WAITING)
    why = LongText(_("reason"), max_length=10_000, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("chosen record")
        verbose_name_plural = _("chosen records")
        ordering = ("id",)
        indexes = [models.Index(fields=["run", "outcome", "id"])]

    def __str__(self) -> str:
        return f"{self.ref}: {self.get_outcome_display()}"
