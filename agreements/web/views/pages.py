"""The home page, and the pages about the register and its data."""

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from agreements.domain.data_dictionary import VERIFICATION, VOCABULARIES
from agreements.domain.facts import COLUMNS
from agreements.models import Agreement
from agreements.selection.declarations import PARAMETERS
from agreements.selection.selection import Selection
from agreements.statistics.counts import Statistics
from agreements.statistics.portfolios import key_figures

NEWEST = 6
ENDING_WITHIN_DAYS = 180
MOST_ENDING = 6


class HomeView(TemplateView):
    template_name = "agreements/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        today = timezone.localdate()
        rows = Agreement.objects.published().with_status(today).with_parties()
        everything = Selection(QueryDict(), today=today)
        soon = everything.counts.also(
            expires_within=lambda seen: seen.ending_within(ENDING_WITHIN_DAYS)
        )
        ending = soon.soonest("expires_earliest", MOST_ENDING)
        return super().get_context_data(
            today=today,
            figures=key_figures(everything.counts),
            statistics=Statistics(everything),
            newest=rows.latest_published(NEWEST),
            ending=rows.filter(pk__in=ending).order_by("expires_earliest", "ref")[:MOST_ENDING],
            ending_within=ENDING_WITHIN_DAYS,
            **kwargs,
        )


class AboutView(TemplateView):
    template_name = "agreements/about.html"
    extra_context = {"verification": VERIFICATION}


class DataView(TemplateView):
    template_name = "agreements/data.html"
    extra_context = {
        "columns": COLUMNS,
        "parameters": PARAMETERS,
        "vocabularies": VOCABULARIES,
    }

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        csv_address = self.request.build_absolute_uri(reverse("agreements:agreement_csv"))
        return super().get_context_data(csv_address=csv_address, **kwargs)
