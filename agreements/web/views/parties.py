"""Parties: all who take part in a published agreement, and the portfolio of each with its bodies.

A party without any published agreement, of its own or of a body of it, does not exist for the public.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView

from agreements.models import Party
from agreements.statistics.portfolios import grown, party_counts
from agreements.web.views.portfolios import PortfolioView

PARTIES_ON_A_PAGE = 50


class PartySearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name, in any spelling"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class PartyListView(ListView):
    """States and other parties with their bodies under them, or those that a search finds."""

    model = Party
    paginate_by = PARTIES_ON_A_PAGE

    def get_queryset(self) -> QuerySet[Party]:
        self.form = PartySearchForm(self.request.GET)
        if not self.form.is_valid():
            return Party.objects.none()
        if self._wanted:
            named = Party.objects.named(self._wanted).values("pk")
            return Party.objects.in_public().filter(pk__in=named).select_related("parent")
        return Party.objects.in_public().filter(parent=None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = context["page_obj"].object_list
        rows = shown if self._wanted else _at_or_below(shown)
        branches = grown(rows, party_counts())
        return {**context, "form": self.form, "wanted": self._wanted, "branches": branches}

    @property
    def _wanted(self) -> str:
        """What is searched for; empty without a search, and where the search is refused."""
        return self.form.cleaned_data.get("q", "")


class PartyDetailView(PortfolioView):
    template_name = "agreements/party_detail.html"
    parameter = "party"

    def rows(self) -> QuerySet[Party]:
        return Party.objects.in_public().prefetch_related("names")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bodies = _at_or_below([self.object]).exclude(pk=self.object.pk)
        counts = self.selection.counts.of_all.by_party()
        context = super().get_context_data(bodies=grown(bodies, counts), **kwargs)
        if statistics := context["statistics"]:
            context["partners"] = statistics.partners(self.object)
        return context


def _at_or_below(parties: Iterable[Party]) -> QuerySet[Party]:
    below = Party.objects.at_or_below(party.slug for party in parties)
    return Party.objects.in_public().filter(pk__in=below.values("pk"))
