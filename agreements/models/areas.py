"""Cooperation areas: the fields of government an agreement is about, as a tree with stable slugs."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import Line, LongText, NaturalKeyManager, key_of, rule
from agreements.models.derived import Derives, SpellingsField
from agreements.models.querysets import TreeQuerySet
from agreements.models.trees import Tree


class Area(Derives, Tree):
    slug = models.SlugField(
        _("slug"),
        max_length=80,
        unique=True,
        help_text=_("Used in URLs and exports; do not change it once published."),
    )
    name = Line(_("name"), max_length=120)
    description = LongText(
        _("description"),
        blank=True,
        help_text=_("What belongs here and what does not, in one sentence."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first within the same level.")
    )

    searched = SpellingsField(of=("name", "description"))

    objects = NaturalKeyManager.from_queryset(TreeQuerySet)()
    natural_key = key_of("slug")

    class Meta:
        verbose_name = _("cooperation area")
        verbose_name_plural = _("cooperation areas")
        ordering = ("position", "name")
        constraints = [
            rule(
                "area_not_its_own_parent",
                models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                _("An area cannot be part of itself. Choose another parent."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreements:area_detail", args=[self.slug])
