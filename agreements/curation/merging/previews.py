"""Shows what a merge would do: what moves, where both parties take part, and where they differ."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements.curation.history.states import kept_fields, values_of
from agreements.curation.history.words import value_in_words
from agreements.curation.merging.obstacles import lineage, refuse
from agreements.curation.merging.rows import ROWS_OF_AGREEMENTS, ROWS_OF_ITS_OWN, clashing, naming
from agreements.domain.permissions import Person
from agreements.models import (
    Agreement,
    FormerPartySlug,
    Membership,
    Participation,
    Party,
    PartyName,
)

# Where the two differ in these columns, the user chooses.
CHOOSABLE = ("short_name", "kind", "country", "website", "binds_members", "parent")
MOST_SHOWN = 20


@dataclass(frozen=True)
class Difference:
    """A column in which the two parties differ; a choice unless one of them is empty."""

    column: str
    label: str
    kept: str
    other: str
    is_choice: bool


@dataclass(frozen=True)
class Preview:
    """What a merge would do: how many rows of each kind move, agreements shared, differences, names added."""

    kept: Party
    other: Party
    moving: list[tuple[str, int]]
    agreements: int
    shared: list[Agreement]
    shared_count: int
    differences: list[Difference]
    new_names: list[str]


def preview(kept: Party, other: Party, *, by: Person | None) -> Preview:
    """Return what merging `other` into `kept` would do; about twenty queries. Raises `MergeError`."""
    refuse(kept, other, by)
    shared = Agreement.objects.filter(pk__in=clashing(kept, other).values("agreement"))
    found = list(differences(kept, other))
    filled = [difference.column for difference in found if not difference.is_choice]
    return Preview(
        kept=kept,
        other=other,
        moving=list(_counts(other)),
        agreements=naming(other).count(),
        shared=list(shared.order_by("pk")[:MOST_SHOWN]),
        shared_count=shared.count(),
        differences=found,
        new_names=new_names(kept, other, taken=filled),
    )


def _counts(party: Party) -> Iterator[tuple[str, int]]:
    labels = {
        Participation: _("participations"),
        FormerPartySlug: _("former URLs"),
        Party: _("bodies that are part of it"),
        Membership: _("memberships"),
    }
    counted: Counter[str] = Counter()
    for model, column in (*ROWS_OF_AGREEMENTS.values(), *ROWS_OF_ITS_OWN.values()):
        label = str(labels.get(model, model._meta.verbose_name_plural))
        counted[label] += model._default_manager.filter(**{column: party}).count()
    yield from (+counted).items()


def differences(kept: Party, other: Party) -> Iterator[Difference]:
    """Yield the columns in which `other` has a value that `kept` does not have."""
    fields = {field.name: field for field in kept_fields(Party)}
    all_ours, all_theirs = values_of(kept), values_of(other)
    for column in CHOOSABLE:
        field, ours, theirs = fields[column], all_ours[column], all_theirs[column]
        if theirs and ours != theirs and not _closes_a_loop(kept, other, column):
            yield Difference(
                column,
                str(field.verbose_name),
                value_in_words(field, ours, {}),
                value_in_words(field, theirs, {}),
                is_choice=bool(ours),
            )


def _closes_a_loop(kept: Party, other: Party, column: str) -> bool:
    """Whether the parent of `other` is `kept` or lies under it."""
    if column != "parent" or other.parent is None:
        return False
    return kept.pk in [other.parent.pk, *lineage(other.parent)]


def value_of(party: Party, column: str) -> int | str | None:
    """Return the value of a column as JSON stores it: an id, or a text."""
    return party.parent_id if column == "parent" else str(getattr(party, column))


def set_value(party: Party, column: str, value: object) -> None:
    setattr(party, "parent_id" if column == "parent" else column, value)


def new_names(kept: Party, other: Party, *, taken: Iterable[str]) -> list[str]:
    """Return the names of `other` that are neither in a column of `kept` nor a spelling of either."""
    lost = [other.name, "" if "short_name" in taken else other.short_name]
    spelled = PartyName.objects.filter(party__in=[kept, other], name__in=lost)
    known = {"", kept.name, kept.short_name, *spelled.values_list("name", flat=True)}
    return [name for name in dict.fromkeys(lost) if name not in known]
