"""The pages of a party and of an area: the published agreements at or below a row of a tree."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from agreements.counting.column_store import Counts
from agreements.models import Party
from agreements.models.querysets import TreeQuerySet
from agreements.selection.selection import Selection
from agreements.statistics.counts import Statistics
from agreements.statistics.portfolios import grown


class PortfolioView(SingleObjectMixin, ListView):  # type: ignore[misc]  # as Django documents it
    """Accepts the parameters of the list of agreements and applies them to the portfolio.

    `parameter` is the filter that selects the agreements at or below a row, `rows` returns the public rows, and
    `counted` returns the number of agreements of each row.
    """

    parameter: str
    rows: Callable[[], TreeQuerySet]
    counted: Callable[[Counts], dict[int, int]]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        rows, slug = self.rows(), self.kwargs["slug"]
        try:
            self.object = self.get_object(queryset=rows)
        except Http404:
            current = rows.renamed([slug]).get(slug)
            if current is None:
                raise
            return moved_for_now(rows.model(slug=current).get_absolute_url(), request)
        return super().get(request, *args, **kwargs)

    @cached_property
    def selection(self) -> Selection:
        query = self.request.GET.copy()
        query.setlist(self.parameter, [self.object.slug])
        return Selection(query, today=timezone.localdate())

    def get_queryset(self) -> Any:
        return self.selection.listed

    def get_paginate_by(self, queryset: object) -> int:
        return self.selection.per_page

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        selection, rows = self.selection, self.rows()
        inside = rows.model.objects.at_or_below([self.object.slug]).exclude(pk=self.object.pk)
        statistics = Statistics(selection) if selection.is_valid else None
        party = self.object if isinstance(self.object, Party) else None
        return super().get_context_data(
            ancestors=self.object.ancestors(),
            branches=grown(
                rows.filter(pk__in=inside.values("pk")), self.counted(selection.counts_of_all)
            ),
            selection=selection,
            # the filter for the row itself does not count
            is_narrowed=len(selection.chips) > 1,
            statistics=statistics,
            partners=statistics and statistics.partners(party),
            **kwargs,
        )


def moved_for_now(url: str, request: HttpRequest) -> HttpResponse:
    """Redirect to the URL of the row that a former slug leads to, with the query as it was given."""
    query = request.META.get("QUERY_STRING")
    moved = HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)
    # a merge can be undone, and a browser would remember the redirect forever
    moved["Cache-Control"] = "no-cache"
    return moved
