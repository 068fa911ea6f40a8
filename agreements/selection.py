"""One selection of agreements, read from a query string in one place.

Whatever shows agreements — list, file, feed, chart — asks a `Selection` for its rows, its address and its description,
so that no two of them can disagree. A value that cannot be understood leaves the selection invalid and empty: it is
named to the user and never ignored.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from agreements.choices import Certainty, Kind, LegalNature, Status, Verification
from agreements.filters import DEFAULT_SORT, PER_PAGE, AgreementFilterSet
from agreements.forms import did_you_mean
from agreements.models import Agreement, Area, Party
from agreements.partial_dates import PartialDate, in_words
from agreements.querysets import AgreementQuerySet

REPEATABLE = frozenset(
    {"status", "kind", "legal_nature", "area", "country", "party", "verification"}
)
DEFAULTS = {
    "certainty": Certainty.POSSIBLE.value,
    "sort": DEFAULT_SORT,
    "per_page": str(PER_PAGE[0]),
    "page": "1",
}
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


class Selection:
    """The published agreements that a query string asks for, seen on `today`.

    Only published records are ever in it, whoever asks.
    """

    def __init__(self, query: QueryDict, *, today: date) -> None:
        self.today = today
        self._given = _without_blanks(query)
        self.filterset = AgreementFilterSet(
            data=self._given, queryset=Agreement.objects.published(), today=today
        )
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
        known = [*self.form.fields, *FILE_PARAMETERS]
        return [
            Problem(name, name, _("There is no such parameter.") + did_you_mean(name, known))
            for name in self._given
            if name not in known and not _is_tracking(name)
        ]

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
        return (self.is_valid and self.form.cleaned_data["sort"]) or DEFAULT_SORT

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
    def canonical_query(self) -> str:
        """The query string of this selection: sorted, without blanks, defaults and the page."""
        canonical = QueryDict(mutable=True)
        for name in sorted(self.form.fields):
            values = sorted(set(self._given.getlist(name)))
            if values and values != [DEFAULTS.get(name)] and name != "page":
                canonical.setlist(name, values)
        return canonical.urlencode()

    @cached_property
    def words(self) -> str:
        """The selection as a person would say it, such as “Signed agreements on rehabilitation with Uzbekistan”."""
        if not self.is_valid:
            return _("Agreements")
        asked = self.form.cleaned_data
        clauses = [self._subject(asked), *filter(None, self._clauses(asked))]
        if asked["as_of"]:
            clauses[-1] += ","
            clauses.append(
                _("as of %(day)s") % {"day": in_words(PartialDate.from_date(self.as_of))}
            )
        return " ".join(clauses)

    @staticmethod
    def _subject(asked: dict[str, Any]) -> str:
        adjectives = [
            _any_of(Status, asked["status"]),
            _any_of(LegalNature, asked["legal_nature"]),
            _any_of(Verification, asked["verification"]),
        ]
        described = ", ".join(adjective.lower() for adjective in adjectives if adjective)
        subject = (
            _("%(described)s agreements") % {"described": described}
            if described
            else _("agreements")
        )
        return subject[:1].upper() + subject[1:]

    @staticmethod
    def _clauses(asked: dict[str, Any]) -> list[str]:
        names = {code: str(name) for code, name in countries}
        partners = [names.get(code, code) for code in asked["country"]]
        partners += _names_of(Party, asked["party"])
        fields = [name.lower() for name in _names_of(Area, asked["area"])]
        document = {
            "true": _("with a public document"),
            "false": _("without a public document"),
        }
        return [
            _("(%(kinds)s)") % {"kinds": _any_of(Kind, asked["kind"]).lower()}
            if asked["kind"]
            else "",
            _("on %(areas)s") % {"areas": _either(fields)} if fields else "",
            _("with %(partners)s") % {"partners": _either(partners)} if partners else "",
            _period(asked["signed_from"], asked["signed_to"], asked["certainty"]),
            _ending(asked["expires_within"]),
            document.get(asked["has_document"], ""),
            _("containing “%(q)s”") % {"q": asked["q"]} if asked["q"] else "",
        ]

    def _refuse_repetition(self) -> None:
        for name in self.form.fields.keys() - REPEATABLE:
            if len(set(self._given.getlist(name))) > 1:
                self.form.add_error(
                    name, _("This is given more than once, with different values. Give it once.")
                )


def _without_blanks(query: QueryDict) -> QueryDict:
    """Drop what a browser sends for fields that were left empty."""
    given = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value.strip()]:
            given.setlist(name, filled)
    return given


def _is_tracking(name: str) -> bool:
    return name.startswith(_TRACKING) or name in _TRACKING_NAMES


def _either(words: list[str]) -> str:
    return get_text_list(words, _("or"))


def _any_of(choices: Any, codes: list[str]) -> str:
    return _either([str(choices(code).label) for code in codes])


def _names_of(model: Any, slugs: list[str]) -> list[str]:
    if not slugs:
        return []
    return list(
        model.objects.filter(slug__in=slugs).order_by("name").values_list("name", flat=True)
    )


def _period(start: PartialDate | None, end: PartialDate | None, certainty: str) -> str:
    if start is None and end is None:
        return ""
    dates = {"start": start and in_words(start), "end": end and in_words(end)}
    if start is not None and end is not None:
        period = _("signed from %(start)s to %(end)s") % dates
    elif start is not None:
        period = _("signed from %(start)s") % dates
    else:
        period = _("signed until %(end)s") % dates
    return f"{_('certainly')} {period}" if certainty == Certainty.CERTAIN else period


def _ending(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext("ending within %(n)d day", "ending within %(n)d days", days) % {"n": days}
