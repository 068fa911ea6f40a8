"""How many agreements of a selection each further choice would leave: the counts beside the filters.

Within a facet choices add up (or), between facets they narrow (and); so a facet is counted over the selection without
its own choice. The page draws facets as the filter form's choices.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.counting.column_store import Counts
from agreements.domain.choices import Kind, LegalNature, Status, Verification
from agreements.models import Area, Party, as_tree
from agreements.selection.filters import AgreementFilterSet

FIRST_SHOWN = 10
MOST_SHOWN = 200

Counted = Mapping[str, int]


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


def facets(filterset: AgreementFilterSet, counts: Counts) -> list[Facet]:
    """Return the facets of a valid filterset, in the order of the form; two queries, for names."""
    by_code = counts.by_column
    return [
        _coded(filterset, "status", Status, counts.by_status("status")),
        _of_areas(filterset, counts.by_area("area")),
        _of_countries(filterset, counts.by_country("country")),
        _of_parties(filterset, counts.by_party("party")),
        _of_years(filterset, counts.by_year("signed")),
        _coded(filterset, "kind", Kind, by_code("kind", "kind")),
        _coded(filterset, "legal_nature", LegalNature, by_code("legal_nature", "legal_nature")),
        _coded(filterset, "verification", Verification, by_code("verification", "verification")),
        _of_documents(filterset, counts.by_document("has_document")),
    ]


def _coded(
    filterset: AgreementFilterSet,
    parameter: str,
    codes: Any,
    counted: Counted,
) -> Facet:
    named = [(code.value, str(code.label)) for code in codes]
    return _facet(filterset, parameter, counted, named, with_none=codes is Status)


def _of_documents(filterset: AgreementFilterSet, counted: Counter[str]) -> Facet:
    chosen = filterset.chosen("has_document")
    labels = {"": _("Either"), "true": _("Yes"), "false": _("No")}
    counted[""] = counted.total()
    choices = [
        Choice(value, str(label), counted[value], value in (chosen or [""]))
        for value, label in labels.items()
    ]
    return Facet("has_document", _label(filterset, "has_document"), choices, is_single=True)


def _of_countries(filterset: AgreementFilterSet, counted: Counter[str]) -> Facet:
    chosen = filterset.chosen("country")
    named = [(code, str(name)) for code, name in countries if counted[code] or code in chosen]
    return _facet(
        filterset, "country", counted, sorted(named, key=lambda n: (-counted[n[0]], n[1]))
    )


def _of_areas(filterset: AgreementFilterSet, by_key: Counter[int]) -> Facet:
    chosen = filterset.chosen("area")
    choices = [
        Choice(area.slug, area.name, by_key[area.pk], area.slug in chosen, depth)
        for area, depth in as_tree(Area.objects.all())
    ]
    return Facet("area", _label(filterset, "area"), [c for c in choices if c.count or c.is_chosen])


def _of_parties(filterset: AgreementFilterSet, by_key: Counter[int]) -> Facet:
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


def _of_years(filterset: AgreementFilterSet, counted: Counter[int]) -> Facet:
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
    counted: Counted,
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
