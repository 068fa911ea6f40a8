"""Agreements of the register as an import compares and writes them: their facts, and the rows that belong to them.

A snapshot is read from the database for many agreements at once. Its values are those of the models' columns: a party is
its id, a date known in part a `PartialDate`. `as_json` writes them for the memory of an import, `from_json` reads them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.domain.durations import Duration
from agreements.domain.facts import ENTERED
from agreements.domain.partial_dates import PartialDate
from agreements.domain.participation import OVER_TIME
from agreements.domain.value_types import type_of
from agreements.models import (
    Agreement,
    Commitment,
    Event,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Participation,
    Period,
    Relation,
    Signatory,
)

Values = dict[str, Any]
# the values that distinguish a row from the other rows of its agreement
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Facet:
    """Rows of one kind that belong to an agreement: two are the same if their `key` is.

    `key_if_given` are columns that belong to the key of rows in which they are filled.
    """

    name: str
    label: str | Promise
    model: Any
    key: tuple[str, ...]
    details: tuple[str, ...] = ()
    is_ordered: bool = False
    key_if_given: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.key_if_given, *self.details)

    @cached_property
    def links(self) -> dict[str, Any]:
        """The columns that hold the id of another row, with their fields."""
        fields = {name: self.model._meta.get_field(name) for name in self.columns}
        return {name: field for name, field in fields.items() if field.is_relation}

    def key_of(self, row: Values) -> Key:
        given = (name for name in self.key_if_given if row.get(name))
        return tuple(_comparable(row.get(name)) for name in (*self.key, *given))


def _comparable(value: Any) -> Any:
    """Return a date as text and every empty value as the empty text, so that all unknown values are equal."""
    return str(value) if isinstance(value, (PartialDate, date)) else value if value else ""


FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("parties", _("parties"), Participation, ("party_id", "role"), OVER_TIME, is_ordered=True),
        Facet("areas", _("cooperation areas"), Agreement.areas.through, ("area_id",)),
        Facet(
            "signatories", _("signatories"), Signatory, ("name",),
            ("title", "as_published", "signed", "party_id", "second_party_id", "third_party_id", "person_id"),
            is_ordered=True,
        ),
        Facet("events", _("timeline"), Event, ("kind", "date", "party_id", "note"), ("place", "source_id")),
        Facet("commitments", _("commitments"), Commitment, ("text",), (
            "party_id", "due", "progress", "reviewed", "note", "is_public",
        )),
        Facet("periods", _("periods"), Period, ("kind", "first", "last"), ("by_id", "note")),
        Facet("relations", _("related agreements"), Relation, ("kind", "target_id"), ("note",)),
        Facet(
            "evidence", _("evidence"), Evidence, ("fact", "source_id", "locator"), ("basis", "note"),
            key_if_given=("document_id",),
        ),
        Facet(
            "languages", _("language versions"), LanguageVersion, ("language",), ("status", "prevails", "title", "summary"),
        ),
        Facet("identifiers", _("identifiers elsewhere"), ExternalIdentifier, ("scheme", "value")),
    )
}  # fmt: skip


@dataclass
class Snapshot:
    """An agreement as it is stored. `rows` has every facet that was asked for; each row has its `id`."""

    key: int
    ref: str
    publication: str
    edit_token: str
    updated_at: datetime
    facts: Values
    rows: dict[str, list[Values]] = field(default_factory=dict)


def snapshots(keys: Iterable[int], *, lock: bool = False) -> dict[int, Snapshot]:
    """Return these agreements with all their rows, by id; one query and one for each facet.

    `lock` keeps them from other writers until the transaction ends.
    """
    wanted = Agreement.objects.filter(pk__in=list(keys)).order_by("pk")
    if lock:
        wanted = wanted.select_for_update(of=("self",))
    own = ("pk", "ref", "publication", "edit_token", "updated_at")
    found: dict[int, Snapshot] = {}
    for key, ref, publication, token, updated_at, *facts in wanted.values_list(*own, *ENTERED):
        named = dict(zip(ENTERED, facts, strict=True))
        found[key] = Snapshot(key, ref, publication, token, updated_at, named)
    for facet in FACETS.values() if found else ():
        for one in found.values():
            one.rows[facet.name] = []
        order = ("position", "id") if facet.is_ordered else ("id",)
        rows = facet.model.objects.filter(agreement_id__in=found).order_by(*order)
        for values in rows.values("agreement_id", *facet.columns, *order):
            found[values.pop("agreement_id")].rows[facet.name].append(values)
    return found


def settled(value: Any) -> Any:
    """Return the id of a party or source that the import has created; any other value as it is."""
    return getattr(value, "pk", value)


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, (PartialDate, Duration, date, Decimal)):
        return str(value)
    if isinstance(value, dict):
        return {name: as_json(part) for name, part in value.items() if name != "id"}
    return [as_json(part) for part in value] if isinstance(value, (list, tuple)) else value


def from_json(model: type[Model], values: Values) -> Values:
    """Return values that `as_json` wrote, of an agreement or of one of its rows."""
    return {
        name: type_of(model._meta.get_field(name)).restored(value) for name, value in values.items()
    }
