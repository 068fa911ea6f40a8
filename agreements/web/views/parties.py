"""The list of parties, and the page of one party with its bodies.

A party is public only if it or one of its bodies takes part in a published agreement.
"""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView

from agreements.counting.column_store import Counts
from agreements.domain.choices import Publication
from agreements.models import Participation, Party, with_successions
from agreements.statistics.portfolios import grown, published
from agreements.web.views.portfolios import PortfolioView

PARTIES_ON_A_PAGE = 50
MOST_MEMBERS = MOST_FORMER = 300


class PartySearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name, in any spelling"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class PartyListView(ListView):
    """Shows states and other parties with their bodies below them, or the parties that a search finds."""

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

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        shown = context["page_obj"].object_list
        below = Party.objects.at_or_below(party.slug for party in shown).values("pk")
        rows = shown if self._wanted else Party.objects.in_public().filter(pk__in=below)
        branches = grown(rows, published(timezone.localdate()).by_party())
        return {**context, "form": self.form, "wanted": self._wanted, "branches": branches}

    @property
    def _wanted(self) -> str:
        """The search text; empty if there is none or if it was rejected."""
        return self.form.cleaned_data.get("q", "")


class PartyDetailView(PortfolioView):
    template_name, parameter = "agreements/party_detail.html", "party"
    rows, counted = staticmethod(Party.objects.in_public), staticmethod(Counts.by_party)

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        with_successions([self.object])
        members, member_of = (
            list(rows.select_related(far).order_by(f"{far}__name", "id")[:MOST_MEMBERS])
            for rows, far in (
                (self.object.memberships, "member"),
                (self.object.member_of, "organisation"),
            )
        )
        others = [(row, row.member) for row in members]
        others += [(row, row.organisation) for row in member_of]
        public = Party.objects.in_public().filter(pk__in={party.pk for _row, party in others})
        keys = set(public.values_list("pk", flat=True)) if others else set()
        for row, party in others:
            row.other, row.is_linked = party, party.pk in keys
        # that an organisation is public does not make others so
        member_of = [row for row in member_of if row.is_linked]
        return super().get_context_data(
            members=members, member_of=member_of, former=self._former(), **kwargs
        )

    def _former(self) -> list[Participation]:
        """Return the participations of the party and its bodies that have ended, the latest first.

        Agreements in which another of them still takes part are left out. One query.
        """
        if not self.selection.is_valid:
            return []
        day = self.selection.as_of
        branch = Participation.objects.filter(
            party__in=Party.objects.at_or_below([self.object.slug]).values("pk")
        )
        still = Q(last_day__isnull=True) | Q(last_day__gte=day)
        others = branch.filter(still, agreement=OuterRef("agreement"))
        ended = branch.filter(agreement__publication=Publication.PUBLISHED, last_day__lt=day)
        rows = ended.filter(~Exists(others)).select_related("agreement", "party")
        return list(rows.order_by("-last_day", "agreement__ref", "position")[:MOST_FORMER])
