"""The classes of public filters, one for each kind of value: the form field, the comparison and how a value is shown.

`declarations` lists the filters. To add a filter, add an entry there; to add a kind of values, add a class here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from django import forms
from django.db import router
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext_lazy
from django_countries import countries

from agreements.counting.column_store import (
    SUBJECTS,
    Condition,
    Counts,
    Keys,
    Mask,
    Seen,
    bound_members,
    country_number,
    organisations_of,
)
from agreements.domain.choices import Certainty
from agreements.domain.identifiers import code_of
from agreements.domain.partial_dates import PartialDate, PartialDateFormField, in_words
from agreements.models import Agreement, ExternalIdentifier, Party
from agreements.models.querysets import TreeQuerySet
from agreements.search import SearchQuery, found_keys
from agreements.selection.fields import (
    WITHOUT,
    CodeField,
    CodesField,
    DayField,
    MomentField,
    SlugsField,
    TextsField,
    divided,
)

if TYPE_CHECKING:
    from django.http import QueryDict

    from agreements.selection.facets import Facet
    from agreements.selection.wording import Wording

Text = str | Promise
Choices = Sequence[tuple[str, Text]]
# The validated values of all filters.
Values = Mapping[str, Any]


_EVERY = ngettext_lazy("All %(shown)s choice…", "All %(shown)s choices…", "n")


@dataclass(frozen=True)
class Group:
    """A titled part of the filter form, with the text below its fields; those with few choices are open at first."""

    title: Text
    template: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Clause:
    """A filter's clause in the heading of a selection; clauses are sorted by `place`, the lowest first."""

    place: int
    words: Callable[["Wording"], str]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A parameter of the list, its files and the API. `values` describes what it accepts, `example` is a query string.

    A label that several agreements share can be an adjective in the heading (“Signed agreements”).
    """

    name: str
    label: Text
    meaning: Text
    values: Text
    example: str
    group: Group | None = None
    help_text: Text = ""
    default: str = ""
    has_chip: bool = True
    is_adjective: bool = False
    clause: Clause | None = None
    # the clause in the heading for values that are left out: “but not on %(values)s”
    without: Text = ""
    facet: "Callable[[Filter, QueryDict, Counts], Facet] | None" = None
    offered: Callable[[list[str]], Choices] | None = None
    # the link to all choices, where a facet draws fewer
    every: Text = _EVERY

    field_class: ClassVar[type[forms.Field]]
    is_repeatable: ClassVar[bool] = False
    can_leave_out: ClassVar[bool] = False
    """Whether a value with a sign in front of it leaves out what has it."""
    has_names: ClassVar[bool] = False
    """Whether its values are names, which keep their capitals within a sentence."""
    is_for_files: ClassVar[bool] = False
    says_values: ClassVar[bool] = False
    """Whether OpenAPI has to describe its values, because JSON Schema cannot."""

    @property
    def options(self) -> dict[str, Any]:
        """The field's arguments in addition to the label and the help text."""
        return {}

    def field(self) -> forms.Field:
        return self.field_class(required=False, **self.options)

    @property
    def key(self) -> str:
        """The name of its condition, which several parameters can share."""
        return self.name

    @property
    def facet_name(self) -> str:
        return self.name

    @property
    def column(self) -> str:
        """The column of the column store whose codes it counts and compares."""
        return self.name

    @property
    def is_drawn_as_facet(self) -> bool:
        return self.facet is not None and self.facet_name == self.name

    @property
    def has_page_of_choices(self) -> bool:
        """Whether its facet may have more choices than it draws at first, so that all of them have a page."""
        return self.facet is not None and (self.is_repeatable or not self.is_drawn_as_facet)

    @property
    def qualifies(self) -> tuple[str, ...]:
        """The parameters that this one says more about; without any of them, it says nothing."""
        return ()

    @property
    def key_without(self) -> str:
        """The name of the condition that leaves out."""
        return f"{WITHOUT}{self.key}"

    def condition(self, asked: Values) -> Condition | None:
        """Return the condition that agreements must meet; None if the filter is not used."""
        return None

    def exclusion(self, asked: Values) -> Condition | None:
        """Return the condition that leaves out what has certain values; None if there are none."""
        return None

    def left_out(self, given: "QueryDict") -> tuple[str, ...]:
        """Return the conditions that its facet is counted without: its own, because further choices widen it."""
        return (self.name,)

    def shown(self, value: str, wording: "Wording") -> str:
        """Return a value in words, for its chip and the heading."""
        return value


# Whether an agreement has a value.
Finder = Callable[[Seen, str], Mask]


class Several(Filter):
    """Several values, of which an agreement must have any, and others with a sign, of which it must have none."""

    is_repeatable = True
    can_leave_out = True

    def finder(self, values: list[str], asked: Values) -> Finder:
        """Return what finds the agreements that have one of these values; queries belong here."""
        raise NotImplementedError

    def condition(self, asked: Values) -> Condition | None:
        kept, _left_out = divided(asked[self.name])
        if not kept:
            return None
        find = self.finder(kept, asked)
        return lambda seen: self.combined((find(seen, value) for value in kept), asked)

    def exclusion(self, asked: Values) -> Condition | None:
        _kept, left_out = divided(asked[self.name])
        if not left_out:
            return None
        find = self.finder(left_out, asked)
        return lambda seen: ~reduce(np.logical_or, (find(seen, value) for value in left_out))

    def combined(self, masks: Iterable[Mask], asked: Values) -> Mask:
        return reduce(np.logical_or, masks)


@dataclass(frozen=True, kw_only=True)
class Codes(Several):
    """One or more codes from a fixed set, compared with the column `source`; by default the column of the same name."""

    codes: type[TextChoices]
    source: str = ""

    field_class = CodesField

    @property
    def options(self) -> dict[str, Any]:
        return {"choices": self.codes.choices, "can_leave_out": True}

    def finder(self, values: list[str], asked: Values) -> Finder:
        return lambda seen, value: seen.segment.having(self.column, [value])

    @property
    def column(self) -> str:
        return self.source or self.name

    def shown(self, value: str, wording: "Wording") -> str:
        return str(self.codes(value).label)


class Statuses(Codes):
    def finder(self, values: list[str], asked: Values) -> Finder:
        return lambda seen, value: seen.having_status([value])


@dataclass(frozen=True, kw_only=True)
class Marked(Several):
    """One or more codes, each for a mark that an agreement has or, if it `is_missing`, has not."""

    choices: Choices
    mark: Callable[[str], str] = str
    is_missing: bool = False

    field_class = CodesField

    @property
    def options(self) -> dict[str, Any]:
        return {"choices": self.choices, "can_leave_out": True}

    def finder(self, values: list[str], asked: Values) -> Finder:
        return lambda seen, value: seen.segment.marked(self.mark(value)) != self.is_missing

    def shown(self, value: str, wording: "Wording") -> str:
        return str(dict(self.choices)[value])


@dataclass(frozen=True, kw_only=True)
class Subjects(Several):
    """One or more subjects as sources name them, in capital or small letters."""

    longest: int

    field_class = TextsField
    has_names = True

    @property
    def options(self) -> dict[str, Any]:
        return {"longest": self.longest, "widget": forms.SelectMultiple}

    def finder(self, values: list[str], asked: Values) -> Finder:
        return lambda seen, value: np.isin(seen.segment.subjects, SUBJECTS.codes_of(value))


def asks_through(asked: Values) -> bool:
    """Whether countries are to count in the agreements of organisations that bind them."""
    return asked.get("through_organisation") == "true"


def asks_for_nobody_else(asked: Values) -> bool:
    return asked.get("no_other_parties") == "true"


ANY, ALL = "any", "all"


class Matched(Several):
    """Several values, of which any must apply or, if the parameter `match` says so, all."""

    # if nobody else may take part, all of these must
    is_of_parties: ClassVar[bool] = False

    @property
    def match(self) -> str:
        return f"{self.name}_match"

    def asks_for_all(self, asked: Values) -> bool:
        is_exact = self.is_of_parties and asks_for_nobody_else(asked)
        return is_exact or asked.get(self.match) == ALL

    def left_out(self, given: "QueryDict") -> tuple[str, ...]:
        """Where all must apply, further choices narrow the selection: count them within it."""
        return () if self.asks_for_all(given) else super().left_out(given)

    def combined(self, masks: Iterable[Mask], asked: Values) -> Mask:
        return reduce(np.logical_and if self.asks_for_all(asked) else np.logical_or, masks)


class Countries(Matched):
    field_class = CodesField
    has_names = True
    is_of_parties = True

    @property
    def options(self) -> dict[str, Any]:
        # a function, because the names depend on the language of the request
        return {"choices": lambda: list(countries), "can_leave_out": True}

    def finder(self, values: list[str], asked: Values) -> Finder:
        members = bound_members(values) if asks_through(asked) else []

        def find(seen: Seen, code: str) -> Mask:
            return _taking_part(seen, code, organisations_of(members, seen.day))

        return find

    def shown(self, value: str, wording: "Wording") -> str:
        return str(dict(countries).get(value, value))


def _taking_part(seen: Seen, code: str, through: Mapping[str, frozenset[int]]) -> Mask:
    """Return a mask of those in which a country takes part, itself or through these organisations."""
    own = seen.linked("country", [country_number(code)])
    return own | seen.binding(through[code]) if code in through else own


@dataclass(frozen=True, kw_only=True)
class Branches(Matched):
    """One or more rows of a tree by their current or former slugs, each including everything under it."""

    rows: TreeQuerySet
    widget: type[forms.Widget] = forms.SelectMultiple

    field_class = SlugsField

    @property
    def options(self) -> dict[str, Any]:
        return {"rows": self.rows, "widget": self.widget, "can_leave_out": True}

    def finder(self, values: list[str], asked: Values) -> Finder:
        rows = self.rows.model._default_manager.filter(slug__in=values)
        keys = dict(rows.values_list("slug", "pk"))
        return lambda seen, slug: seen.linked(self.name, [keys[slug]] if slug in keys else [])

    def names(self, values: list[str]) -> dict[str, str]:
        """Return the names of these rows by slug, sorted by name; no query if there are none."""
        if not values:
            return {}
        slugs = [slug for part in divided(values) for slug in part]
        rows = self.rows.model._default_manager.filter(slug__in=slugs).order_by("name")
        return dict(rows.values_list("slug", "name"))

    def shown(self, value: str, wording: "Wording") -> str:
        return wording.names[self.name].get(value, value)


class Parties(Branches):
    has_names = True
    is_of_parties = True


@dataclass(frozen=True, kw_only=True)
class Choice(Filter):
    """One code from a fixed set."""

    choices: Choices

    field_class = CodeField

    @property
    def options(self) -> dict[str, Any]:
        return {"choices": self.choices}


_ANY_OR_ALL = _lazy("any or all")


@dataclass(frozen=True, kw_only=True)
class Match(Choice):
    """Whether any or all of the values of another parameter must apply; `Matched` reads it."""

    choices: Choices = ((ANY, _lazy("any of them")), (ALL, _lazy("all of them")))
    values: Text = _ANY_OR_ALL
    default: str = ANY
    has_chip: bool = False

    @property
    def qualifies(self) -> tuple[str, ...]:
        return (self.name.removesuffix("_match"),)


_YES_OR_NO = (("", _lazy("Either")), ("true", _lazy("Yes")), ("false", _lazy("No")))
_TRUE_OR_FALSE = _lazy("true or false")


@dataclass(frozen=True, kw_only=True)
class YesNo(Choice):
    """Whether a condition holds; `holds` returns the mask of the agreements for which it does."""

    holds: Callable[[Seen], Mask]
    choices: Choices = _YES_OR_NO
    values: Text = _TRUE_OR_FALSE

    def condition(self, asked: Values) -> Condition | None:
        value = asked[self.name]
        return (lambda seen: self.holds(seen) == (value == "true")) if value else None

    def shown(self, value: str, wording: "Wording") -> str:
        return _("yes") if value == "true" else _("no")


class Switch(Choice):
    """Off by default; another filter reads it."""

    def shown(self, value: str, wording: "Wording") -> str:
        return _("yes") if value == "true" else _("no")


class NobodyElse(Switch):
    """Whether the countries and parties asked for are the only parties, apart from bodies of theirs."""

    @property
    def qualifies(self) -> tuple[str, ...]:
        return ("country", "party")

    def condition(self, asked: Values) -> Condition | None:
        codes, slugs = (divided(asked[name])[0] for name in self.qualifies)
        if not asks_for_nobody_else(asked) or not (codes or slugs):
            return None
        own = frozenset(keys_of_parties(codes, slugs))
        members = bound_members(codes) if asks_through(asked) else []

        def holds(seen: Seen) -> Mask:
            binding = organisations_of(members, seen.day).values()
            return seen.only_of(own.union(*binding))

        return holds


def keys_of_parties(codes: Iterable[str], slugs: Iterable[str]) -> list[int]:
    """Return the keys of the parties of these countries, and of those with these slugs and under them; one query."""
    found = Party.objects.filter(country__in=list(codes)) | Party.objects.at_or_below(slugs)
    return list(found.order_by().values_list("pk", flat=True))


class CertaintyChoice(Choice):
    def shown(self, value: str, wording: "Wording") -> str:
        return str(Certainty(value).label)


class Day(Filter):
    field_class = DayField

    def shown(self, value: str, wording: "Wording") -> str:
        return in_words(PartialDate.from_date(wording.asked[self.name]))


class ChangedSince(Filter):
    """A moment: the published agreements that were changed then or later, for programs that keep a copy."""

    field_class = MomentField
    says_values = True

    def condition(self, asked: Values) -> Condition | None:
        if (moment := asked[self.name]) is None:
            return None
        changed = Agreement.objects.published().filter(updated_at__gte=moment)
        keys = np.fromiter(changed.values_list("pk", flat=True).iterator(), np.int64)
        return lambda seen: seen.segment.alive & np.isin(seen.segment.keys, keys)

    def shown(self, value: str, wording: "Wording") -> str:
        return f"{wording.asked[self.name]:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class Period:
    """Two parameters that bound the partial date in the column of that name, and the period in words."""

    name: str
    on: Text
    within: Text
    between: Text
    since: Text
    until: Text

    @property
    def parameters(self) -> tuple[str, str]:
        return f"{self.name}_from", f"{self.name}_to"

    def phrase(self, wording: "Wording") -> str:
        start, end = (wording.asked[name] for name in self.parameters)
        if start is None and end is None:
            return ""
        if start is not None and start == end:
            pattern = self.on if start.precision == "day" else self.within
        elif start is not None:
            pattern = self.since if end is None else self.between
        else:
            pattern = self.until
        period = str(pattern) % {
            "start": start and in_words(start),
            "end": end and in_words(end),
        }
        is_certain = wording.asked["certainty"] == Certainty.CERTAIN
        return f"{_('certainly')} {period}" if is_certain else period


@dataclass(frozen=True, kw_only=True)
class Bound(Filter):
    """One end of a period. Both ends form a single condition, which depends on `certainty`."""

    period: Period

    field_class = PartialDateFormField
    says_values = True

    @property
    def key(self) -> str:
        return self.period.name

    @property
    def facet_name(self) -> str:
        return f"{self.period.name}_year"

    def condition(self, asked: Values) -> Condition | None:
        start, end = (asked[name] for name in self.period.parameters)
        if start is None and end is None:
            return None
        first, last = start and start.earliest, end and end.latest
        certainly = asked["certainty"] == Certainty.CERTAIN
        return lambda seen: seen.segment.in_period(self.key, first, last, certainly=certainly)

    def shown(self, value: str, wording: "Wording") -> str:
        return in_words(wording.asked[self.name])


@dataclass(frozen=True, kw_only=True)
class Number(Filter):
    least: int
    most: int
    compared: Callable[[Seen, int], Mask] | None = None

    field_class = forms.IntegerField

    @property
    def options(self) -> dict[str, Any]:
        return {"min_value": self.least, "max_value": self.most}

    def condition(self, asked: Values) -> Condition | None:
        number, compared = asked[self.name], self.compared
        if number is None or compared is None:
            return None
        return lambda seen: compared(seen, number)


@dataclass(frozen=True, kw_only=True)
class Words(Filter):
    """Words to search for; the search index says which agreements contain them."""

    longest: int

    field_class = forms.CharField

    @property
    def options(self) -> dict[str, Any]:
        widget = forms.TextInput(attrs={"type": "search", "maxlength": self.longest})
        return {"max_length": self.longest, "widget": widget}

    def condition(self, asked: Values) -> Condition | None:
        if not (text := asked[self.name]):
            return None
        query, database = SearchQuery.read(text), router.db_for_read(Agreement)
        found = found_keys(query.wanted, database) if query.wanted else None
        left_out = [found_keys([term], database) for term in query.unwanted]

        def condition(seen: Seen) -> Mask:
            segment = seen.segment
            mask = segment.alive & bool(query) if found is None else np.isin(segment.keys, found)
            return mask & ~np.isin(segment.keys, np.concatenate([_NO_KEYS, *left_out]))

        return condition


@dataclass(frozen=True, kw_only=True)
class ByText(Filter):
    """A text of at most `longest` characters; `found` returns the keys of the agreements that it means."""

    longest: int

    field_class = forms.CharField

    @property
    def options(self) -> dict[str, Any]:
        return {"max_length": self.longest}

    def condition(self, asked: Values) -> Condition | None:
        if not (text := asked[self.name]):
            return None
        keys = self.found(text)
        return lambda seen: np.isin(seen.segment.keys, keys)

    def found(self, text: str) -> Keys:
        raise NotImplementedError


class Identifiers(ByText):
    """An identifier in another register, as `scheme:value` or by its value alone."""

    def found(self, text: str) -> Keys:
        known = ExternalIdentifier.objects.in_public()
        scheme, _colon, value = text.partition(":")
        # values may contain colons too
        rows = (
            known.named(text) | known.named(value, code_of(scheme)) if value else known.named(text)
        )
        keys = rows.values_list("agreement_id", flat=True)[:MOST_WITH_ONE_VALUE]
        return np.array(list(keys), np.int64)


# Registers number their agreements from 1, so several schemes may share a value; but only that many.
MOST_WITH_ONE_VALUE = 10_000
_NO_KEYS = np.zeros(0, np.int64)


def found_in_title(text: str) -> Keys | None:
    """Return the keys of the agreements that contain all words of a search in their title; None without a search."""
    wanted = SearchQuery.read(text).wanted
    return found_keys(wanted, router.db_for_read(Agreement), in_title=True) if wanted else None


class FileParameter(Filter):
    """A parameter that files read themselves; pages ignore it."""

    is_for_files = True
