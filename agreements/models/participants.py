"""Who takes part in an agreement, since when and until when, and who signed it."""

from typing import Any

from django.db import models
from django.db.models import Case, F, GeneratedField, Q, Value, When
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Consent, Ended, Role
from agreements.domain.partial_dates import OPEN_END, PartialDateField
from agreements.domain.participation import AFTER_SIGNATURE, OVER_TIME, STARTS
from agreements.models.columns import (
    Line,
    LongText,
    NaturalKeyManager,
    code,
    in_order,
    key_of,
    link,
    of_agreement,
    once,
    rule,
    text,
)
from agreements.models.derived import Derives, SpellingsField
from agreements.models.parties import Party, refuse_separator
from agreements.models.people import Person


def _own_date(label: Any, help_text: Any = "") -> PartialDateField:
    """Return the column of a date of one party; `first_day` and `last_day` are compared instead of its days."""
    return PartialDateField(label, are_days_indexed=False, help_text=help_text)


def _first_day() -> Case:
    """The SQL of the first day in `agreements.domain.participation.days_of`."""
    never = Value(OPEN_END, output_field=models.DateField())
    starts = (Coalesce(F(f"{name}_earliest"), never) for name in STARTS)
    depends_on_agreement = Q(signed="", consent__in=AFTER_SIGNATURE)
    return Case(When(depends_on_agreement, then=None), default=NullIf(Least(*starts), never))


def _last_day() -> Coalesce:
    """The SQL of the last day in `agreements.domain.participation.days_of`."""
    is_provisional_only = Q(signed="", consent="", consented="", in_force_from="")
    provisional = Case(When(is_provisional_only, then=F("provisional_until_latest")), default=None)
    return Coalesce(F("in_force_until_latest"), provisional)


_ENDS_AFTER_IT_BEGAN, _clean_force = in_order(
    "participation_ends_after_it_began",
    "in_force_from",
    "in_force_until",
    _("The last day is before the entry into force for this party. Correct one of the two."),
)
_PROVISIONAL_IN_ORDER, _clean_provisional = in_order(
    "participation_provisional_in_order",
    "provisional_from",
    "provisional_until",
    _("The provisional application ends before it begins. Correct one of the two dates."),
)


class Participation(models.Model):
    """A party in an agreement, in a role; with its own dates where they differ from the agreement's.

    The database computes `first_day` and `last_day`, between which it may take part. Both are NULL for most rows, which
    take part on every day on which the agreement exists.
    """

    agreement = of_agreement("participations")
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="participations", verbose_name=_("party")
    )
    role = code(_("role"), Role, Role.PARTY)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    name_as_signed = text(
        _("name as signed"), 255, _("Only if the party signed under another name.")
    )
    signed = _own_date(_("signed by it"), _("If it signed on another day than the agreement's."))
    consent = code(
        _("consent to be bound"),
        Consent,
        "",
        _("How it consented to be bound, or that it has only signed."),
        blank=True,
        max_length=24,
    )
    consented = _own_date(_("date of consent"), _("Such as the deposit of its instrument."))
    consent_withdrawn = _own_date(
        _("consent withdrawn"),
        _("If it took back its consent before entry into force and remains a signatory."),
    )
    in_force_from = _own_date(_("in force for it from"), _("If later than for the others."))
    in_force_until = _own_date(
        _("last day"), _("The last day on which it was a party, or a signatory.")
    )
    ended_by = code(_("why it ended"), Ended, "", blank=True, max_length=24)
    withdrawal_notified = _own_date(_("notice of withdrawal"))
    provisional_from = _own_date(_("provisionally applied from"))
    provisional_until = _own_date(_("provisionally applied until"), _("The last day."))
    reservations = LongText(_("reservations and declarations"), blank=True)

    first_day = GeneratedField(
        expression=_first_day(), output_field=models.DateField(), db_persist=True, serialize=False
    )
    last_day = GeneratedField(
        expression=_last_day(), output_field=models.DateField(), db_persist=True, serialize=False
    )

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
            ),
            *(
                PartialDateField.constraint(name)
                for name in (
                    "signed",
                    "consented",
                    "consent_withdrawn",
                    "in_force_from",
                    "in_force_until",
                    "withdrawal_notified",
                    "provisional_from",
                    "provisional_until",
                )
            ),
            _ENDS_AFTER_IT_BEGAN,
            _PROVISIONAL_IN_ORDER,
            rule(
                "participation_end_has_a_day",
                Q(ended_by="") | ~Q(in_force_until=""),
                _(
                    "Enter the last day as well, as precisely as it is known: without it, the party still counts as one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return (
            str(self.party)
            if self.role == Role.PARTY
            else f"{self.party} ({self.get_role_display()})"
        )

    def clean(self) -> None:
        super().clean()
        _clean_force(self)
        _clean_provisional(self)

    @property
    def has_own_history(self) -> bool:
        """Whether anything is recorded about this party over time."""
        return any(getattr(self, name) for name in OVER_TIME)


class Signatory(Derives):
    """Who signed, in which position, for whom.

    It names the party rather than the participation row, so that parties and signatories can be entered on one page.
    """

    agreement = of_agreement("signatories")
    name = Line(_("name"), max_length=200, validators=[refuse_separator])
    title = text(_("position held"), 200, _("The position held at the time, such as Minister."))
    party = link(Party, "signatories", _("signed for"), _("One of the parties above."))
    second_party = link(
        Party,
        "signatures_as_second",
        _("also signed for"),
        _("If one person signed for two parties."),
    )
    third_party = link(Party, "signatures_as_third", _("and for"))
    person = link(
        Person,
        "signatures",
        _("person"),
        _("Who this is, if they have a page here. The name above stays as it was signed."),
    )
    as_published = text(_("as published"), 200, _("Another spelling that the source uses."))
    signed = PartialDateField(
        _("signed on"), help_text=_("Only if it differs from the date of the agreement.")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    searched = SpellingsField(of=("name", "as_published", "title"))

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

    @property
    def signed_for(self) -> list[Party]:
        """The parties that this person signed for, each once, in order."""
        named = (self.party, self.second_party, self.third_party)
        return list(dict.fromkeys(party for party in named if party is not None))
