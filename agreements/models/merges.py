"""Parties that turned out to be one: what each merge did, so that it can be undone, and which others look alike.

`agreements.curation.merging` alone writes merges, `agreements.curation.duplicate_parties` the pairs; the admin shows both.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.parties import Party


class PartyMerge(models.Model):
    """One party taken into another, and the columns that this changed; its `rows` are in `MergedRow`."""

    # The party that was kept may itself be merged or deleted later on; its key must outlive it.
    kept = models.ForeignKey(
        Party,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="merges",
        verbose_name=_("kept"),
    )
    kept_name = models.CharField(_("kept"), max_length=255)
    other_key = models.BigIntegerField(db_index=True)
    other_name = models.CharField(_("merged into it"), max_length=255)
    # The columns of the party that is gone, by name.
    other = models.JSONField()
    # Of the party that was kept, by name: [before, after] for each column that the merge changed.
    changed = models.JSONField(default=dict)
    at = models.DateTimeField(_("merged"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="party_merges",
        verbose_name=_("by"),
    )
    why = models.CharField(_("reason"), max_length=500, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="party_merges_undone",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("merge of parties")
        verbose_name_plural = _("merges of parties")
        ordering = ("-at", "-id")
        # who may merge parties sees what was merged
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="merge_of_two_parties",
                condition=~Q(kept=F("other_key")),
                violation_error_message=_("A party cannot be merged with itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_name} → {self.kept_name}"


class MergedRow(models.Model):
    """A row that a merge moved to the party it kept, or that it removed because that party had the same."""

    merge = models.ForeignKey(PartyMerge, on_delete=models.CASCADE, related_name="rows")
    # The accessor of a party for such rows, such as "participations".
    kind = models.CharField(max_length=20)
    row = models.BigIntegerField()
    # The columns of a row that was removed, by name; NULL of one that was moved.
    removed: Any = models.JSONField(null=True)
    # Of a participation that was removed, for the other party takes part there in the same role.
    agreement = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("row of a merge")
        verbose_name_plural = _("rows of merges")
        constraints = [
            models.UniqueConstraint(fields=["merge", "kind", "row"], name="merged_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"


class LikelyDuplicate(models.Model):
    """Two parties whose names are alike; staff merge them, or say that they are different bodies."""

    first = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="alike_later", verbose_name=_("party")
    )
    second = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="alike_earlier", verbose_name=_("party")
    )
    likeness = models.PositiveSmallIntegerField(_("likeness in per cent"))
    is_dismissed = models.BooleanField(_("different bodies"), default=False)

    class Meta:
        default_permissions = ()
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ("-likeness", "first", "second")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="likely_duplicate_once"),
            models.CheckConstraint(
                name="likely_duplicate_in_order", condition=Q(first__lt=F("second"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"
