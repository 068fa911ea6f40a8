"""Who took the place of whom: a state that succeeded another, a ministry that replaced an earlier one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import PartyKind
from agreements.domain.partial_dates import PartialDate, PartialDateField
from agreements.models.columns import NaturalKeyManager, key_of, once, rule
from agreements.models.parties import Party

_Parties = TypeVar("_Parties", bound=Iterable[Party])


class Succession(models.Model):
    """Another party took the place of `predecessor` on this day.

    It is part of the predecessor's record; one that several parties succeeded has a row for each.
    """

    predecessor = models.ForeignKey(
        Party,
        on_delete=models.CASCADE,
        related_name="succeeded_by",
        verbose_name=_("predecessor"),
    )
    successor = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="succeeded", verbose_name=_("successor")
    )
    date = PartialDateField(_("date"), help_text=_("From when it stands in its place."))

    objects = NaturalKeyManager["Succession"]()
    natural_key = key_of("predecessor.slug", "successor.slug", after=("party",))

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ("date_earliest", "id")
        constraints = [
            PartialDateField.constraint("date"),
            once(
                "succession_once",
                ["predecessor", "successor"],
                _("This successor is entered twice. Remove one of the two."),
            ),
            rule(
                "succession_of_another",
                ~Q(predecessor=models.F("successor")),
                _("A party cannot succeed itself. Choose another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"

    def clean(self) -> None:
        super().clean()
        reversed_one = Succession.objects.filter(
            predecessor=self.successor_id, successor=self.predecessor_id
        )
        if self.predecessor_id and self.successor_id and reversed_one.exists():
            both_ways = _("That party is entered as succeeded by this one. Only one can be right.")
            raise ValidationError({"successor": both_ways})


@dataclass(frozen=True)
class Neighbour:
    """A predecessor or successor of a party, and when it took or gave the place; `has_page` if it is in public."""

    party: Party
    date: PartialDate | None
    has_page: bool


def with_successions(parties: _Parties) -> _Parties:
    """Give each party its `predecessors` and `successors` as the public may see them; two queries, then return them.

    States are common knowledge; other parties are left out until a published agreement names them.
    """
    by_key = {party.pk: party for party in parties}
    for party in by_key.values():
        party.predecessors, party.successors = [], []
    named = Q(predecessor__in=by_key) | Q(successor__in=by_key)
    rows = list(Succession.objects.filter(named).select_related("predecessor", "successor"))
    keys = {key for row in rows for key in (row.predecessor_id, row.successor_id)}
    seen = set()
    if keys:
        seen = set(Party.objects.in_public().filter(pk__in=keys).values_list("pk", flat=True))
    for row in rows:
        for own, other, name in (
            (row.successor_id, row.predecessor, "predecessors"),
            (row.predecessor_id, row.successor, "successors"),
        ):
            is_told = other.pk in seen or other.kind == PartyKind.STATE
            if own in by_key and is_told:
                getattr(by_key[own], name).append(Neighbour(other, row.date, other.pk in seen))
    return parties
