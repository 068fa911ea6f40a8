"""Who makes agreements: states, their ministries and agencies, and other bodies, with every name they go by."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.domain.choices import NameKind, PartyKind, Publication
from agreements.domain.partial_dates import PartialDate, PartialDateField
from agreements.domain.states import states
from agreements.models.columns import (
    Line,
    NaturalKeyManager,
    code,
    in_order,
    key_of,
    once,
    rule,
    text,
)
from agreements.models.derived import Derived, Derives, SpellingsField
from agreements.models.querysets import PartyQuerySet
from agreements.models.trees import Tree
from agreements.search import fold

_NAMED_IN = (
    "participations",
    "signatories",
    "signatures_as_second",
    "signatures_as_third",
    "events",
    "commitments",
)


def refuse_separator(name: str) -> None:
    """Refuse a semicolon in a name: files join several names with "; " and must be able to split them."""
    if ";" in name:
        raise ValidationError(
            _(
                "A name cannot contain a semicolon, which separates names in files. Use a comma instead."
            ),
            code="separator",
        )


class FoldedNameField(Derived, models.CharField):
    """The row's `name` as the search compares it, in its first spelling: rows with the same one may be duplicates."""

    of = ("name",)

    def computed(self, *values: str) -> str:
        return fold(*values)[: self.max_length]


class Named(Derives):
    """A row that is found by its name, in any spelling that the search folds to the same."""

    folded_name = FoldedNameField(
        max_length=255, editable=False, db_index=True, blank=True, default=""
    )

    class Meta:
        abstract = True


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
    # ISO 3166-1 alpha-2, XK, EU, or ISO 3166-3 for a former state: agreements/domain/states.json
    country = CountryField(
        _("country"),
        max_length=4,
        blank=True,
        help_text=_(
            "Required for a state. A body that is part of a state takes its country if this is left empty."
        ),
    )
    website = models.URLField(_("website"), blank=True)
    binds_members = models.BooleanField(
        _("its agreements bind its members"),
        default=False,
        help_text=_(
            "Only for an organisation whose own agreements bind its member states, as those of the European Union do."
        ),
    )
    searched = SpellingsField(of=("name", "short_name"))

    # set by `AgreementQuerySet.with_names_of_their_time` and by `with_successions`
    dated_names: list["PartyName"]
    predecessors: list[Any]
    successors: list[Any]

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

    @property
    def is_country(self) -> bool:
        """Whether this is a state, or something else that is named as its country is, such as Hong Kong; no query."""
        if self.kind == PartyKind.STATE:
            return True
        state = states().get(str(self.country))
        country: Any = self.country
        return state is not None and self.name in (state.name, country.name)

    def name_in_use(self, day: PartialDate | None, language: str) -> str:
        """Return the former name that the party certainly had on this day, empty if it had today's or none is known.

        Of several, the first in this language counts, else the first in English. Reads `dated_names`, which
        `AgreementQuerySet.with_names_of_their_time` fetches.
        """
        had = [name for name in self.dated_names if day and name.was_used_on(day)]
        own_first = sorted(had, key=lambda name: name.language != language.partition("-")[0])
        usable = [
            name for name in own_first if name.language in ("", "en", language.partition("-")[0])
        ]
        return usable[0].name if usable else ""

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
    used_from = PartialDateField(
        _("used from"), help_text=_("If the party took this name later than its others.")
    )
    used_until = PartialDateField(
        _("used until"),
        help_text=_(
            "When the party gave this name up. Agreements signed before show it beside today's name."
        ),
    )
    note = text(_("note"), 255, _("Where or when this name was used."))
    searched = SpellingsField(of=("name",))

    objects = NaturalKeyManager["PartyName"]()
    natural_key = key_of("party.slug", "name", after=("party",))

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names and spellings")
        ordering = ("name",)
        constraints = [
            once("party_name_once", ["party", "name"], _("This party already has that name.")),
            PartialDateField.constraint("used_from"),
            PartialDateField.constraint("used_until"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        start, end = self.used_from, self.used_until
        if start and end and end.latest < start.earliest:
            reversed_days = _(
                "The name was given up before it was taken. Correct one of the two dates."
            )
            raise ValidationError({"used_until": reversed_days})

    def was_used_on(self, day: PartialDate) -> bool:
        """Whether this former name was certainly in use on all of these days, but is no longer."""
        start, end = self.used_from, self.used_until
        is_early = end is not None and day.latest < end.earliest
        return is_early and (start is None or start.latest <= day.earliest)


_MEMBERSHIP_IN_ORDER, _clean_membership = in_order(
    "membership_in_order",
    "since",
    "until",
    _("The membership ends before it begins. Correct one of the two dates."),
)


class Membership(models.Model):
    """A member of an organisation, from one day to another; dates are empty if unknown or still to come."""

    organisation = models.ForeignKey(
        Party,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    member = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="member_of", verbose_name=_("member")
    )
    since = PartialDateField(_("member since"))
    until = PartialDateField(
        _("member until"), help_text=_("The last day. Leave empty for a present member.")
    )

    objects = NaturalKeyManager["Membership"]()
    natural_key = key_of("organisation.slug", "member.slug", "since", after=("party",))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("members of this organisation")
        ordering = ("since_earliest", "id")
        constraints = [
            PartialDateField.constraint("since"),
            PartialDateField.constraint("until"),
            once(
                "membership_once",
                ["organisation", "member", "since"],
                _("This member is entered twice with the same beginning. Remove one of the two."),
            ),
            rule(
                "membership_of_another",
                ~models.Q(organisation=models.F("member")),
                _("An organisation cannot be its own member. Choose another party."),
            ),
            _MEMBERSHIP_IN_ORDER,
        ]

    def __str__(self) -> str:
        return str(self.member)

    def clean(self) -> None:
        super().clean()
        _clean_membership(self)
