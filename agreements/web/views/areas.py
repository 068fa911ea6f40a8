"""Cooperation areas: the whole tree with the number of agreements on each, and one area with its sub-areas."""

from django.views.generic import TemplateView

from agreements.counting.column_store import Counts
from agreements.models import Area
from agreements.statistics.portfolios import grown, published
from agreements.web.views.portfolios import PortfolioView


class AreaListView(TemplateView):
    template_name = "agreements/area_list.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        counts = published()
        return super().get_context_data(
            branches=grown(Area.objects.all(), counts.by_area()),
            without_area=counts.without_area(),
            **kwargs,
        )


class AreaDetailView(PortfolioView):
    template_name, parameter = "agreements/area_detail.html", "area"
    rows, counted = staticmethod(Area.objects.all), staticmethod(Counts.by_area)
