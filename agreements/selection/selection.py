"""One selection of agreements, read from a query string in one place.

Lists, files, feeds and charts all get their rows, URL and description from a `Selection`, so they cannot contradict
each other. An invalid value is never ignored: it makes the selection invalid and empty, and the user is told why.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.counting.column_store import Counts
from agreements.domain.choices import Status
from agreements.models import Agreement
from agreements.models.querysets import AgreementQuerySet
from agreements.search import SearchQuery
from agreements.selection.choices import Found
from agreements.selection.declarations import (
    DEFAULT_SORT,
    FILE_PARAMETERS,
    FILTERS,
    NAMED,
    PER_PAGE,
    SEARCH_SORT,
)
from agreements.selection.declared import ALL, Filter, Matched
from agreements.selection.facets import Facet
from agreements.selection.fields import divided
from agreements.selection.filters import AgreementFilterSet
from agreements.selection.forms import AgreementFilterForm
from agreements.selection.listing import Listed, WayOut, ways_out
from agreements.selection.reading import (
    Problem,
    canonical,
    changed,
    unknown_parameters,
    with_present_slugs,
    without_blanks,
)
from agreements.selection.suggestions import suggestion
from agreements.selection.wording import Chip, Wording, undetermined_in_words


@dataclass(frozen=True)
class Preset:
    """A named period of signature, as values of `signed_from` and `signed_to`."""

    label: str
    start: str
    end: str


class Selection:
    """The published agreements that a query string selects, as of `today`. Staff get no others here."""

    filters = {declared.name: declared for declared in FILTERS}

    def __init__(
        self, query: QueryDict, *, today: date, further: Collection[str] = FILE_PARAMETERS
    ) -> None:
        """`further` lists parameters that the caller reads itself, so that they count as known."""
        self.today = today
        self.further = further
        self._given = with_present_slugs(without_blanks(query))
        self.filterset = AgreementFilterSet(
            data=self._given, queryset=Agreement.objects.published(), today=today
        )

    # The request

    @property
    def form(self) -> AgreementFilterForm:
        """The filter form, bound to the query, so that it still shows an invalid value where it was typed."""
        return self.filterset.form

    @cached_property
    def is_valid(self) -> bool:
        return self.filterset.is_valid()

    @cached_property
    def errors(self) -> list[Problem]:
        """Values that could not be understood; if there are any, the selection is empty."""
        return [
            Problem(name, str(self.filters[name].label or name), str(message))
            for name, messages in self.form.errors.items()
            for message in messages
        ]

    @cached_property
    def unknown(self) -> list[Problem]:
        """Parameters that the register does not have: files refuse them, pages report them."""
        return unknown_parameters(self._given, [*self.filters, *self.further])

    @property
    def warnings(self) -> list[str]:
        return [
            _("The parameter “%(name)s” was not used. %(why)s")
            % {"name": problem.parameter[:100], "why": problem.message}
            for problem in self.unknown
        ]

    @property
    def as_of(self) -> date:
        return self.filterset.day if self.is_valid else self.today

    @property
    def is_today(self) -> bool:
        return self.as_of == self.today

    @property
    def since(self) -> datetime | None:
        """The moment since which the selected agreements were changed, if one was given."""
        return self.form.cleaned_data["updated_since"] if self.is_valid else None

    @property
    def sort(self) -> str:
        return (self.is_valid and self.form.cleaned_data["sort"]) or self.default_sort

    @property
    def default_sort(self) -> str:
        """The default order of the selection: the best match first if there are search words."""
        return SEARCH_SORT if "q" in self._given else DEFAULT_SORT

    @cached_property
    def search(self) -> SearchQuery:
        """The search query; falsy if there is none."""
        return SearchQuery.read(self.form.cleaned_data["q"] if self.is_valid else "")

    @property
    def per_page(self) -> int:
        return int((self.is_valid and self.form.cleaned_data["per_page"]) or PER_PAGE[0])

    @property
    def page(self) -> int:
        return (self.is_valid and self.form.cleaned_data["page"]) or 1

    # The results

    @cached_property
    def agreements(self) -> AgreementQuerySet:
        """The selected agreements, in order, each annotated with its `status` on `as_of`."""
        if not self.is_valid:
            return Agreement.objects.none()
        q = self.form.cleaned_data["q"]
        found = self.filterset.qs.with_status(self.as_of, self.today)
        return found.in_order(self.sort, q, self.filterset.asked_for)

    @cached_property
    def count(self) -> int:
        """The number of selected agreements, counted only once."""
        return self.counts.total()

    @cached_property
    def counts(self) -> Counts:
        """The counts over the selection."""
        return self.filterset.counts if self.is_valid else Counts.of_nothing()

    @property
    def counts_of_all(self) -> Counts:
        """The counts over everything that existed on the day; over nothing if the selection is invalid."""
        return self.filterset.counts_of_all if self.is_valid else Counts.of_nothing()

    @cached_property
    def undetermined(self) -> int:
        """How many of the selected agreements have dates that cannot say where they stood on a past day."""
        return self.counts.by_status()[Status.UNDETERMINED]

    @property
    def remark(self) -> str:
        """How many are undetermined, in a sentence; empty if none is."""
        return undetermined_in_words(self.undetermined, self.as_of)

    @property
    def listed(self) -> Listed:
        """The selected agreements for a paginator, in order, each annotated with its `status`."""
        return Listed(self)

    @cached_property
    def did_you_mean(self) -> str | None:
        """The search with its typos corrected, if only the corrected search finds anything within these filters."""
        if not self.search or self.count:
            return None
        return suggestion(self.form.cleaned_data["q"], self.filterset.without("q"))

    @property
    def holds_no_word(self) -> bool:
        """Whether the search text contains neither letters nor digits."""
        return self.is_valid and bool(self.form.cleaned_data["q"]) and not self.search

    @cached_property
    def ways_out(self) -> list[WayOut]:
        """If nothing is selected: the filters whose removal would leave some agreements."""
        return ways_out(self) if self.is_valid and not self.count else []

    # Its name, and other choices

    @cached_property
    def canonical(self) -> QueryDict:
        """The parameters of this selection: sorted, without blanks, defaults and the page."""
        defaults = {name: declared.default for name, declared in self.filters.items()}
        qualified = {each.name: each.qualifies for each in FILTERS if each.qualifies}
        return canonical(self._given, {**defaults, "sort": self.default_sort}, qualified)

    @property
    def canonical_query(self) -> str:
        return self.canonical.urlencode()

    def query_with(self, **values: str) -> str:
        """The canonical query string with these values instead of those given for their parameters."""
        return changed(self.canonical, values)

    @cached_property
    def _wording(self) -> Wording:
        return Wording(FILTERS, NAMED, self.form.cleaned_data, self.canonical)

    @cached_property
    def words(self) -> str:
        """The selection in words, such as “Signed agreements on rehabilitation with Uzbekistan”."""
        return self._wording.phrase() if self.is_valid else _("Agreements")

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters, each with the query string of the selection without it."""
        return self._wording.chips() if self.is_valid else []

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets; none if the selection is invalid. Two queries, for the names of what they draw."""
        return [self.facet(declared) for declared in FILTERS if declared.facet and self.is_valid]

    def facet(self, declared: Filter) -> Facet:
        """Return the facet of one filter of a valid selection."""
        if declared.facet is None:
            raise LookupError(declared.name)
        return declared.facet(declared, self._given, self.counts)

    def offer_choices(self, opened: Mapping[str, str] = MappingProxyType({})) -> None:
        """Let the form offer its choices: with counts, or without them if the selection is invalid.

        The facets that are `opened` offer all choices with a name that contains the text given, if any.
        """
        if not self.is_valid:
            self.filterset.offer_what_occurs()
        for facet in self.facets:
            if facet.parameter in self.form.fields:
                text = opened.get(facet.parameter)
                found = Found(facet.choices, text) if text is not None else None
                self.offer(facet, found)

    def offer(self, facet: Facet, found: Found | None = None) -> None:
        """Let the form offer the choices of a facet: the few drawn at first or, with `found`, all of those."""
        field: Any = self.form.fields[facet.parameter]
        field.facet, field.found = facet, found
        field.match = self._match_of(facet.parameter)

    def _match_of(self, name: str) -> Any:
        """Return the bound field that says whether any or all choices of a facet must apply.

        None if that makes no difference, because fewer than two are chosen.
        """
        declared = self.filters[name]
        if not isinstance(declared, Matched):
            return None
        match: Any = self.form[declared.match]
        match.field.is_at_facet = True
        chosen, _left_out = divided(self._given.getlist(name))
        return match if len(chosen) > 1 or match.value() == ALL else None

    @property
    def periods(self) -> list[Preset]:
        """Common periods of signature, up to the day the status is computed for."""
        year = self.as_of.year
        return [
            Preset(_("This year"), str(year), str(year)),
            Preset(_("Last five years"), str(year - 4), str(year)),
            Preset(_("Last ten years"), str(year - 9), str(year)),
        ]
