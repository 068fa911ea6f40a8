"""The API's query parameters other than those of a selection of agreements, which `Selection` reads."""

from collections.abc import Collection
from datetime import date
from typing import ClassVar, Self

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.domain.choices import PartyKind
from agreements.domain.facts import PUBLIC
from agreements.models import Area, Party
from agreements.selection.declarations import FILTERS, LONGEST_QUERY, PER_PAGE
from agreements.selection.fields import CodesField, DayField
from agreements.selection.reading import (
    Problem,
    refuse_repetition,
    unknown_parameters,
    with_present_codes,
    without_blanks,
)

# More than on a page, which people scroll; the files hold everything at once.
MOST_PER_PAGE = 1_000


class NamesField(CodesField):
    """One or more names from a fixed set, repeated or with commas between them."""

    def to_python(self, value: list[str] | None) -> list[str]:
        return [name.strip() for text in value or () for name in text.split(",") if name.strip()]


def _names_of_fields() -> NamesField:
    return NamesField(
        required=False,
        choices=[(value.name, value.name) for value in PUBLIC],
        help_text=_(
            "Only these fields of each agreement, and its reference: repeat the parameter, or write commas "
            "between them."
        ),
    )


class QueryForm(forms.Form):
    """The parameters of an endpoint. This one has none; subclasses declare theirs."""

    repeatable: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, query: QueryDict, *, further: Collection[str] = ()) -> None:
        """`further` lists parameters that are accepted because the caller reads them itself."""
        self.given = with_present_codes(without_blanks(query))
        self.further = further
        super().__init__(data=self.given)
        refuse_repetition(self, self.given, self.repeatable)

    @classmethod
    def own(cls, query: QueryDict) -> Self:
        """Read only the parameters declared here from a query that has others as well."""
        own = QueryDict(mutable=True)
        for name in cls.base_fields:
            own.setlist(name, query.getlist(name))
        return cls(own)

    @classmethod
    def others(cls, query: QueryDict) -> QueryDict:
        """Return the query without the parameters declared here."""
        others = query.copy()
        for name in cls.base_fields:
            others.pop(name, None)
        return others

    @property
    def problems(self) -> list[Problem]:
        """Everything about the query that was not understood."""
        refused = [
            Problem(name, name, str(message))
            for name, messages in self.errors.items()
            for message in messages
        ]
        unknown = unknown_parameters(self.given, [*self.fields, *self.further])
        return [*refused, *unknown]


class RecordForm(QueryForm):
    repeatable = frozenset({"fields"})

    as_of = DayField(
        required=False,
        help_text=_("The day for which the status is computed; today if you leave it out."),
    )
    # Django takes this out of the class, so it hides nothing.
    fields = _names_of_fields()  # type: ignore[assignment]

    def day(self, *, today: date) -> date:
        return self.cleaned_data["as_of"] or today


class ListForm(QueryForm):
    """The parameters of a list, and the rows they select."""

    per_page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_PER_PAGE,
        help_text=_("How many results per page, at most 1,000; 25 if you leave it out."),
    )

    @property
    def size(self) -> int:
        return self.cleaned_data["per_page"] or PER_PAGE[0]

    @property
    def query(self) -> str:
        """The canonical query string: sorted, without blanks and without the position in the list."""
        canonical = QueryDict(mutable=True)
        for name in sorted(self.fields):
            if values := sorted(set(self.given.getlist(name))):
                canonical.setlist(name, values)
        return canonical.urlencode()

    def rows(self) -> QuerySet[Model]:
        """Return the selected rows in a total order."""
        raise NotImplementedError


class AgreementListForm(ListForm):
    """What the API takes for a list of agreements beside the selection, which defines the rows."""

    repeatable = frozenset({"fields"})

    fields = _names_of_fields()  # type: ignore[assignment]


MOST_CHOICES = 1_000


def faceted() -> list[str]:
    """Return the parameters whose choices are counted, in the order of the page."""
    return [declared.name for declared in FILTERS if declared.is_drawn_as_facet]


class FacetsForm(QueryForm):
    """Which facets of a selection to count, and how many choices of each to name."""

    repeatable = frozenset({"facet"})

    facet = NamesField(
        required=False,
        choices=[(name, name) for name in faceted()],
        help_text=_(
            "Only the choices of these parameters: repeat it, or write commas between them."
        ),
    )
    most = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_CHOICES,
        help_text=_("How many choices of each, at most 1,000; 25 if you leave it out."),
    )


class PartyListForm(ListForm):
    repeatable = frozenset({"country", "kind"})

    q = forms.CharField(
        required=False,
        max_length=LONGEST_QUERY,
        help_text=_("Part of a name, in any spelling or language."),
    )
    country = CodesField(
        required=False,
        choices=list(countries),
        help_text=_("Country of the party, or of the state it belongs to."),
    )
    kind = CodesField(required=False, choices=PartyKind.choices, help_text=_("Kind of party."))

    def rows(self) -> QuerySet[Party]:
        asked = self.cleaned_data
        parties: QuerySet[Party] = Party.objects.in_public()
        if asked["q"]:
            parties = parties.filter(pk__in=Party.objects.named(asked["q"]).values("pk"))
        if asked["country"]:
            parties = parties.filter(country__in=asked["country"])
        if asked["kind"]:
            parties = parties.filter(kind__in=asked["kind"])
        return parties.order_by("name", "slug")


class AreaListForm(ListForm):
    def rows(self) -> QuerySet[Area]:
        return Area.objects.order_by("slug")
