"""A row of the list of agreements: who is on the other side, what it is about, and which signatory was searched for.

If the selection names a country or a party, a row leads with the *other* side, otherwise with all. The list, and the
pages of parties and areas, show these rows; every template reads them by the tag `rows_of`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agreements.domain.choices import Kind, Role, Stage, TermKind
from agreements.domain.lifecycle import RUNNING
from agreements.domain.partial_dates import PartialDate
from agreements.domain.subjects import subject_of
from agreements.models import Agreement, Party, Signatory
from agreements.search import SearchQuery, pieces
from agreements.selection.fields import divided
from agreements.selection.signatories import holds

if TYPE_CHECKING:
    from agreements.selection.selection import Selection

# Two sides are named; more are counted, and only the first of them are named.
MOST_SIDES = 2
MOST_NAMED = 4
# An end within this many days is counted in days.
SOON = 180
# `get_kind_display` would read all choices again for each row
_KINDS = dict(Kind.choices)


@dataclass
class Side:
    """One side of an agreement: a country, or whatever belongs to none, with those of its bodies that take part."""

    name: str
    bodies: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """An agreement with the sides that its row names, and the signatories that the search found."""

    agreement: Agreement
    sides: list[Side]
    day: date
    signed_by: Sequence[Signatory] = ()

    @cached_property
    def subject(self) -> str:
        return subject_of(self.agreement.title)

    @property
    def is_cut(self) -> bool:
        return self.subject != self.agreement.title

    @cached_property
    def end(self) -> PartialDate | None:
        return self.agreement.known_end

    @property
    def about(self) -> str:
        """The kind and the areas."""
        kind = str(_KINDS.get(self.agreement.kind, self.agreement.kind))
        areas = ", ".join(area.name for area in self.agreement.areas.all())
        return f"{kind} · {areas}" if areas else kind

    @property
    def is_of_many(self) -> bool:
        return len(self.sides) > MOST_SIDES

    @property
    def named(self) -> list[str]:
        """The first of many sides."""
        return [side.name for side in self.sides[:MOST_NAMED]]

    @property
    def beyond(self) -> int:
        return len(self.sides) - len(self.named)

    @property
    def bodies(self) -> list[str]:
        return [body for side in self.sides for body in side.bodies]

    @property
    def has_end_to_name(self) -> bool:
        """Whether it ends on a day, known or not, rather than renews itself or runs without an end."""
        if self.end:
            return True
        lasting = (TermKind.INDEFINITE, TermKind.AUTOMATIC_RENEWAL)
        return self.agreement.stage == Stage.CONCLUDED and self.agreement.term_kind not in lasting

    @property
    def days_left(self) -> int | None:
        """The days to the end, if it is near and the agreement runs; None otherwise."""
        status = self.agreement.status  # type: ignore[attr-defined]
        if self.end is None or self.end.precision != "day" or status not in RUNNING:
            return None
        days = (self.end.latest - self.day).days
        return days if 0 <= days <= SOON else None


def rows(agreements: Iterable[Agreement], selection: "Selection") -> list[Row]:
    """Return the rows of a page, whose parties are fetched; one query for signatories if a name may be searched for."""
    agreements = list(agreements)
    asked = _Asked.of(selection, agreements)
    found = _signatories_found(agreements, selection)
    return [
        Row(each, _sides(each, asked), selection.as_of, found.get(each.pk, ()))
        for each in agreements
    ]


@dataclass(frozen=True)
class _Asked:
    """The countries and parties that a selection names."""

    countries: frozenset[str]
    parties: frozenset[int]

    @classmethod
    def of(cls, selection: "Selection", agreements: list[Agreement]) -> "_Asked":
        asked = selection.form.cleaned_data if selection.is_valid else {}
        codes, slugs = (divided(asked.get(name) or ())[0] for name in ("country", "party"))
        return cls(frozenset(codes), _below(slugs, agreements))

    def names(self, party: Party) -> bool:
        return str(party.country) in self.countries or party.pk in self.parties


def _below(slugs: Sequence[str], agreements: list[Agreement]) -> frozenset[int]:
    """Return the keys of the parties on the page that are one of these, or below one.

    One query, but only if a party is more than one level below its state and so whatever is above it is not fetched.
    """
    if not slugs:
        return frozenset()
    here = {p.party_id: p.party for each in agreements for p in each.participations.all()}
    found = {key for key, party in here.items() if _is_near(party, slugs)}
    deep = [
        key
        for key, party in here.items()
        if key not in found and party.parent and party.parent.parent_id
    ]
    if deep:
        below = Party.objects.at_or_below(slugs).filter(pk__in=deep).order_by()
        found.update(below.values_list("pk", flat=True))
    return frozenset(found)


def _is_near(party: Party, slugs: Sequence[str]) -> bool:
    return party.slug in slugs or (party.parent is not None and party.parent.slug in slugs)


def row_of(agreement: Agreement, day: date) -> Row:
    """Return an agreement whose parties are fetched as a row that names all sides; no query."""
    return Row(agreement, _sides(agreement, _Asked(frozenset(), frozenset())), day)


def _sides(agreement: Agreement, asked: _Asked) -> list[Side]:
    parties = [p.party for p in agreement.participations.all() if p.role == Role.PARTY]
    others = [party for party in parties if not asked.names(party)]
    sides: dict[str, Side] = {}
    for party in others or parties:
        name, body = _named(party)
        side = sides.setdefault(name, Side(name))
        if body and body not in side.bodies:
            side.bodies.append(body)
    return list(sides.values())


def _named(party: Party) -> tuple[str, str]:
    """Return the country of a party and, if it is a body of it, its own name; without a country, only that."""
    country: Any = party.country
    if not country or party.is_country:
        return party.name, ""
    above = party.parent
    if above is not None and above.is_country:
        return above.name, party.name
    return str(country.name), party.name


def _signatories_found(
    agreements: list[Agreement], selection: "Selection"
) -> dict[int, list[Signatory]]:
    """Return by agreement the signatories whose names or positions hold what is searched for."""
    search = selection.search
    text = selection.form.cleaned_data["signatory"] if selection.is_valid else ""
    if not (agreements and (search or text)):
        return {}
    signed = Signatory.objects.filter(agreement__in=[each.pk for each in agreements])
    found: dict[int, list[Signatory]] = {}
    for row in signed.select_related("person").prefetch_related("person__names"):
        if (text and holds(row, text)) or (search and _is_found(row, search)):
            found.setdefault(row.agreement_id, []).append(row)
    return found


def _is_found(row: Signatory, query: SearchQuery) -> bool:
    names = [row.name, row.as_published]
    if row.person:
        names += [row.person.name, *(each.name for each in row.person.names.all())]
    return any(piece.is_match for name in names for piece in pieces(name, query))
