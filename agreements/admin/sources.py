"""Sources: the articles, registers and texts that statements rest on."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.admin.entry import RegisterEntry
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.rights import SharedRights
from agreements.admin.versions import Versions
from agreements.models import Evidence, Source
from agreements.partial_dates import in_words


@admin.register(Source)
class SourceAdmin(Versions, SharedRights, RegisterEntry, LinkedRows, admin.ModelAdmin):
    address_column = "url"
    fieldsets = (
        (
            None,
            {"fields": ("url", "link", "publisher", "title", "author", "published", "retrieved")},
        ),
        (
            _("More"),
            {"fields": ("language", "note", "published_at", "slug"), "classes": ("collapse",)},
        ),
    )
    readonly_fields = ("link",)
    list_display = ("publisher", "title", "published_in_words", "facts", "link_problem")
    list_filter = (LinkFilter.of("url"),)
    show_facets = admin.ShowFacets.NEVER
    list_display_links = ("publisher", "title")
    list_per_page = 100
    search_fields = ("publisher", "title", "url", "author")
    search_help_text = _("Words of the publisher, the title, the author or the address.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        resting = Evidence.objects.filter(source=OuterRef("pk")).order_by().values("source")
        counted = resting.annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(fact_count=Coalesce(counted, 0))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever enters a source has just read it."""
        return {"retrieved": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("published"), ordering="published_earliest")
    def published_in_words(self, source: Source) -> str | None:
        return in_words(source.published) if source.published else None

    @admin.display(description=_("facts resting on it"), ordering="fact_count")
    def facts(self, source: Any) -> int:
        return int(source.fact_count)
