"""Cooperation areas: the whole tree with what is published on each, and one area with its sub-areas."""

from typing import Any

from django.db.models import QuerySet
from django.views.generic import TemplateView

from agreements.models import Area
from agreements.statistics.portfolios import grown, published
from agreements.web.views.portfolios import PortfolioView


class AreaListView(TemplateView):
    template_name = "agreements/area_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = published()
        return super().get_context_data(
            branches=grown(Area.objects.all(), counts.by_area()),
            without_area=counts.without_area(),
            **kwargs,
        )


class AreaDetailView(PortfolioView):
    template_name = "agreements/area_detail.html"
    parameter = "area"

    def rows(self) -> QuerySet[Area]:
        return Area.objects.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        below = Area.objects.at_or_below([self.object.slug]).exclude(pk=self.object.pk)
        context = super().get_context_data(
            sub_areas=grown(below, self.selection.counts.of_all.by_area()), **kwargs
        )
        if statistics := context["statistics"]:
            context["partners"] = statistics.most_frequent_parties
        return context
