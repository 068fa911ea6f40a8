"""One selection of agreements, read from a query string in one place.

Whatever shows agreements — list, file, feed, chart — asks a `Selection` for its rows, its address and its description,
so that no two of them can disagree. A value that cannot be understood leaves the selection invalid and empty: it is
named to the user and never ignored.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.counting.column_store import SORTS, Counts, current_columns
from agreements.domain.choices import Certainty
from agreements.models import Agreement
from agreements.models.querysets import AgreementQuerySet
from agreements.search import SearchQuery
from agreements.selection.facets import Facet, facets
from agreements.selection.filters import DEFAULT_SORT, PER_PAGE, SEARCH_SORT, AgreementFilterSet
from agreements.selection.forms import did_you_mean, is_slug
from agreements.selection.suggestions import suggestion
from agreements.selection.wording import Chip, Wording

REPEATABLE = frozenset(
    {"status", "kind", "legal_nature", "area", "country", "party", "verification"}
)
RENAMED = frozenset({"area", "party"})
DEFAULTS = {
    "certainty": Certainty.POSSIBLE.value,
    "per_page": str(PER_PAGE[0]),
    "page": "1",
}
_PERIOD = ("signed_from", "signed_to", "certainty")
# What files understand beside the filters; pages leave it alone.
FILE_PARAMETERS = frozenset({"excel"})
# Appended by mailings and search engines; never meant for us.
_TRACKING = ("utm_", "mc_")
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "msclkid", "yclid"})


@dataclass(frozen=True)
class Problem:
    """One thing about a query string that could not be understood, for the person who sent it."""

    parameter: str
    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.parameter}: {self.message}"


@dataclass(frozen=True)
class WayOut:
    """A filter that leaves nothing, in words, with how many agreements there are without it, and their query."""

    label: str
    value: str
    count: int
    query: str


@dataclass(frozen=True)
class Period:
    """A period of signature with its name, as the values of `signed_from` and `signed_to`."""

    label: str
    start: str
    end: str


class Selection:
    """The published agreements that a query string asks for, seen on `today`.

    Only published records are ever in it, whoever asks.
    """

    def __init__(
        self, query: QueryDict, *, today: date, further: Collection[str] = FILE_PARAMETERS
    ) -> None:
        """`further` are parameters that the caller reads itself, and that are therefore known."""
        self.today = today
        self.further = further
        self._given = without_blanks(query)
        self.filterset = AgreementFilterSet(
            data=self._given, queryset=Agreement.objects.published(), today=today
        )
        self._follow_renames()
        self._refuse_repetition()

    # What was asked

    @property
    def form(self) -> Any:
        """The filter form, bound to what was given, so that a refused value stays where it was typed."""
        return self.filterset.form

    @cached_property
    def is_valid(self) -> bool:
        return self.filterset.is_valid()

    @cached_property
    def errors(self) -> list[Problem]:
        """Values that could not be understood; with any of them the selection is empty."""
        return [
            Problem(name, str(self.form.fields[name].label or name), message)
            for name, messages in self.form.errors.items()
            for message in messages
        ]

    @cached_property
    def unknown(self) -> list[Problem]:
        """Parameters that the register does not have: files refuse them, pages report them."""
        return unknown_parameters(self._given, [*self.form.fields, *self.further])

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
    def sort(self) -> str:
        return (self.is_valid and self.form.cleaned_data["sort"]) or self.default_sort

    @property
    def default_sort(self) -> str:
        """The order of a selection that names none: the best match first when there are words to match."""
        return SEARCH_SORT if "q" in self._given else DEFAULT_SORT

    @cached_property
    def search(self) -> SearchQuery:
        """What is searched for; false if nothing is."""
        return SearchQuery.read(self.form.cleaned_data["q"] if self.is_valid else "")

    @property
    def per_page(self) -> int:
        return int((self.is_valid and self.form.cleaned_data["per_page"]) or PER_PAGE[0])

    @property
    def page(self) -> int:
        return (self.is_valid and self.form.cleaned_data["page"]) or 1

    # What it yields

    @cached_property
    def agreements(self) -> AgreementQuerySet:
        """The selected agreements, in their order, each annotated with its `status` on `as_of`."""
        if not self.is_valid:
            return Agreement.objects.none()
        q = self.form.cleaned_data["q"]
        return self.filterset.qs.with_status(self.as_of).in_order(self.sort, q)

    @cached_property
    def count(self) -> int:
        """How many agreements are selected; counted once, for everything that says it."""
        return self.counts.total()

    @cached_property
    def counts(self) -> Counts:
        """What can be counted over the selection, by whoever shows counts."""
        if not self.is_valid:
            return Counts.of_nothing()
        return Counts(current_columns(), self.filterset.asked())

    @property
    def listed(self) -> "Listed":
        """The selected agreements for a paginator, in their order, each annotated with its `status`."""
        return Listed(self)

    @cached_property
    def did_you_mean(self) -> str | None:
        """The search with its slips corrected, if it finds nothing as it is and something in these filters then."""
        if not self.search or self.count:
            return None
        return suggestion(self.form.cleaned_data["q"], self.filterset.without("q"))

    @property
    def holds_no_word(self) -> bool:
        """Whether something is searched for that has neither letters nor digits."""
        return self.is_valid and bool(self.form.cleaned_data["q"]) and not self.search

    @cached_property
    def ways_out(self) -> list[WayOut]:
        """Each filter without which there would be agreements, where there are none now."""
        if not self.is_valid or self.count:
            return []
        counted = [
            (_PERIOD, self.counts.total("signed"))
            if name in _PERIOD
            else ((name,), self.counts.total(name))
            for name in self._narrowing
        ]
        return [self._way_out(dropped, count) for dropped, count in counted if count]

    def _way_out(self, dropped: tuple[str, ...], count: int) -> WayOut:
        rest = self._canonical.copy()
        for parameter in dropped:
            rest.pop(parameter, None)
        values = [chip.value for chip in self.chips if chip.parameter in dropped]
        return WayOut(
            str(self.form.fields[dropped[0]].label),
            get_text_list(values, _("or")),
            count,
            rest.urlencode(),
        )

    @property
    def _narrowing(self) -> list[str]:
        """The active parameters that leave something out, in the order of the form; a period counts once."""
        active = [
            chip.parameter for chip in self.chips if chip.parameter not in ("as_of", "certainty")
        ]
        period = next((name for name in active if name in _PERIOD), None)
        return [name for name in dict.fromkeys(active) if name not in _PERIOD or name == period]

    @property
    def canonical_query(self) -> str:
        """The query string of this selection: sorted, without blanks, defaults and the page."""
        return self._canonical.urlencode()

    def query_with(self, **values: str) -> str:
        """The canonical query string with these values in place of what was given for their parameters."""
        changed = self._canonical.copy()
        for name, value in values.items():
            changed[name] = value
        return urlencode(
            sorted((name, value) for name, given in changed.lists() for value in given)
        )

    @cached_property
    def _canonical(self) -> QueryDict:
        canonical = QueryDict(mutable=True)
        defaults = {**DEFAULTS, "sort": self.default_sort}
        for name in sorted(self.form.fields):
            values = sorted(set(self._given.getlist(name)))
            if values and values != [defaults.get(name)] and name != "page":
                canonical.setlist(name, values)
        return canonical

    @cached_property
    def words(self) -> str:
        """The selection as a person would say it, such as “Signed agreements on rehabilitation with Uzbekistan”."""
        return self._wording.phrase() if self.is_valid else _("Agreements")

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters, each with the query string of the selection without it."""
        return self._wording.chips() if self.is_valid else []

    @cached_property
    def facets(self) -> list[Facet]:
        """What each further choice would leave, counted; none while the selection is not valid."""
        return facets(self.filterset, self.counts) if self.is_valid else []

    def offer_choices(self) -> None:
        """Let the form offer what there is to choose: counted, or plainly while the selection is not valid."""
        if not self.is_valid:
            self.filterset.offer_what_occurs()
        for facet in self.facets:
            if facet.parameter in self.form.fields:
                self.form.fields[facet.parameter].facet = facet

    @property
    def periods(self) -> list[Period]:
        """Periods of signature that are asked for often, up to the day of the status."""
        year = self.as_of.year
        return [
            Period(_("This year"), str(year), str(year)),
            Period(_("Last five years"), str(year - 4), str(year)),
            Period(_("Last ten years"), str(year - 9), str(year)),
        ]

    @cached_property
    def _wording(self) -> Wording:
        return Wording(self.form, self._canonical)

    def _follow_renames(self) -> None:
        """Read a slug that a party or an area had before as the one it has now."""
        for name in RENAMED.intersection(self._given):
            given = self._given.getlist(name)
            now = self.form.fields[name].rows.renamed(filter(is_slug, given))
            self._given.setlist(name, [now.get(slug, slug) for slug in given])

    def _refuse_repetition(self) -> None:
        refuse_repetition(self.form, self._given, REPEATABLE)


@dataclass(frozen=True)
class Listed:
    """The agreements of a selection, of which a paginator takes a page.

    In most orders the columns know where a page stands, however far behind. In the others the database counts it off, from
    the end if that is nearer.
    """

    selection: Selection

    def __len__(self) -> int:
        return self.selection.count

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self[0 : len(self)])

    def __getitem__(self, places: Any) -> list[Agreement]:
        start, stop = places.start or 0, min(places.stop, len(self))
        if start >= stop:
            return []
        if self.selection.sort in SORTS:
            return self._by_columns(start, stop - start)
        return self._by_database(start, stop)

    def _by_columns(self, start: int, size: int) -> list[Agreement]:
        asked = self.selection
        page = asked.counts.page(start, size, asked.sort)
        rows = Agreement.objects.published().filter(pk__in=page.keys).with_status(asked.as_of)
        return self._fetched(rows.first_then(page.ahead, asked.sort)[page.skip : page.skip + size])

    def _by_database(self, start: int, stop: int) -> list[Agreement]:
        rows, count = self.selection.agreements.all(), len(self)
        if start <= count - stop:
            return self._fetched(rows[start:stop])
        return self._fetched(rows.reverse()[count - stop : count - start])[::-1]

    def _fetched(self, rows: AgreementQuerySet) -> list[Agreement]:
        return list(rows.with_parties().with_areas())


def refuse_repetition(form: Any, given: QueryDict, repeatable: Collection[str]) -> None:
    """Add an error to each field of the form that is given several values and may have one only."""
    for name in form.fields.keys() - repeatable:
        if len(set(given.getlist(name))) > 1:
            form.add_error(
                name, _("This is given more than once, with different values. Give it once.")
            )


def unknown_parameters(given: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Name those of the given parameters that are not known, each with the nearest one that is."""
    return [
        Problem(name, name, _("There is no such parameter.") + did_you_mean(name, known))
        for name in given
        if name not in known and not _is_tracking(name)
    ]


def without_blanks(query: QueryDict) -> QueryDict:
    """Drop what a browser sends for fields that were left empty."""
    given = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value.strip()]:
            given.setlist(name, filled)
    return given


def _is_tracking(name: str) -> bool:
    return name.startswith(_TRACKING) or name in _TRACKING_NAMES
