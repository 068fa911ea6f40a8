"""The statistics of any selection: the page with its charts, and each table as a CSV file."""

import csv

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from agreements.exchange.exporting.csv import defuse
from agreements.selection.selection import Selection
from agreements.statistics.country_map import CountryMap
from agreements.statistics.counts import Statistics
from agreements.web.views.agreement_files import refusal, saved_as


class StatisticsView(TemplateView):
    template_name = "agreements/statistics.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        selection = Selection(self.request.GET, today=timezone.localdate())
        return super().get_context_data(
            selection=selection,
            statistics=Statistics(selection) if selection.is_valid else None,
            result_count=selection.count,
            **kwargs,
        )


class MapView(TemplateView):
    template_name = "agreements/map.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        selection = Selection(self.request.GET, today=timezone.localdate())
        statistics = Statistics(selection) if selection.is_valid else None
        return super().get_context_data(
            selection=selection,
            map=statistics and CountryMap(statistics),
            table=statistics and statistics.countries,
            **kwargs,
        )


class StatisticsCsvView(View):
    """One table of the statistics as CSV. Like all files, it refuses a query that is not understood."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        selection = Selection(request.GET, today=timezone.localdate())
        if problems := [*selection.errors, *selection.unknown]:
            return refusal(problems)
        table = Statistics(selection).file(name)
        if table is None:
            raise Http404(_("There is no such table."))
        response = HttpResponse(
            content_type="text/csv; charset=utf-8; header=present",
            headers={
                "Content-Disposition": saved_as(selection, "csv", of=f"statistics-{name}"),
            },
        )
        writer = csv.writer(response)
        writer.writerow(table.header)
        writer.writerows(
            [defuse(cell) if isinstance(cell, str) else cell for cell in line]
            for line in table.lines
        )
        return response
