"""What happened around an agreement and what was promised in it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import EventKind, Progress
from agreements.domain.partial_dates import PartialDateField
from agreements.models.agreements import Agreement
from agreements.models.parties import Party
from agreements.models.querysets import CommitmentQuerySet
from agreements.models.sources import Source


class EventManager(models.Manager["Event"]):
    def get_by_natural_key(self, ref: str, kind: str, on: str, note: str) -> "Event":
        return self.get(agreement__ref=ref, kind=kind, date=on, note=note)


class Event(models.Model):
    """A step in the life of an agreement, with its own source."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="events", verbose_name=_("agreement")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=EventKind)
    date = PartialDateField(
        _("date"),
        blank=True,
        help_text=_("As much as is known: 8 October 2020, March 2021 or 2018."),
    )
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("party"),
        help_text=_("If the step was one party's own, such as a ratification."),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    note = models.TextField(
        _("note"), blank=True, help_text=_("What happened and who took part, in our own words.")
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("source"),
    )

    objects = EventManager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = (models.F("date_earliest").asc(nulls_last=True), "date_latest", "id")
        constraints = [
            PartialDateField.constraint("date"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.date or ''}".strip()

    def natural_key(self) -> tuple[str, str, str, str]:
        return (self.agreement.ref, self.kind, str(self.date or ""), self.note)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "agreements.agreement",
        "agreements.party",
        "agreements.source",
    ]


class CommitmentManager(models.Manager.from_queryset(CommitmentQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, ref: str, text: str) -> "Commitment":
        return self.get(agreement__ref=ref, text=text)


class Commitment(models.Model):
    """What was promised, by whom, due when, and how far it has come."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="commitments", verbose_name=_("agreement")
    )
    text = models.TextField(_("commitment"), help_text=_("What was promised, in our own words."))
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("promised by"),
        help_text=_("Leave empty if the parties promised it together."),
    )
    due = PartialDateField(_("due"), blank=True)
    progress = models.CharField(
        _("progress"), max_length=20, choices=Progress, default=Progress.UNKNOWN
    )
    reviewed = models.DateField(_("last looked into"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = CommitmentManager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = (models.F("due_earliest").asc(nulls_last=True), "id")
        constraints = [
            PartialDateField.constraint("due"),
            models.CheckConstraint(
                name="commitment_says_something",
                condition=~Q(text=""),
                violation_error_message=_("Say what was promised."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def natural_key(self) -> tuple[str, str]:
        return (self.agreement.ref, self.text)

    natural_key.dependencies = ["agreements.agreement", "agreements.party"]  # type: ignore[attr-defined]

    def is_overdue(self, day: date) -> bool:
        open_still = self.progress not in (Progress.FULFILLED, Progress.DROPPED)
        return open_still and self.due is not None and self.due.latest < day
