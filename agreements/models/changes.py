"""The public log of changes: which facts of a published agreement changed, and when; never who, why or the old value.

`agreements.curation.history` writes these rows. Pages show them for published agreements only: the log of a withdrawn
record disappears with it, and reappears with it.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ChangeKind, Publication
from agreements.domain.facts import LOGGED
from agreements.models.columns import of_agreement


class ChangeQuerySet(models.QuerySet[Any]):
    def in_public(self) -> "ChangeQuerySet":
        """Return the changes to agreements that are published now, the newest first."""
        return self.filter(agreement__publication=Publication.PUBLISHED).order_by("-pk")


class Change(models.Model):
    agreement = of_agreement("changes")
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("kind"), max_length=20, choices=ChangeKind)
    # codes of facts, in the order of their declarations; empty unless the kind is "changed"
    facts = models.JSONField(_("facts"), default=list)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("public change")
        verbose_name_plural = _("public changes")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {', '.join(self.fact_labels)}".rstrip(": ")

    @property
    def fact_labels(self) -> list[str]:
        """The labels of the facts; codes that no longer exist are left out."""
        return [str(LOGGED[code].log) for code in self.facts if code in LOGGED]
