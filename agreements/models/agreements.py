"""The agreement.

Three states are kept apart here: the lifecycle (`stage` and the dates, from which `agreements.domain.lifecycle` computes
the status on any day), the publication, and the verification.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.domain import lifecycle
from agreements.domain.choices import (
    Kind,
    LegalNature,
    Plurality,
    Publication,
    Stage,
    Status,
    TermKind,
    TextAvailability,
    Verification,
)
from agreements.domain.currencies import currency_choices
from agreements.domain.durations import DurationField
from agreements.domain.facts import VALUES
from agreements.domain.partial_dates import PartialDate, PartialDateError, PartialDateField
from agreements.models.areas import Area
from agreements.models.columns import (
    LONGEST_TITLE,
    LongText,
    NaturalKeyManager,
    code,
    key_of,
    rule,
    text,
)
from agreements.models.derived import Derives, SortKeyField
from agreements.models.edit_tokens import Tokened
from agreements.models.querysets import AgreementQuerySet, SortTitle
from agreements.models.references import REF_PATTERN, ReferenceCounter

# The end of the term is computed from these.
_TERM_FIELDS = frozenset({"term_kind", "term", "in_force", "expires_stated"})
# Room for the references of about a hundred others.
MOST_KEPT_APART = 1_000
# Fields that the public does not see, and those that every save sets or derives from the rest.
_NOT_COMPARED = {
    *(value.name for value in VALUES.values() if not value.is_public),
    *(
        "kept_apart",
        "edit_token",
        "created_at",
        "updated_at",
        "expires",
        "expires_earliest",
        "expires_latest",
    ),
    *("term_end", "term_end_earliest", "term_end_latest"),
    "title_sort",
}


class EndField(PartialDateField):
    """An end computed at every save from the term and its start."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        end = model_instance.end_of_term()  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, end)
        return super().pre_save(model_instance, add)


class ProlongedEndField(EndField):
    """The end of the last period: that of the own term, unless a renewal or extension has moved it.

    `refresh_derived` moves it in the database. Must be saved before `term_end`, which still holds the end as loaded.
    """

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        if model_instance.expires != model_instance.term_end:
            return super(EndField, self).pre_save(model_instance, add)
        return super().pre_save(model_instance, add)


class Agreement(Derives, Tokened):
    ref = models.CharField(
        _("reference"),
        max_length=24,
        unique=True,
        editable=False,
        validators=[RegexValidator(rf"^{REF_PATTERN}$")],
        help_text=_("Assigned once and public; never changed and never reused."),
    )
    title = LongText(
        _("title"),
        max_length=LONGEST_TITLE,
        help_text=_(
            "The official title if it is known, otherwise a neutral description in your own words."
        ),
    )
    title_sort = SortKeyField(of=("title",))
    summary = LongText(
        _("summary"),
        blank=True,
        help_text=_("What was agreed, in two or three sentences of your own. Shown to the public."),
    )
    kind = code(_("kind"), Kind, Kind.MOU, _("What the parties themselves call it."), max_length=30)
    plurality_stated = code(
        _("bilateral or multilateral"),
        Plurality,
        "",
        _("Only if a source says so. Otherwise it follows from the number of parties."),
        blank=True,
    )
    subject = text(
        _("subject"),
        200,
        _("What the source files it under, in its own words. The cooperation areas are ours."),
    )
    legal_nature = code(
        _("legal nature"),
        LegalNature,
        LegalNature.NOT_ASSESSED,
        _("Only if somebody has assessed it; the title alone does not show it."),
    )
    text_availability = code(
        _("availability of the text"),
        TextAvailability,
        TextAvailability.UNKNOWN,
        _(
            "“Confidential” only if it is known that the parties keep the text to themselves. Shown to the public."
        ),
    )
    areas = models.ManyToManyField(
        Area,
        related_name="agreements",
        blank=True,
        verbose_name=_("cooperation areas"),
        help_text=_("Only those the source names. Choose none if the areas are not known."),
    )

    stage = code(
        _("stage"),
        Stage,
        Stage.CONCLUDED,
        _(
            "How far it has progressed. Concluded means signed or otherwise agreed; the dates below say when."
        ),
    )
    stage_reported = PartialDateField(
        _("stage reported"),
        help_text=_(
            "The day on which a source reported this stage. For earlier days the register then does not claim it. "
            "Leave empty if not known."
        ),
    )
    signed = PartialDateField(
        pgettext_lazy("date", "signed"),
        help_text=_(
            "As much as is known: 25 May 2022, August 2023 or 2018. Write “about October 2023” "
            "if the source does not state it exactly. Leave empty if not signed or not known."
        ),
    )
    signed_old_style = text(
        _("Old Style date"),
        60,
        _(
            "Only if documents of the time use the Julian calendar: 12 October 1813 where the date of signature is "
            "24 October 1813."
        ),
    )
    place = text(_("place of signature"), 200, _("Leave empty if it is not stated."))
    in_force = PartialDateField(
        _("entered into force"),
        help_text=_(
            "If it took effect on signature, repeat the date of signature. Leave empty if not known."
        ),
    )
    term_kind = code(
        _("term"),
        TermKind,
        TermKind.UNKNOWN,
        _("“Indefinite” means that the document says so; otherwise choose “Unknown”."),
    )
    term = DurationField(
        _("length"),
        help_text=_(
            "How long the term lasts, or the first one if it is renewed: 3 years, 18 months or 120 days."
        ),
    )
    renewal = DurationField(
        _("each renewal"),
        help_text=_("Only if renewals are not as long as the first term, such as 1 year."),
    )
    minimum_term = DurationField(
        _("minimum term"),
        help_text=_(
            "How long it lasts at least, whatever notice is given. Leave empty if not stated."
        ),
    )
    expires_stated = PartialDateField(
        _("end named by the document"),
        help_text=_(
            "The last day in force, only if the document names it. Otherwise it is computed from the entry into force "
            "and the length."
        ),
    )
    notice = DurationField(
        _("notice"),
        help_text=_(
            "How long before the end notice must be given, such as 6 months or 30 days. Leave empty if not known."
        ),
    )
    terminated = PartialDateField(
        pgettext_lazy("date", "terminated"),
        help_text=_("The day on which a termination took effect, not the end of the term."),
    )
    review_due = PartialDateField(
        _("review due"),
        help_text=_(
            "When the parties or the responsible unit will review it. Shown to the public. Leave empty if no date is set."
        ),
    )

    funding_amount = models.DecimalField(
        _("funding"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "How much money was agreed on in total, such as 1250000.50. Leave empty if not stated."
        ),
    )
    funding_currency = models.CharField(
        _("currency of the funding"),
        max_length=3,
        choices=currency_choices,
        blank=True,
        help_text=_("Only with an amount."),
    )

    parties_note = text(
        _("why fewer than two parties"),
        500,
        _(
            "Only if two parties cannot be named, for example “The other party is not named in the source.” "
            "Shown to the public."
        ),
    )
    responsible_unit = text(
        _("responsible unit"), 200, _("The department in charge of it. Shown to the public.")
    )
    responsible = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="responsible_for",
        blank=True,
        verbose_name=_("responsible people"),
        help_text=_(
            "They get e-mail reminders of its end, the last day for notice and its commitments. "
            "Never shown to the public."
        ),
    )
    public_notes = LongText(
        _("public notes"), blank=True, help_text=_("Shown on the agreement's page.")
    )
    internal_notes = LongText(
        _("internal notes"),
        blank=True,
        help_text=_("For staff only; never on a public page, in a file or a feed."),
    )
    # References of agreements that look like this one, separated by spaces. Only `curation.kept_apart` writes it.
    kept_apart = text(
        _("not the same as"),
        MOST_KEPT_APART,
        _("References of similar agreements that staff have found to be others. For staff only."),
    )

    publication = code(
        _("publication"),
        Publication,
        Publication.DRAFT,
        _("The public sees only published records."),
    )
    published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_index=True)

    # Derived, so that lists, filters and files of any size can query them. `term_end` is computed from the columns above
    # at every save, the others also from other rows by `refresh_derived`.
    expires = ProlongedEndField(pgettext_lazy("date", "ends"), editable=False)
    term_end = EndField(_("end of the first term"), editable=False)
    superseded_on = models.DateField(_("superseded on"), null=True, editable=False)
    verification = code(
        _("verification"), Verification, Verification.UNVERIFIED, editable=False, db_index=True
    )

    objects = NaturalKeyManager.from_queryset(AgreementQuerySet)()
    natural_key = key_of("ref")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("ref",)
        permissions = [
            ("publish_agreement", "Can publish, return and withdraw agreements"),
            ("import_agreements", "Can import agreements from files"),
        ]
        indexes = [
            models.Index(fields=["publication", "signed_earliest", "signed_latest", "ref"]),
            models.Index("publication", SortTitle("title_sort"), "ref", name="agreement_by_title"),
            models.Index(fields=["publication", "published_at", "ref"]),
            models.Index(fields=["publication", "-updated_at", "ref"]),
        ]
        constraints = [
            *map(
                PartialDateField.constraint,
                (
                    *("stage_reported", "signed", "in_force", "expires_stated", "expires"),
                    *("term_end", "terminated", "review_due"),
                ),
            ),
            rule(
                "agreement_has_title",
                ~Q(title=""),
                _("An agreement needs a title. Describe it if it has no official title."),
            ),
            rule(
                "agreement_term_length_possible",
                DurationField.condition("term")
                & DurationField.condition("renewal")
                & DurationField.condition("minimum_term"),
                _("A term lasts from 1 day to 200 years. Correct its length, or leave it empty."),
            ),
            rule(
                "agreement_notice_possible",
                DurationField.condition("notice", least=0),
                _(
                    "Notice is given at most 200 years ahead. Correct the length, or leave it empty."
                ),
            ),
            rule(
                "agreement_length_only_of_a_term",
                Q(term__isnull=True)
                | Q(term_kind__in=[TermKind.FIXED, TermKind.AUTOMATIC_RENEWAL]),
                _(
                    "A length goes with a fixed term or an automatic renewal. "
                    "Choose one of these, or leave the length empty."
                ),
            ),
            rule(
                "agreement_renewal_only_if_renewed",
                Q(renewal__isnull=True) | Q(term_kind=TermKind.AUTOMATIC_RENEWAL),
                _(
                    "Only an agreement that is renewed automatically has a length of each renewal. "
                    "Choose automatic renewal, or leave it empty."
                ),
            ),
            rule(
                "agreement_funding_has_currency",
                Q(funding_amount__isnull=True, funding_currency="")
                | (
                    Q(funding_amount__isnull=False, funding_amount__gte=0) & ~Q(funding_currency="")
                ),
                _("Give both an amount and its currency, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.ref:
            self.ref = ReferenceCounter.take()[0]
        elif self._state.adding:
            ReferenceCounter.mark_given(self.ref)
        written = kwargs.get("update_fields")
        if written is not None and _TERM_FIELDS.intersection(written):
            kwargs["update_fields"] = {*written, "expires", "term_end"}
        elif written is None and self._looks_the_same():
            fields = self._meta.concrete_fields
            kwargs["update_fields"] = {f.name for f in fields if not f.primary_key} - {"updated_at"}
        super().save(*args, **kwargs)

    def _looks_the_same(self) -> bool:
        """Whether this is published and saving it would change nothing that the public sees; one query if published."""
        if not self.is_public or self._state.adding:
            return False
        shown = [f.name for f in self._meta.concrete_fields if f.name not in _NOT_COMPARED]
        stored = type(self)._base_manager.filter(pk=self.pk).values(*shown).first()
        return stored == {name: getattr(self, name) for name in shown}

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement_detail", args=[self.ref])

    def clean(self) -> None:
        super().clean()
        if (self.funding_amount is None) == bool(self.funding_currency):
            raise ValidationError(
                {"funding_currency": _("Give both an amount and its currency, or neither.")}
            )
        try:
            self.end_of_term()
        except PartialDateError as refusal:
            raise ValidationError({"term": str(refusal)}) from refusal

    def end_of_term(self) -> PartialDate | None:
        return lifecycle.end_of_term(**{name: getattr(self, name) for name in _TERM_FIELDS})

    @property
    def is_public(self) -> bool:
        return self.publication == Publication.PUBLISHED

    @property
    def counts_for_others(self) -> bool:
        """Whether it can change the status of other agreements."""
        return self.is_public and self.stage == Stage.CONCLUDED

    def standing(self, day: date, today: date | None = None) -> lifecycle.Standing:
        """Return the status on `day` and the reason for it, by the Python rule; one query unless `periods` are fetched.

        `today` is the register's calendar day if not given.
        """
        return lifecycle.standing_on(self, day, today)

    @property
    def known_end(self) -> PartialDate | None:
        """The date of the ending that comes first; None if none is known or the agreement was never concluded; no
        query.
        """
        ending = lifecycle.first_ending(self)
        if ending is None or self.stage != Stage.CONCLUDED:
            return None
        dates = {Status.TERMINATED: self.terminated, Status.EXPIRED: self.expires}
        return dates.get(ending[0]) or PartialDate.from_date(ending[1])

    def period_end(self, day: date) -> PartialDate | None:
        """Return the end of the renewal period running on `day`, if the agreement renews itself."""
        return lifecycle.end_of_current_period(self, day)


@receiver(pre_save, sender=Agreement, dispatch_uid="fixture_leaves_out_what_follows")
def _about_to_be_loaded(instance: Agreement, raw: bool, **kwargs: object) -> None:
    """Fill in what a fixture leaves out, as fixtures are saved raw, without `save` and the fields' `pre_save`."""
    if not raw:
        return
    ReferenceCounter.mark_given(instance.ref)
    for name in ("expires", "term_end"):
        field: Any = Agreement._meta.get_field(name)
        field.pre_save(instance, add=instance.pk is None)
    entered = Agreement.objects.filter(pk=instance.pk).values_list("created_at", flat=True).first()
    instance.created_at = instance.created_at or entered or timezone.now()
    instance.updated_at = instance.updated_at or timezone.now()
