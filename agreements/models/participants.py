"""Who takes part in an agreement, and who signed it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Role
from agreements.domain.partial_dates import PartialDateField
from agreements.models.columns import (
    Line,
    NaturalKeyManager,
    code,
    key_of,
    link,
    of_agreement,
    once,
    text,
)
from agreements.models.parties import Party, refuse_separator


class Participation(models.Model):
    """A party in an agreement, in a role."""

    agreement = of_agreement("participations")
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="participations", verbose_name=_("party")
    )
    role = code(_("role"), Role, Role.PARTY)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = NaturalKeyManager["Participation"]()
    natural_key = key_of("agreement.ref", "party.slug", "role", after=("agreement", "party"))

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("parties")
        ordering = ("position", "id")
        constraints = [
            once(
                "participation_once_per_role",
                ["agreement", "party", "role"],
                _("This party is entered twice in the same role. Remove one of the two."),
            )
        ]

    def __str__(self) -> str:
        return (
            str(self.party)
            if self.role == Role.PARTY
            else f"{self.party} ({self.get_role_display()})"
        )


class Signatory(models.Model):
    """Who signed, in which position, for whom.

    It names the party rather than the participation row, so that parties and signatories can be entered on one page.
    """

    agreement = of_agreement("signatories")
    name = Line(_("name"), max_length=200, validators=[refuse_separator])
    title = text(_("position held"), 200, _("The position held at the time, such as Minister."))
    party = link(Party, "signatories", _("signed for"), _("One of the parties above."))
    as_published = text(_("as published"), 200, _("Another spelling that the source uses."))
    signed = PartialDateField(
        _("signed on"), help_text=_("Only if it differs from the date of the agreement.")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = NaturalKeyManager["Signatory"]()
    natural_key = key_of("agreement.ref", "name", after=("agreement", "party"))

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ("position", "id")
        constraints = [
            PartialDateField.constraint("signed"),
            once(
                "signatory_once",
                ["agreement", "name"],
                _("This signatory is entered twice. Remove one of the two."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
