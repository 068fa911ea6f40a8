"""Cooperation areas, listed as a tree."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.admin.areas_field import AreaSuggestions
from agreements.admin.deletions import NamedObstacles
from agreements.admin.filter_bar import BarList
from agreements.admin.versions import Versions
from agreements.models import Area, as_tree


class AreaTree(BarList):
    def get_results(self, request: HttpRequest) -> None:
        """List each area below the one it is part of, unless the user sorted or searched."""
        super().get_results(request)
        rows = list(as_tree(self.result_list))
        for area, depth in rows:
            area.depth = depth
        if not self.query and not self.params:
            self.result_list = [area for area, _depth in rows]


@admin.register(Area)
class AreaAdmin(AreaSuggestions, NamedObstacles, Versions):
    list_display = ("indented_name", "slug", "description")
    list_per_page = 500
    sortable_by = ()
    search_fields = ("slug",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "parent", "description", "position", "slug")

    def why_closed(self, request: HttpRequest, obj: Area) -> str:
        return ""

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[BarList]:
        return AreaTree

    def obstacles(self, objs: Iterable[Model]) -> list[SafeString | str]:
        """Also count the agreements in each area: deleting it would silently remove it from them."""
        chosen = Area.objects.filter(pk__in=[area.pk for area in objs])
        carried = chosen.annotate(carried=Count("agreements")).filter(carried__gt=0)
        return [*map(_carried, carried.order_by("name")), *super().obstacles(objs)]

    @admin.display(description=_("name"))
    def indented_name(self, area: Any) -> SafeString:
        return format_html('<span data-depth="{}">{}</span>', area.depth, area.name)


def _carried(area: Any) -> SafeString:
    told = ngettext(
        "%(n)d agreement is in the area “%(area)s”",
        "%(n)d agreements are in the area “%(area)s”",
        area.carried,
    ) % {"n": area.carried, "area": area}
    agreements = reverse("admin:agreements_agreement_changelist")
    return format_html('<a href="{}?area={}">{}</a>', agreements, area.slug, told)
