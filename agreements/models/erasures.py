"""Erasures of people's names: who erased one, when, why, and where it stood; never the name itself.

Only `agreements.curation.erasure` writes these rows.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import Line, LongText, by_user, rule

LONGEST_REPLACEMENT = 60


class Erasure(models.Model):
    """`digest` is a keyed hash of the folded spellings: it tells whether a name that somebody asks about was erased."""

    at = models.DateTimeField(_("erased"))
    by = by_user(_("by"), on_delete=models.PROTECT)
    reason = LongText(_("reason"))
    replacement = Line(_("replaced by"), max_length=LONGEST_REPLACEMENT)
    places = models.PositiveIntegerField(_("places"))
    # [{"where": "agreements.signatory.name", "rows": 3}, …], and the files that were removed, by their number
    touched = models.JSONField(_("what was touched"), default=list)
    import_files = models.PositiveIntegerField(_("import files removed"), default=0)
    documents_removed = models.PositiveIntegerField(_("documents removed"), default=0)
    documents_kept = models.PositiveIntegerField(_("documents kept"), default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        permissions = [("erase_name", "Can erase people's names")]
        verbose_name = _("erasure of a name")
        verbose_name_plural = _("erasures of names")
        ordering = ("-id",)
        constraints = [
            rule("erasure_says_why", ~Q(reason=""), _("Say why the name is erased.")),
            rule(
                "erasure_says_what_instead",
                ~Q(replacement=""),
                _("Say what stands in place of the name."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.replacement}"
