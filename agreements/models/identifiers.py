"""What other registers call an agreement: UK Treaties Online 10000, UN registration 5535.

An import finds by them the record that it wrote before, so that a file taken in twice doubles nothing.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement


class ExternalIdentifierManager(models.Manager["ExternalIdentifier"]):
    def get_by_natural_key(self, scheme: str, value: str) -> "ExternalIdentifier":
        return self.get(scheme=scheme, value=value)


class ExternalIdentifier(models.Model):
    """The `value` under which the register named by `scheme` keeps an agreement; no two agreements share one."""

    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        related_name="identifiers",
        verbose_name=_("agreement"),
    )
    scheme = models.SlugField(
        _("register"),
        max_length=60,
        db_index=False,
        help_text=_("The other register, such as uk-treaties-online or un-registration."),
    )
    value = models.CharField(_("identifier there"), max_length=200)

    objects = ExternalIdentifierManager()

    class Meta:
        verbose_name = _("identifier elsewhere")
        verbose_name_plural = _("identifiers elsewhere")
        ordering = ("scheme", "value")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"],
                name="external_identifier_once",
                violation_error_message=_(
                    "Another agreement has this identifier already. Open that one, or correct the identifier."
                ),
            ),
            models.CheckConstraint(
                name="external_identifier_filled",
                condition=~Q(scheme="") & ~Q(value=""),
                violation_error_message=_(
                    "An identifier needs the name of its register and a value."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"

    def natural_key(self) -> tuple[str, str]:
        return (self.scheme, self.value)

    natural_key.dependencies = ["agreements.agreement"]  # type: ignore[attr-defined]
