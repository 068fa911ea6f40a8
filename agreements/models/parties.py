"""Who makes agreements: states, their ministries and agencies, and other bodies, with every name they go by."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.choices import NameKind, PartyKind
from agreements.models.trees import Tree
from agreements.querysets import PartyNameQuerySet, PartyQuerySet


def refuse_separator(name: str) -> None:
    """Refuse a semicolon in a name: files join several names with "; " and must take them apart again."""
    if ";" in name:
        raise ValidationError(
            _(
                "A name cannot hold a semicolon, which separates names in files. Use a comma instead."
            ),
            code="separator",
        )


class PartyManager(models.Manager.from_queryset(PartyQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, slug: str) -> "Party":
        return self.get(slug=slug)


class Party(Tree):
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Used in addresses; keep it once published."),
    )
    name = models.CharField(
        _("name"),
        max_length=255,
        validators=[refuse_separator],
        help_text=_("The name in English as the body itself uses it. Other spellings go below."),
    )
    short_name = models.CharField(
        _("short name"), max_length=60, blank=True, validators=[refuse_separator]
    )
    kind = models.CharField(_("kind"), max_length=30, choices=PartyKind, default=PartyKind.MINISTRY)
    country = CountryField(
        _("country"),
        blank=True,
        help_text=_(
            "A state needs its own. Of a body that is part of a state it is taken from there if left empty."
        ),
    )
    website = models.URLField(_("website"), blank=True)

    objects = PartyManager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ("name", "slug")
        indexes = [models.Index(fields=["country"]), models.Index(fields=["name"])]
        constraints = [
            models.CheckConstraint(
                name="party_has_name",
                condition=~models.Q(name=""),
                violation_error_message=_("A party needs a name."),
            ),
            models.CheckConstraint(
                name="party_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_(
                    "A party cannot be part of itself. Choose another parent."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("agreements:party_detail", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Take the country from the parent where none is given, and hand a changed one down."""
        if not self.country and self.parent is not None and self.parent.country:
            self.country = self.parent.country
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "country"}
        super().save(*args, **kwargs)
        if self.country:
            for body in self.children.filter(country=""):
                body.save(update_fields=["country"])


class PartyNameManager(models.Manager.from_queryset(PartyNameQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, party: str, name: str) -> "PartyName":
        return self.get(party__slug=party, name=name)


class PartyName(models.Model):
    """Another name or spelling of a party; any of them finds it."""

    party = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="names", verbose_name=_("party")
    )
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(_("kind"), max_length=20, choices=NameKind, default=NameKind.ALIAS)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("ISO 639 code, such as az, ru or uz.")
    )
    note = models.CharField(
        _("note"), max_length=255, blank=True, help_text=_("Where or when this name was used.")
    )

    objects = PartyNameManager()

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names and spellings")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["party", "name"],
                name="party_name_once",
                violation_error_message=_("This party has that name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.party.slug, self.name)

    natural_key.dependencies = ["agreements.party"]  # type: ignore[attr-defined]
