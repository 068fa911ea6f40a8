"""The facets: the counts next to the filters, which say how many agreements each choice would leave.

Choices within one facet widen the selection (or), while different facets narrow it (and). A facet is therefore counted
over the selection without its own choices; but where all choices must apply, over the selection with them. The page
shows facets as the choices of the filter form.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django_countries import countries

from agreements.counting.column_store import Counts
from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.models import Area, as_tree
from agreements.search import indexed
from agreements.selection.choices import Choice, Choices, InOrder
from agreements.selection.fields import WITHOUT
from agreements.selection.party_choices import PartyChoices

if TYPE_CHECKING:
    from agreements.selection.declared import Filter

Counted = Mapping[str, int]


@dataclass(frozen=True)
class Facet:
    """The choices of one filter; a chosen one is never left out, even if its count is zero.

    `every` says that there are more than those drawn at first: “All 134 countries…”.
    """

    parameter: str
    label: str
    choices: Choices
    every: Any = ""
    is_single: bool = False
    can_leave_out: bool = True

    @property
    def input_type(self) -> str:
        return "radio" if self.is_single else "checkbox"

    @property
    def total(self) -> int:
        return len(self.choices)

    @cached_property
    def drawn(self) -> Sequence[Choice]:
        return self.choices.drawn

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.drawn)

    @property
    def all_in_words(self) -> str:
        shown = number_format(self.total, force_grouping=True)
        return str(self.every % {"n": self.total, "shown": shown})


def _choice(
    value: str, label: object, count: int, given: Collection[str], depth: int = 0
) -> Choice:
    is_left_out = f"{WITHOUT}{value}" in given
    return Choice(value, str(label), count, value in given, depth, is_left_out)


def of_status(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    """Return every status, including those without agreements: it is useful to know that none is in force.

    Those that only past days have are left out while nobody has or asks for them.
    """
    counted, asked = counts.by_status(declared.name), given.getlist(declared.name)
    choices = [
        (status.value, status.label)
        for status in Status
        if status not in OF_PAST_DAYS
        or counted[status]
        or {status.value, f"{WITHOUT}{status.value}"} & {*asked}
    ]
    return _facet(declared, given, counted, choices, with_none=True)


def of_codes(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    counted = counts.by_column(declared.column, declared.name)
    return _facet(declared, given, counted, declared.options["choices"])


def of_marks(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    """Return for how many each mark holds, or does not, as the filter says; the most frequent first."""
    marked: Any = declared
    by_mark = {marked.mark(code): code for code, _label in marked.choices}
    numbers = counts.by_mark(by_mark, declared.name, is_missing=marked.is_missing)
    counted = {code: numbers[mark] for mark, code in by_mark.items()}
    return _facet(declared, given, counted, marked.choices)


def of_subjects(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    counted = counts.by_subject(declared.name)
    chosen = [value.removeprefix(WITHOUT) for value in given.getlist(declared.name)]
    folded = {subject.casefold(): subject for subject in counted}
    # what is asked for in other letters is the same choice
    texts = dict.fromkeys([*counted, *(each for each in chosen if each.casefold() not in folded)])
    asked = [
        value.removesuffix(name) + folded.get(name.casefold(), name)
        for value, name in zip(given.getlist(declared.name), chosen, strict=True)
    ]
    choices = [_choice(text, text, counted[text], asked) for text in texts]
    choices.sort(key=lambda choice: (-choice.count, choice.label))
    return _of(declared, choices)


def of_yes_or_no(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    chosen = given.getlist(declared.name) or [""]
    holds = declared.condition({declared.name: "true"})
    counted = counts.by_whether(holds, declared.name) if holds else Counter()
    counted[""] = counted.total()
    choices = [
        Choice(value, str(label), counted[value], value in chosen)
        for value, label in declared.options["choices"]
    ]
    return replace(_of(declared, choices), is_single=True, can_leave_out=False)


def of_countries(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    counted = counts.by_country(*declared.left_out(given))
    named = sorted(countries, key=lambda country: (-counted[country[0]], country[1]))
    facet = _facet(declared, given, counted, named)
    return replace(facet, choices=Choices(list(facet.choices), names=_names_of_country))


@cache
def _names_of_country(code: str) -> str:
    """Return its names in the languages that people type here, in all spellings."""
    names = []
    for language in ("en", "az", "ru", "tr"):
        with translation.override(language):
            names.append(indexed(str(countries.name(code))))
    return " ".join(dict.fromkeys(names))


def of_areas(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    chosen, by_key = given.getlist(declared.name), counts.by_area(*declared.left_out(given))
    choices = [
        _choice(area.slug, area.name, by_key[area.pk], chosen, depth)
        for area, depth in as_tree(Area.objects.all())
    ]
    return _of(declared, [choice for choice in choices if choice.count or choice.is_used])


def of_parties(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    chosen, by_key = given.getlist(declared.name), counts.by_party(*declared.left_out(given))
    return _of(declared, PartyChoices(by_key, chosen))


def of_years(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    start, end = given.getlist("signed_from"), given.getlist("signed_to")
    chosen = start[0] if start == end and len(start) == 1 else ""
    counted = counts.by_year(declared.key)
    years = {str(year) for year in counted} | ({chosen} if chosen.isdecimal() else set())
    choices = [
        Choice(year, year, counted[int(year)], year == chosen)
        for year in sorted(years, reverse=True)
    ]
    facet = _of(declared, InOrder(choices))
    return replace(
        facet, parameter=declared.facet_name, label=_("Year of signature"), can_leave_out=False
    )


def _facet(
    declared: "Filter",
    given: QueryDict,
    counted: Counted,
    named: Iterable[tuple[str, Any]],
    *,
    with_none: bool = False,
) -> Facet:
    """Return a facet of these choices; those without agreements are offered only `with_none`."""
    chosen = given.getlist(declared.name)
    used = {value.removeprefix(WITHOUT) for value in chosen}
    choices = [
        _choice(value, label, counted.get(value, 0), chosen)
        for value, label in named
        if with_none or counted.get(value) or value in used
    ]
    return _of(declared, choices)


def _of(declared: "Filter", choices: Sequence[Choice]) -> Facet:
    if not isinstance(choices, Choices):
        choices = Choices(choices)
    return Facet(declared.name, str(declared.label), choices, declared.every)
