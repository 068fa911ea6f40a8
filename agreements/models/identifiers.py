"""Identifiers of an agreement in other registers and series: CELEX 22021A0430(01), UN registration I-54669.

`agreements.domain.identifiers` declares the schemes that have a label and a link. Imports use identifiers to find the
records they wrote before, so that importing a file twice creates no duplicates; those of the scheme `IMPORTED_ROW` are
for nothing else, and never shown.
"""

from typing import Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agreements.domain.identifiers import IMPORTED_ROW, label_of, url_of
from agreements.models.columns import Line, NaturalKeyManager, key_of, of_agreement, once, rule


class ExternalIdentifierQuerySet(models.QuerySet["ExternalIdentifier"]):
    def in_public(self) -> Self:
        """Leave out those that only imports use."""
        return self.exclude(scheme=IMPORTED_ROW)

    def named(self, value: str, scheme: str = "") -> Self:
        """Identifiers with this value, in capital or small letters; in one scheme, if given."""
        found = self.alias(lowered=Lower("value")).filter(lowered=Lower(Value(value)))
        return found.filter(scheme=scheme) if scheme else found


class ExternalIdentifier(models.Model):
    """The `value` under which the register named by `scheme` keeps an agreement; no two agreements share one."""

    agreement = of_agreement("identifiers")
    scheme = models.SlugField(
        _("scheme"),
        max_length=60,
        db_index=False,
        help_text=_(
            "Choose one from the list, or type another: small letters and hyphens, such as un-registration."
        ),
    )
    value = Line(
        _("identifier"),
        max_length=200,
        help_text=_("As the other register writes it. Shown to the public."),
    )

    objects = NaturalKeyManager.from_queryset(ExternalIdentifierQuerySet)()
    natural_key = key_of("scheme", "value", after=("agreement",))

    class Meta:
        verbose_name = _("identifier elsewhere")
        verbose_name_plural = _("identifiers elsewhere")
        ordering = ("scheme", "value")
        indexes = [models.Index(Lower("value"), name="identifier_by_value")]
        constraints = [
            once(
                "external_identifier_once",
                ["scheme", "value"],
                _(
                    "Another agreement already has this identifier. Open that one, or correct the identifier."
                ),
            ),
            rule(
                "external_identifier_filled",
                ~Q(scheme="") & ~Q(value=""),
                _("An identifier needs the name of its register and a value."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"

    @property
    def label(self) -> str:
        """The name of the scheme; of an unknown one, its code."""
        return label_of(self.scheme)

    @property
    def url(self) -> str:
        """Where the other register shows the agreement; empty if no URL can be made of the value."""
        return url_of(self.scheme, self.value)
