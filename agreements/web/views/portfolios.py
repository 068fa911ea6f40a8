"""A row of a tree with the published agreements under it: what the pages of a party and of an area share."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from agreements.selection.selection import Selection
from agreements.statistics.counts import Statistics


class PortfolioView(SingleObjectMixin, ListView):  # type: ignore[misc]  # as Django documents it
    """`rows` are those that exist for the public; `parameter` is the filter that selects what lies under one.

    The page takes the list's other parameters as well, and shows what they leave of the portfolio.
    """

    parameter: str

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.object = self.get_object(queryset=self.rows())
        except Http404:
            return self._moved(request, kwargs["slug"])
        return super().get(request, *args, **kwargs)

    def _moved(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Lead on from a slug that the row had before; raises `Http404` if none had it."""
        rows: Any = self.rows()
        now = rows.renamed([slug]).get(slug)
        if now is None:
            raise Http404
        address = rows.model(slug=now).get_absolute_url()
        query = request.META.get("QUERY_STRING")
        moved = HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
        # a merge can be undone, and a browser would keep for good where the old address led
        moved["Cache-Control"] = "no-cache"
        return moved

    @cached_property
    def selection(self) -> Selection:
        query = self.request.GET.copy()
        query.setlist(self.parameter, [self.object.slug])
        return Selection(query, today=timezone.localdate())

    def get_queryset(self) -> Any:
        return self.selection.listed

    def get_paginate_by(self, queryset: Any) -> int:
        return self.selection.per_page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            ancestors=self.object.ancestors(),
            selection=self.selection,
            # beside the filter that makes it the portfolio of this row
            is_narrowed=len(self.selection.chips) > 1,
            statistics=Statistics(self.selection) if self.selection.is_valid else None,
            **kwargs,
        )
