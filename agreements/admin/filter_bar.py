"""The bar of filters above a list in the admin: a menu for each filter, with how many rows each choice would leave.

Every screen lists its rows with `BarList`, and `change_list.html` draws its `bar`. A menu is counted only when it is
opened: `menu_choices.js` then fetches its choices from the address of the list with `_menu` added, and without JavaScript
a link leads to that address, where the menu is open. Choices and chips are links as well. A count is true under the search
and the other filters, as if the filter itself were not set; each filter costs one query.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import build_q_object_from_lookup_parameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from agreements.models.counts import count_each

# Menus with more choices offer a search within them.
FEW_CHOICES = 12
# Names the filter whose menu is open, by its first parameter.
MENU = "_menu"
# The header of a request for the choices of the open menu alone.
ALONE = "X-Menu"


class CountedFilter(admin.SimpleListFilter):
    """A filter that counts all of its choices at once, because there are too many to count each by itself.

    It offers whichever choices occur, so its `lookups` may name many more than the list has.
    """

    def counts(self, request: HttpRequest, found: Any) -> dict[str, int]:
        """Return how many of the rows `found` each choice would leave, by its value; one query."""
        raise NotImplementedError


class TabFilter(admin.SimpleListFilter):
    """A filter that a tab above the list stands for, so that it needs no menu."""


@dataclass(frozen=True)
class Choice:
    """A choice of a menu: its label, the query string it leads to, and how many rows it would leave."""

    label: str
    query: str
    count: int
    is_chosen: bool


@dataclass
class Menu:
    """A filter as a menu: the label of what is chosen, and the query strings without that and with the menu open.

    Its `choices` are those that leave rows; asking for them counts them.
    """

    title: str
    chosen: str
    without: str
    opening: str
    is_open: bool
    count: Callable[[], list[Choice]]

    @cached_property
    def choices(self) -> list[Choice]:
        return [each for each in self.count() if each.count or each.is_chosen]

    @property
    def is_long(self) -> bool:
        return len(self.choices) > FEW_CHOICES


class BarList(ChangeList):
    """Django's list, with the bar of filters instead of its column of them."""

    request: HttpRequest
    remaining: dict[str, Any]

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.request = request
        super().__init__(request, *args)
        if not self.is_popup:
            self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_filters(self, request: HttpRequest) -> Any:
        found = super().get_filters(request)
        self.remaining = found[2]
        return found

    def get_filters_params(self, params: Any = None) -> Any:
        # before anything is linked to: no other page is to have the menu open
        self.params.pop(MENU, None)
        self.filter_params.pop(MENU, None)
        return super().get_filters_params(params)

    @cached_property
    def bar(self) -> list[Menu]:
        return [self._menu(each) for each in self.filter_specs if not isinstance(each, TabFilter)]

    @property
    def chosen(self) -> list[Menu]:
        return [menu for menu in self.bar if menu.chosen]

    def _menu(self, spec: Any) -> Menu:
        parameters = spec.expected_parameters()
        is_set = any(name in spec.used_parameters for name in parameters)
        chosen = (
            [str(each["display"]).strip() for each in self._offered(spec) if each["selected"]]
            if is_set
            else []
        )
        return Menu(
            title=capfirst(str(spec.title)),
            chosen=", ".join(chosen),
            without=self.get_query_string(remove=parameters),
            opening=self.get_query_string({MENU: parameters[0]}),
            is_open=self.request.GET.get(MENU) == parameters[0],
            count=partial(self._choices, spec),
        )

    def _offered(self, spec: Any) -> list[Any]:
        """Return the choices of a filter without the first, which stands for all rows."""
        return list(spec.choices(self))[1:]

    def _choices(self, spec: Any) -> list[Choice]:
        counts = self._counts(spec, self._under_the_others(spec))
        return [
            Choice(str(each["display"]), each["query_string"], count, bool(each["selected"]))
            for each, count in zip(self._offered(spec), counts, strict=True)
        ]

    def _under_the_others(self, spec: Any) -> QuerySet[Any]:
        """Return the rows that the search and the filters other than `spec` leave."""
        found = self.root_queryset
        for other in self.filter_specs:
            narrowed = found if other is spec else other.queryset(self.request, found)
            found = found if narrowed is None else narrowed
        found = found.filter(build_q_object_from_lookup_parameters(self.remaining))
        searched, _may_repeat = self.model_admin.get_search_results(self.request, found, self.query)
        return searched.order_by()

    def _counts(self, spec: Any, found: QuerySet[Any]) -> Iterator[int]:
        """Yield the count of each choice, in the order of the choices."""
        if isinstance(spec, CountedFilter):
            counts = spec.counts(self.request, found)
            yield from (counts.get(str(value), 0) for value, _label in spec.lookup_choices)
        elif isinstance(spec, admin.SimpleListFilter):
            asked = {str(value): self._answered(spec, value) for value, _ in spec.lookup_choices}
            yield from count_each(
                {value: each.queryset(self.request, found) for value, each in asked.items()}
            ).values()
        else:
            counted = spec.choices(_Counting(self, found))
            yield from (_count_in(each["display"]) for each in list(counted)[1:])

    def _answered(self, spec: Any, value: object) -> Any:
        asked = copy(spec)
        asked.used_parameters = {spec.parameter_name: value}
        return asked


class _Counting:
    """The list as Django's own filters see it when they count their choices, which they do in one query."""

    add_facets = True

    def __init__(self, rows: BarList, found: QuerySet[Any]) -> None:
        self.pk_attname = rows.pk_attname
        self.get_query_string = rows.get_query_string
        self._found = found

    def get_queryset(self, request: HttpRequest, exclude_parameters: object = None) -> Any:
        return self._found


def _count_in(display: str) -> int:
    """Return the number that Django writes behind a choice: 3 of “Draft (3)”."""
    return int(display.rpartition(" (")[2].rstrip(")"))
