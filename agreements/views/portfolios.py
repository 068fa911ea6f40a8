"""A row of a tree with the published agreements under it: what the pages of a party and of an area share."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from agreements.models import Agreement

AGREEMENTS_ON_A_PAGE = 50


class PortfolioView(SingleObjectMixin, ListView):  # type: ignore[misc]  # as Django documents it
    """`rows` are those that exist for the public, `agreements` the ones under the row that is shown."""

    paginate_by = AGREEMENTS_ON_A_PAGE

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def agreements(self) -> Any:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object(queryset=self.rows())
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Agreement]:
        under_row: QuerySet[Agreement] = (
            self.agreements()
            .with_status(timezone.localdate())
            .with_parties()
            .with_areas()
            .in_order("-signed")
        )
        return under_row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(ancestors=self.object.ancestors(), **kwargs)
