"""What the list of agreements can be narrowed by, each asked of the querysets by the name it has there."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.admin.entry import in_tree_order
from agreements.choices import Status
from agreements.models import Agreement, Area, Participation

SOON_DAYS = 90


class StatusFilter(admin.SimpleListFilter):
    title = _("status today")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Status.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.having_status([self.value()], timezone.localdate())


class EndingSoonFilter(admin.SimpleListFilter):
    title = _("end")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("soon", _("Within %(days)d days") % {"days": SOON_DAYS})]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() != "soon":
            return queryset
        return queryset.ending_within(days=SOON_DAYS, day=timezone.localdate())


class AreaFilter(admin.SimpleListFilter):
    """An area stands for itself and everything under it."""

    title = _("cooperation area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (area.slug, "\N{EM SPACE}" * depth + area.name)
            for area, depth in in_tree_order(Area.objects.all())
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.in_areas([self.value()])


class CountryFilter(admin.SimpleListFilter):
    """The countries that occur, each standing for the state and all of its bodies."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        occurring = Participation.objects.exclude(party__country="").order_by()
        codes = occurring.values_list("party__country", flat=True).distinct()
        return sorted(((str(code), countries.name(code)) for code in codes), key=lambda c: c[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.of_countries([self.value()])


class SourceFilter(admin.SimpleListFilter):
    title = _("source")
    parameter_name = "sourced"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Has no source")), ("yes", _("Has a source"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        if self.value() == "no":
            return queryset.without_source()
        return queryset.exclude(pk__in=Agreement.objects.without_source().values("pk"))
