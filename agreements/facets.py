"""How many agreements of a selection each further choice would leave: the counts beside the filters.

Within a facet choices add up (or), between facets they narrow (and); so a facet is counted over the selection without
its own choice. The page draws facets as the filter form's choices; statistics and the API count by the same functions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.choices import Kind, LegalNature, Status, Verification
from agreements.filters import AgreementFilterSet
from agreements.lifecycle import status_expression
from agreements.models import Agreement, Area, Document, Participation, Party
from agreements.partial_dates import OPEN_END, OPEN_START
from agreements.portfolios import count_upwards
from agreements.querysets import AgreementQuerySet

FIRST_SHOWN = 10
MOST_SHOWN = 200
FIRST_YEAR, LAST_YEAR = 1000, 2999

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many agreements it has in the rest of the selection, and whether it is chosen."""

    value: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """The choices of one filter, those that matter first; a chosen one is never left out, though it count nothing."""

    parameter: str
    label: str
    choices: Sequence[Choice]
    beyond: int = 0
    is_single: bool = False

    @property
    def input_type(self) -> str:
        return "radio" if self.is_single else "checkbox"

    @property
    def first(self) -> Sequence[Choice]:
        """The choices to show at once: ten, and the chosen ones wherever they stand."""
        if self._is_whole:
            return self.choices
        return [c for place, c in enumerate(self.choices) if place < FIRST_SHOWN or c.is_chosen]

    @property
    def rest(self) -> Sequence[Choice]:
        """The choices to show on request."""
        if self._is_whole:
            return []
        return [
            c for place, c in enumerate(self.choices) if place >= FIRST_SHOWN and not c.is_chosen
        ]

    @property
    def _is_whole(self) -> bool:
        # Folding two or three away takes more room than it saves; a tree is not cut in its branches.
        return len(self.choices) <= FIRST_SHOWN + 3 or any(choice.depth for choice in self.choices)


def facets(filterset: AgreementFilterSet) -> list[Facet]:
    """Return the facets of a valid filterset, in the order of the form; thirteen queries, whatever the rows."""
    return [
        _coded(filterset, "status", Status, _status_counts),
        _of_areas(filterset),
        _of_countries(filterset),
        _of_parties(filterset),
        _of_years(filterset),
        _coded(filterset, "kind", Kind, _counts_by("kind")),
        _coded(filterset, "legal_nature", LegalNature, _counts_by("legal_nature")),
        _coded(filterset, "verification", Verification, _counts_by("verification")),
        _of_documents(filterset),
    ]


# What is counted. Each takes agreements and returns how many of them have which value.


def count_by_status(agreements: AgreementQuerySet, day: date) -> Counter[str]:
    counted = agreements.order_by().annotate(value=status_expression(day)).values("value")
    return Counter(dict(counted.annotate(n=Count("pk")).values_list("value", "n")))


def count_by_column(agreements: AgreementQuerySet, column: str) -> Counter[str]:
    counted = agreements.order_by().values(column).annotate(n=Count("pk"))
    return Counter(dict(counted.values_list(column, "n")))


def count_by_document(agreements: AgreementQuerySet) -> Counter[str]:
    """Return how many have a public document ("true") and how many have none ("false")."""
    public = Document.objects.filter(agreement=OuterRef("pk"), is_public=True)
    counted = agreements.order_by().annotate(value=Exists(public)).values("value")
    found = counted.annotate(n=Count("pk")).values_list("value", "n")
    return Counter({"true" if value else "false": n for value, n in found})


def count_by_country(agreements: AgreementQuerySet) -> Counter[str]:
    """Return how many each country takes part in, once for all its bodies, by alpha-2 code."""
    counted = (
        Participation.objects.filter(agreement__in=agreements.order_by().values("pk"))
        .exclude(party__country="")
        .order_by()
        .values("party__country")
        .annotate(n=Count("agreement", distinct=True))
    )
    return Counter(dict(counted.values_list("party__country", "n")))


def count_by_area(agreements: AgreementQuerySet) -> Counter[int]:
    """Return how many each area has, with the areas under it, by the area's key."""
    return count_upwards(Area, Agreement.areas.through, "area_id", agreements)


def count_by_party(agreements: AgreementQuerySet) -> Counter[int]:
    """Return how many each party takes part in, by itself or by a body under it, by the party's key."""
    return count_upwards(Party, Participation, "party_id", agreements)


def count_by_year(agreements: AgreementQuerySet) -> Counter[int]:
    """Return how many may have been signed in each year; a date of several years counts in each of them.

    An open side counts in the year of its known end only: nobody knows how far it reaches.
    """
    spans = (
        agreements.order_by()
        .filter(signed_earliest__isnull=False)
        .annotate(first=ExtractYear("signed_earliest"), last=ExtractYear("signed_latest"))
        .values_list("first", "last")
        .annotate(n=Count("pk"))
    )
    counted: Counter[int] = Counter()
    for first, last, n in spans:
        for year in _years(first, last):
            counted[year] += n
    return counted


def _years(first: int, last: int) -> Iterable[int]:
    if first == OPEN_START.year:
        return range(last, last + 1)
    if last == OPEN_END.year:
        return range(first, first + 1)
    return range(first, last + 1)


# How it becomes a facet.


def _status_counts(filterset: AgreementFilterSet, agreements: AgreementQuerySet) -> Counts:
    return count_by_status(agreements, filterset.day)


def _counts_by(column: str) -> Callable[[AgreementFilterSet, AgreementQuerySet], Counts]:
    return lambda _filterset, agreements: count_by_column(agreements, column)


def _coded(
    filterset: AgreementFilterSet,
    parameter: str,
    codes: Any,
    count: Callable[[AgreementFilterSet, AgreementQuerySet], Counts],
) -> Facet:
    counted = count(filterset, filterset.without(parameter))
    named = [(code.value, str(code.label)) for code in codes]
    return _facet(filterset, parameter, counted, named, with_none=codes is Status)


def _of_documents(filterset: AgreementFilterSet) -> Facet:
    counted = count_by_document(filterset.without("has_document"))
    chosen = filterset.chosen("has_document")
    labels = {"": _("Either"), "true": _("Yes"), "false": _("No")}
    counted[""] = counted.total()
    choices = [
        Choice(value, str(label), counted[value], value in (chosen or [""]))
        for value, label in labels.items()
    ]
    return Facet("has_document", _label(filterset, "has_document"), choices, is_single=True)


def _of_countries(filterset: AgreementFilterSet) -> Facet:
    counted = count_by_country(filterset.without("country"))
    chosen = filterset.chosen("country")
    named = [(code, str(name)) for code, name in countries if counted[code] or code in chosen]
    return _facet(
        filterset, "country", counted, sorted(named, key=lambda n: (-counted[n[0]], n[1]))
    )


def _of_areas(filterset: AgreementFilterSet) -> Facet:
    by_key = count_by_area(filterset.without("area"))
    chosen = filterset.chosen("area")
    choices = [
        Choice(area.slug, area.name, by_key[area.pk], area.slug in chosen, depth)
        for area, depth in as_tree(list(Area.objects.all()))
    ]
    return Facet("area", _label(filterset, "area"), [c for c in choices if c.count or c.is_chosen])


def _of_parties(filterset: AgreementFilterSet) -> Facet:
    by_key = count_by_party(filterset.without("party"))
    chosen = filterset.chosen("party")
    most = [key for key, _n in by_key.most_common(MOST_SHOWN)]
    named = Party.objects.filter(pk__in=most) | Party.objects.filter(slug__in=chosen)
    choices = [
        Choice(slug, name, by_key[key], slug in chosen)
        for key, slug, name in named.order_by().values_list("pk", "slug", "name")
    ]
    choices.sort(key=lambda choice: (-choice.count, choice.label))
    return Facet(
        "party", _label(filterset, "party"), choices, beyond=max(0, len(by_key) - MOST_SHOWN)
    )


def _of_years(filterset: AgreementFilterSet) -> Facet:
    counted = count_by_year(filterset.without("signed_from", "signed_to", "certainty"))
    start, end = filterset.chosen("signed_from"), filterset.chosen("signed_to")
    chosen = start[0] if start == end and len(start) == 1 else ""
    years = {str(year) for year in counted} | ({chosen} if chosen.isdecimal() else set())
    choices = [
        Choice(year, year, counted[int(year)], year == chosen)
        for year in sorted(years, reverse=True)
    ]
    return Facet("signed_year", str(_("Year of signature")), choices)


def _facet(
    filterset: AgreementFilterSet,
    parameter: str,
    counted: Counts,
    named: list[tuple[str, str]],
    *,
    with_none: bool = False,
) -> Facet:
    """Return a facet of these choices; those that no agreement has are offered `with_none` alone.

    That none is in force is an answer; that none is with Andorra is what everybody expects.
    """
    chosen = filterset.chosen(parameter)
    choices = [
        Choice(value, label, counted.get(value, 0), value in chosen)
        for value, label in named
        if with_none or counted.get(value) or value in chosen
    ]
    return Facet(parameter, _label(filterset, parameter), choices)


def _label(filterset: AgreementFilterSet, parameter: str) -> str:
    return str(filterset.form.fields[parameter].label)


def as_tree(areas: list[Area]) -> Iterable[tuple[Area, int]]:
    """Yield each area and how deep it lies, every area under its parent; no query."""
    below: dict[int | None, list[Area]] = {}
    for area in areas:
        below.setdefault(area.parent_id, []).append(area)

    def branch(parent: int | None, depth: int) -> Iterable[tuple[Area, int]]:
        for area in below.get(parent, []):
            yield area, depth
            yield from branch(area.pk, depth + 1)

    return branch(None, 0)
