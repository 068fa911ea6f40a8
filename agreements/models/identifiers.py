"""Identifiers of an agreement in other registers: UK Treaties Online 10000, UN registration 5535.

Imports use them to find the records they wrote before, so that importing a file twice creates no duplicates.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.columns import Line, NaturalKeyManager, key_of, of_agreement, once, rule


class ExternalIdentifier(models.Model):
    """The `value` under which the register named by `scheme` keeps an agreement; no two agreements share one."""

    agreement = of_agreement("identifiers")
    scheme = models.SlugField(
        _("register"),
        max_length=60,
        db_index=False,
        help_text=_("The other register, such as uk-treaties-online or un-registration."),
    )
    value = Line(_("identifier there"), max_length=200)

    objects = NaturalKeyManager["ExternalIdentifier"]()
    natural_key = key_of("scheme", "value", after=("agreement",))

    class Meta:
        verbose_name = _("identifier elsewhere")
        verbose_name_plural = _("identifiers elsewhere")
        ordering = ("scheme", "value")
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
