"""Events in the life of an agreement, and the commitments made in it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import EventKind, Progress
from agreements.domain.partial_dates import PartialDateField
from agreements.models.columns import (
    Line,
    LongText,
    NaturalKeyManager,
    code,
    key_of,
    link,
    of_agreement,
    rule,
    supported_day,
)
from agreements.models.derived import Derives, SpellingsField
from agreements.models.parties import Party
from agreements.models.querysets import CommitmentQuerySet
from agreements.models.sources import Source


class Event(Derives):
    """A step in the life of an agreement, with its own source."""

    agreement = of_agreement("events")
    kind = code(_("kind"), EventKind)
    date = PartialDateField(
        _("date"), help_text=_("As much as is known: 8 October 2020, March 2021 or 2018.")
    )
    party = link(
        Party, "events", _("party"), _("If only one party took this step, such as a ratification.")
    )
    place = Line(_("place"), max_length=200, blank=True)
    note = LongText(
        _("note"), blank=True, help_text=_("What happened and who took part, in your own words.")
    )
    source = link(Source, "events", _("source"))

    searched = SpellingsField(of=("place", "note"))

    objects = NaturalKeyManager["Event"]()
    natural_key = key_of(
        "agreement.ref", "kind", "date", "note", after=("agreement", "party", "source")
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = (models.F("date_earliest").asc(nulls_last=True), "date_latest", "id")
        constraints = [PartialDateField.constraint("date")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.date or ''}".strip()


class Commitment(Derives):
    """What was promised, by whom, by when, and how far it has been carried out."""

    agreement = of_agreement("commitments")
    text = LongText(_("commitment"), help_text=_("What was promised, in your own words."))
    party = link(
        Party,
        "commitments",
        _("promised by"),
        _("Leave empty if the parties promised it together."),
    )
    due = PartialDateField(_("due"))
    progress = code(_("progress"), Progress, Progress.UNKNOWN)
    reviewed = models.DateField(
        _("last reviewed"), null=True, blank=True, validators=[supported_day]
    )
    note = LongText(_("note"), blank=True)
    is_public = models.BooleanField(
        _("public"),
        default=False,
        help_text=_("Shown on the agreement's page and in files once the record is published."),
    )

    searched = SpellingsField(of=("text", "note"))

    objects = NaturalKeyManager.from_queryset(CommitmentQuerySet)()
    natural_key = key_of("agreement.ref", "text", after=("agreement", "party"))

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = (models.F("due_earliest").asc(nulls_last=True), "id")
        constraints = [
            PartialDateField.constraint("due"),
            rule("commitment_says_something", ~Q(text=""), _("Say what was promised.")),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def is_overdue(self, day: date) -> bool:
        open_still = self.progress not in (Progress.FULFILLED, Progress.DROPPED)
        return open_still and self.due is not None and self.due.latest < day
