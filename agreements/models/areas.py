"""Cooperation areas: the fields of government an agreement is about, as a tree with stable slugs."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.querysets import AreaQuerySet
from agreements.models.trees import Tree


class AreaManager(models.Manager.from_queryset(AreaQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, slug: str) -> "Area":
        return self.get(slug=slug)


class Area(Tree):
    slug = models.SlugField(
        _("slug"),
        max_length=80,
        unique=True,
        help_text=_("Used in addresses and exports; keep it once published."),
    )
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("What belongs here and what does not, in a sentence."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first among neighbours.")
    )

    objects = AreaManager()

    class Meta:
        verbose_name = _("cooperation area")
        verbose_name_plural = _("cooperation areas")
        ordering = ("position", "name")
        constraints = [
            models.CheckConstraint(
                name="area_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_(
                    "An area cannot lie under itself. Choose another parent."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("agreements:area_detail", args=[self.slug])
