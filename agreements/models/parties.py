"""Who makes agreements: states, their ministries and agencies, and other bodies, with every name they go by."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.domain.choices import NameKind, PartyKind, Publication
from agreements.models.columns import Line, NaturalKeyManager, code, key_of, once, rule, text
from agreements.models.querysets import PartyQuerySet
from agreements.models.trees import Tree
from agreements.search import fold

_NAMED_IN = ("participations", "signatories", "events", "commitments")


def refuse_separator(name: str) -> None:
    """Refuse a semicolon in a name: files join several names with "; " and must be able to split them."""
    if ";" in name:
        raise ValidationError(
            _(
                "A name cannot contain a semicolon, which separates names in files. Use a comma instead."
            ),
            code="separator",
        )


class FoldedNameField(models.CharField):
    """The row's `name` as the search compares it, computed at every save and bulk creation, but not by `update()`."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = fold(vars(model_instance)["name"])[: self.max_length]
        setattr(model_instance, self.attname, folded)
        return folded


class Named(models.Model):
    """A row that is found by its name, in any spelling that the search folds to the same."""

    folded_name = FoldedNameField(
        max_length=255, editable=False, db_index=True, blank=True, default=""
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "folded_name"}
        super().save(*args, **kwargs)


class Party(Named, Tree):
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Used in URLs; do not change it once published."),
    )
    name = Line(
        _("name"),
        max_length=255,
        validators=[refuse_separator],
        help_text=_("The English name that the body itself uses. Enter other spellings below."),
    )
    short_name = Line(_("short name"), max_length=60, blank=True, validators=[refuse_separator])
    kind = code(_("kind"), PartyKind, PartyKind.MINISTRY, max_length=30)
    country = CountryField(
        _("country"),
        blank=True,
        help_text=_(
            "Required for a state. A body that is part of a state takes its country if this is left empty."
        ),
    )
    website = models.URLField(_("website"), blank=True)

    objects = NaturalKeyManager.from_queryset(PartyQuerySet)()
    natural_key = key_of("slug")

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ("name", "slug")
        permissions = [("merge_party", "Can merge parties")]
        indexes = [models.Index(fields=["country"]), models.Index(fields=["name"])]
        constraints = [
            rule("party_has_name", ~models.Q(name=""), _("A party needs a name.")),
            rule(
                "party_not_its_own_parent",
                models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                _("A party cannot be part of itself. Choose another parent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Take the country from the parent if there is none, and pass it on to bodies without one."""
        if not self.country and self.parent is not None and self.parent.country:
            self.country = self.parent.country
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "country"}
        super().save(*args, **kwargs)
        if self.country:
            for body in self.children.filter(country=""):
                body.save(update_fields=["country"])

    def get_absolute_url(self) -> str:
        return reverse("agreements:party_detail", args=[self.slug])

    def is_in_public(self) -> bool:
        """Whether a published agreement names this party, or a body under it, anywhere; up to five queries.

        This is about the stored party, whatever unsaved values this instance has.
        """
        stored = list(Party.objects.filter(pk=self.pk).values_list("slug", flat=True))
        branch = Party.objects.at_or_below(stored)
        return any(
            branch.filter(**{f"{rows}__agreement__publication": Publication.PUBLISHED}).exists()
            for rows in _NAMED_IN
        )


class PartyName(Named):
    """Another name or spelling of a party; a search for any of them finds it."""

    party = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="names", verbose_name=_("party")
    )
    name = Line(_("name"), max_length=255)
    kind = code(_("kind"), NameKind, NameKind.ALIAS)
    language = text(_("language"), 10, _("ISO 639 code, such as az, ru or uz."))
    note = text(_("note"), 255, _("Where or when this name was used."))

    objects = NaturalKeyManager["PartyName"]()
    natural_key = key_of("party.slug", "name", after=("party",))

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names and spellings")
        ordering = ("name",)
        constraints = [
            once("party_name_once", ["party", "name"], _("This party already has that name."))
        ]

    def __str__(self) -> str:
        return self.name


@receiver(pre_save, sender=Party, dispatch_uid="fixture_leaves_out_folded_name_of_party")
@receiver(pre_save, sender=PartyName, dispatch_uid="fixture_leaves_out_folded_name")
def _about_to_be_loaded(instance: Named, raw: bool, **kwargs: object) -> None:
    """Set what a fixture leaves out, as fixtures are saved raw, without the field's `pre_save`."""
    if raw:
        instance._meta.get_field("folded_name").pre_save(instance, add=True)
