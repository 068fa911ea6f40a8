"""The facets: the counts next to the filters, which say how many agreements each choice would leave.

Choices within one facet widen the selection (or), while different facets narrow it (and). A facet is therefore counted
over the selection without its own choices; but where all choices must apply, over the selection with them. The page
shows facets as the choices of the filter form.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django_countries import countries

from agreements.counting.column_store import Counts
from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.models import Area, Party, as_tree
from agreements.search import BOUNDARY, indexed
from agreements.selection.fields import WITHOUT

if TYPE_CHECKING:
    from agreements.selection.declared import Filter

FIRST_SHOWN = 10
MOST_SHOWN = 200

Counted = Mapping[str, int]


@dataclass(frozen=True)
class Choice:
    """One value of a facet, with the number of agreements that have it under all other filters."""

    value: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0
    is_left_out: bool = False
    # the words of its other names in all spellings, for the search within a long facet
    spelled: str = ""


@dataclass(frozen=True)
class Facet:
    """The choices of one filter, the most relevant first; a chosen one is never left out, even if its count is zero."""

    parameter: str
    label: str
    choices: Sequence[Choice]
    beyond: int = 0
    is_single: bool = False
    can_leave_out: bool = True
    # returns all names of some choices in all spellings, by value, if they have more than their labels
    names: Callable[[Sequence[Choice]], Mapping[str, str]] = field(default=lambda _rest: {})

    @property
    def input_type(self) -> str:
        return "radio" if self.is_single else "checkbox"

    @property
    def first(self) -> Sequence[Choice]:
        """The choices to show at once: ten, and the chosen ones wherever they are."""
        if self._is_whole:
            return self.choices
        return [c for place, c in enumerate(self.choices) if place < FIRST_SHOWN or _is_used(c)]

    @property
    def rest(self) -> Sequence[Choice]:
        """The choices to show on request."""
        if self._is_whole:
            return []
        return [
            c for place, c in enumerate(self.choices) if place >= FIRST_SHOWN and not _is_used(c)
        ]

    @property
    def searched(self) -> Sequence[Choice]:
        """The choices to show on request, each with the words of its other names in all spellings."""
        names = self.names(self.rest)
        return [
            replace(choice, spelled=_beyond_label(choice.label, names[choice.value]))
            if choice.value in names
            else choice
            for choice in self.rest
        ]

    @property
    def _is_whole(self) -> bool:
        # Folding away only two or three takes more room than it saves, and a tree must not be cut within a branch.
        return len(self.choices) <= FIRST_SHOWN + 3 or any(choice.depth for choice in self.choices)


def _is_used(choice: Choice) -> bool:
    return choice.is_chosen or choice.is_left_out


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
    return Facet(declared.name, str(declared.label), choices)


def of_yes_or_no(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    chosen = given.getlist(declared.name) or [""]
    holds = declared.condition({declared.name: "true"})
    counted = counts.by_whether(holds, declared.name) if holds else Counter()
    counted[""] = counted.total()
    choices = [
        Choice(value, str(label), counted[value], value in chosen)
        for value, label in declared.options["choices"]
    ]
    return Facet(declared.name, str(declared.label), choices, is_single=True, can_leave_out=False)


def of_countries(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    counted = counts.by_country(*declared.left_out(given))
    named = sorted(countries, key=lambda country: (-counted[country[0]], country[1]))
    return replace(_facet(declared, given, counted, named), names=_names_of_countries)


def _names_of_countries(rest: Sequence[Choice]) -> Mapping[str, str]:
    return {choice.value: _names_of_country(choice.value) for choice in rest}


# Folding a label takes longer than drawing it, and pages repeat their labels.
@lru_cache(maxsize=10_000)
def _beyond_label(label: str, names: str) -> str:
    """Return the words of the indexed names that the script, which folds the label itself, does not know yet."""
    known = {BOUNDARY, *indexed(label).split()}
    return " ".join(word for word in dict.fromkeys(names.split()) if word not in known)


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
    shown = [choice for choice in choices if choice.count or _is_used(choice)]
    return Facet(declared.name, str(declared.label), shown)


def of_parties(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    chosen, by_key = given.getlist(declared.name), counts.by_party(*declared.left_out(given))
    most = [key for key, _n in by_key.most_common(MOST_SHOWN)]
    slugs = [value.removeprefix(WITHOUT) for value in chosen]
    named = Party.objects.filter(pk__in=most) | Party.objects.filter(slug__in=slugs)
    rows = named.order_by().values_list("pk", "slug", "name", "searched", "names__searched")
    choices: dict[str, Choice] = {}
    names: dict[str, list[str]] = {}
    for key, slug, name, own, other in rows:
        choices[slug] = _choice(slug, name, by_key[key], chosen)
        names.setdefault(slug, [own]).append(other or "")
    return Facet(
        declared.name,
        str(declared.label),
        sorted(choices.values(), key=lambda choice: (-choice.count, choice.label)),
        beyond=max(0, len(by_key) - MOST_SHOWN),
        names=lambda rest: {each.value: " ".join(names[each.value]).strip() for each in rest},
    )


def of_years(declared: "Filter", given: QueryDict, counts: Counts) -> Facet:
    start, end = given.getlist("signed_from"), given.getlist("signed_to")
    chosen = start[0] if start == end and len(start) == 1 else ""
    counted = counts.by_year(declared.key)
    years = {str(year) for year in counted} | ({chosen} if chosen.isdecimal() else set())
    choices = [
        Choice(year, year, counted[int(year)], year == chosen)
        for year in sorted(years, reverse=True)
    ]
    return Facet(declared.facet_name, _("Year of signature"), choices, can_leave_out=False)


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
    return Facet(declared.name, str(declared.label), choices)
