"""The contract's filter parameters, one filter each; pages, files and the API all use this FilterSet.

A filter only names the question; the question itself is a method of `AgreementQuerySet`. Invalid values never reach the
database: `Selection` asks `is_valid` first and shows nothing otherwise.
"""

from datetime import date
from typing import Any

import django_filters
import numpy as np
from django import forms
from django.db import router
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.counting.column_store import Asked, Period
from agreements.domain.choices import (
    Certainty,
    Kind,
    LegalNature,
    Publication,
    Status,
    Verification,
)
from agreements.domain.partial_dates import PartialDateFormField
from agreements.models import Agreement, Area, Participation, Party
from agreements.search import SearchQuery, found_keys
from agreements.selection.forms import (
    AgreementFilterForm,
    CodeField,
    CodesField,
    DayField,
    SlugsField,
    area_choices,
    party_choices,
)

DEFAULT_SORT = "-signed"
SEARCH_SORT = "relevance"
PER_PAGE = (25, 50, 100)
LONGEST_QUERY = 200
FARTHEST_DAYS = 36_500

SORT_CHOICES = (
    ("", _("Best match of the words, else latest signed")),
    ("-signed", _("Latest signed first")),
    ("signed", _("Earliest signed first")),
    ("title", _("Title")),
    ("ref", _("Reference")),
    ("-updated", _("Last updated first")),
    ("relevance", _("Best match first")),
)
YES_NO = (("", _("Either")), ("true", _("Yes")), ("false", _("No")))


class CodesFilter(django_filters.Filter):
    field_class = CodesField


class CodeFilter(django_filters.Filter):
    field_class = CodeField


class DayFilter(django_filters.Filter):
    field_class = DayField


class SlugsFilter(django_filters.Filter):
    field_class = SlugsField


class PartialDateFilter(django_filters.Filter):
    field_class = PartialDateFormField


class WholeNumberFilter(django_filters.Filter):
    field_class = forms.IntegerField


class AgreementFilterSet(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search"),
        method="containing",
        max_length=LONGEST_QUERY,
        help_text=_(
            "Words of the title, the summary, a party, a signatory, an area or a place. "
            "“Several together” in quotes, -without in front of a word."
        ),
        widget=forms.TextInput(attrs={"type": "search", "maxlength": LONGEST_QUERY}),
    )
    status = CodesFilter(label=_("Status"), choices=Status.choices, method="having_status")
    as_of = DayFilter(
        label=_("Status as of"), method="leave", help_text=_("Today, unless you choose a day.")
    )
    area = SlugsFilter(
        label=_("Cooperation areas"),
        rows=Area.objects.all(),
        method="in_areas",
        help_text=_("An area includes the areas under it."),
        widget=forms.CheckboxSelectMultiple,
    )
    country = CodesFilter(
        label=_("Countries"),
        choices=list(countries),
        method="of_countries",
        help_text=_("A country includes its ministries and agencies."),
    )
    party = SlugsFilter(
        label=_("Parties"),
        rows=Party.objects.in_public(),
        method="of_parties",
        help_text=_("A party includes the bodies under it."),
    )
    signed_from = PartialDateFilter(label=_("Signed from"), method="leave")
    signed_to = PartialDateFilter(label=_("Signed until"), method="leave")
    certainty = CodeFilter(
        label=_("Dates known in part"),
        choices=[
            ("", Certainty.POSSIBLE.label),
            ("certain", Certainty.CERTAIN.label),
            ("possible", Certainty.POSSIBLE.label),
        ],
        method="leave",
        help_text=_("“August 2023” possibly lies in the week from 15 August, but not certainly."),
    )
    expires_within = WholeNumberFilter(
        label=_("Ends within days"), min_value=0, max_value=FARTHEST_DAYS, method="ending_within"
    )
    kind = CodesFilter(label=_("Kind"), choices=Kind.choices, lookup_expr="in")
    legal_nature = CodesFilter(
        label=_("Legal nature"), choices=LegalNature.choices, lookup_expr="in"
    )
    verification = CodesFilter(
        label=_("Verification"), choices=Verification.choices, lookup_expr="in"
    )
    has_document = CodeFilter(
        label=_("Has a public document"), choices=YES_NO, method="with_document"
    )
    sort = CodeFilter(label=_("Order"), choices=SORT_CHOICES, method="leave")
    per_page = CodeFilter(
        label=_("Agreements on a page"),
        choices=[(str(n), str(n)) for n in PER_PAGE],
        method="leave",
    )
    page = WholeNumberFilter(min_value=1, max_value=10**9, method="leave")

    class Meta:
        model = Agreement
        fields: list[str] = []
        form = AgreementFilterForm

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    @property
    def day(self) -> date:
        """The day the status is computed for."""
        return self.form.cleaned_data.get("as_of") or self.today

    def offer_what_occurs(self) -> None:
        """Let the widgets of the form offer what the public register holds; three queries, for pages only."""
        fields = self.form.fields
        fields["area"].choices = area_choices()
        fields["party"].choices = party_choices(self.data.getlist("party"))
        fields["country"].widget.choices = _countries_that_occur(self.data.getlist("country"))

    def leave(self, queryset: QuerySet[Agreement], name: str, value: Any) -> QuerySet[Agreement]:
        """The parameter narrows nothing by itself; another filter or the list reads it."""
        return queryset

    def containing(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.containing(value)

    def having_status(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.having_status(value, self.day)

    def in_areas(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.in_areas(value)

    def of_countries(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.of_countries(value)

    def of_parties(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.of_parties(value)

    def ending_within(self, queryset: Any, name: str, value: int) -> Any:
        return queryset.ending_within(days=value, day=self.day)

    def with_document(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.with_public_document(value == "true")

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply every filter, then the period, whose three parameters only mean something together."""
        return self._narrowed(queryset, leaving_out=())

    def without(self, *names: str) -> Any:
        """Return the agreements under every filter but these, in no order, for a facet's counts."""
        return self._narrowed(self.queryset.all(), leaving_out=names)

    def asked(self) -> Asked:
        """Return the filters as the columns understand them; a query for areas and for parties, two for words."""
        wanted = self.form.cleaned_data
        start, end = wanted["signed_from"], wanted["signed_to"]
        return Asked(
            day=self.day,
            **{name: wanted[name] for name in _CODED},
            area=_keys(Area, wanted["area"]),
            party=_keys(Party, wanted["party"]),
            signed=Period(
                start.earliest if start else None,
                end.latest if end else None,
                certainly=wanted["certainty"] == Certainty.CERTAIN,
            )
            if start or end
            else None,
            expires_within=wanted["expires_within"],
            has_document=wanted["has_document"] == "true" if wanted["has_document"] else None,
            **_searched(wanted["q"]),
        )

    def chosen(self, name: str) -> list[str]:
        """Return the values given for a parameter."""
        return self.data.getlist(name)

    def _narrowed(self, queryset: Any, leaving_out: tuple[str, ...]) -> Any:
        wanted = self.form.cleaned_data
        for name, value in wanted.items():
            if name not in leaving_out:
                queryset = self.filters[name].filter(queryset, value)
        if "signed_from" in leaving_out:
            return queryset
        return queryset.signed_between(
            wanted["signed_from"], wanted["signed_to"], wanted["certainty"]
        )


_CODED = ("status", "kind", "legal_nature", "verification", "country")


def _keys(tree: Any, slugs: list[str]) -> list[int]:
    return list(tree.objects.filter(slug__in=slugs).values_list("pk", flat=True)) if slugs else []


def _searched(text: str) -> dict[str, Any]:
    """Return the keys that a search finds and those that it must not; nothing if nothing is searched for."""
    if not text:
        return {}
    query = SearchQuery.read(text)
    database = router.db_for_read(Agreement)
    asked: dict[str, Any] = {}
    if query.wanted or not query:
        asked["found"] = found_keys(query.wanted, database) if query else np.zeros(0, np.int64)
    if query.wanted:
        asked["ahead"] = found_keys(query.wanted, database, in_title=True)
    if query.unwanted:
        unwanted = [found_keys([term], database) for term in query.unwanted]
        asked["left_out"] = np.concatenate(unwanted)
    return asked


def _countries_that_occur(chosen: list[str]) -> list[tuple[str, str]]:
    codes = Participation.objects.filter(agreement__publication=Publication.PUBLISHED)
    occurring = {*codes.order_by().values_list("party__country", flat=True).distinct(), *chosen}
    return [(code, name) for code, name in countries if code in occurring]
