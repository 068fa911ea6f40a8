"""Merges of duplicate parties, with what is needed to undo them, and pairs of parties that may be duplicates.

Only `agreements.curation.merging` writes merges, only `agreements.curation.duplicate_parties` pairs; the admin shows both.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import Line, by_user, rule
from agreements.models.derived import Derives, SpellingsField
from agreements.models.parties import Party


class PartyMerge(Derives):
    """One party merged into another, and the columns that this changed; its `rows` are in `MergedRow`."""

    # The party that was kept may later be merged or deleted itself; its key must outlive it.
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
    # The columns of the party that was merged away, by name.
    other = models.JSONField()
    # [before, after] for each column of the kept party that the merge changed, by name.
    changed = models.JSONField(default=dict)
    at = models.DateTimeField(_("merged"))
    by = by_user(_("by"), on_delete=models.PROTECT, blank=True, related_name="party_merges")
    why = Line(_("reason"), max_length=500, blank=True)
    searched = SpellingsField(of=("other_name", "kept_name"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = by_user(
        _("undone by"), on_delete=models.PROTECT, blank=True, related_name="party_merges_undone"
    )

    class Meta:
        verbose_name = _("merge of parties")
        verbose_name_plural = _("merges of parties")
        ordering = ("-at", "-id")
        # anyone who may merge parties can see the merges
        default_permissions = ()
        constraints = [
            rule(
                "merge_of_two_parties",
                ~Q(kept=F("other_key")),
                _("A party cannot be merged with itself."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.other_name} → {self.kept_name}"

    @property
    def names(self) -> dict[str, str]:
        """The names of both parties, for sentences about `kept` and `other`."""
        return {"kept": self.kept_name, "other": self.other_name}

    def rows_moved(self, kind: str) -> models.QuerySet:
        """Return the ids of the rows of this kind that the merge moved, as a subquery."""
        return self.rows.filter(kind=kind, removed__isnull=True).values("row")

    def rows_removed(self, kind: str) -> models.QuerySet:
        """Return the rows of this kind that the merge removed, because the party that was kept had the same."""
        return self.rows.filter(kind=kind, removed__isnull=False)


class MergedRow(models.Model):
    """A row that a merge moved to the kept party, or removed because that party had the same."""

    merge = models.ForeignKey(PartyMerge, on_delete=models.CASCADE, related_name="rows")
    # The accessor of a party for such rows, such as "participations".
    kind = models.CharField(max_length=20)
    row = models.BigIntegerField()
    # The columns of a removed row, by name; NULL for a moved one.
    removed: Any = models.JSONField(null=True)
    # For a participation that was removed because the kept party has the same role there.
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
    """Two parties with similar names; staff merge them, or say that they are different bodies."""

    first = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="alike_later", verbose_name=_("party")
    )
    second = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="alike_earlier", verbose_name=_("party")
    )
    likeness = models.PositiveSmallIntegerField(_("likeness in per cent"))
    is_dismissed = models.BooleanField(_("different bodies"), default=False)
    dismissed_at = models.DateTimeField(_("kept apart"), null=True)
    dismissed_by = by_user(_("by"))

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


class PartyComparison(models.Model):
    """When all parties were last compared with each other; the latest row counts."""

    at = models.DateTimeField(_("compared"))

    class Meta:
        default_permissions = ()
        verbose_name = _("comparison of parties")
        verbose_name_plural = _("comparisons of parties")
        get_latest_by = "at"

    def __str__(self) -> str:
        return self.at.isoformat()
