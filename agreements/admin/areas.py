"""Cooperation areas, listed as the tree they are."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agreements.admin.entry import RegisterEntry, in_tree_order
from agreements.admin.versions import Versions
from agreements.models import Area


class AreaTree(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Put each area below the one it is part of, unless the reader sorted or searched."""
        super().get_results(request)
        rows = in_tree_order(self.result_list)
        for area, depth in rows:
            area.depth = depth  # type: ignore[attr-defined]
        if not self.query and not self.params:
            self.result_list = [area for area, _depth in rows]


@admin.register(Area)
class AreaAdmin(Versions, RegisterEntry, admin.ModelAdmin):
    list_display = ("indented_name", "slug", "description")
    list_per_page = 500
    sortable_by = ()
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "parent", "description", "position", "slug")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AreaTree

    @admin.display(description=_("name"))
    def indented_name(self, area: Any) -> SafeString:
        return format_html('<span data-depth="{}">{}</span>', area.depth, area.name)
