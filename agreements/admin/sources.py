"""Sources: the articles, registers and texts that statements rest on."""

import json
import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agreements.admin.deletions import NamedObstacles
from agreements.admin.entry import RegisterEntry, read_date
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.rights import SharedRights
from agreements.admin.versions import Versions
from agreements.domain.partial_dates import in_words
from agreements.models import Evidence, Source
from agreements.models.sources import page_of

_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)


@admin.register(Source)
class SourceAdmin(
    NamedObstacles, Versions, SharedRights, RegisterEntry, LinkedRows, admin.ModelAdmin
):
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
    search_help_text = _(
        "Words of the publisher, the title or the author, the address, or the day."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        resting = Evidence.objects.filter(source=OuterRef("pk")).order_by().values("source")
        counted = resting.annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(fact_count=Coalesce(counted, 0))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever enters a source has just read it."""
        return {"retrieved": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an address that was pasted, whatever it says of how one came to the page, and a date as it is shown."""
        term = search_term.strip()
        if _ADDRESS.match(term):
            term = page_of(term).partition("://")[2]
        elif (day := read_date(term)) is not None:
            of_then = queryset.filter(
                published_earliest__lte=day.latest, published_latest__gte=day.earliest
            )
            return of_then | super().get_search_results(request, queryset, term)[0], False
        return super().get_search_results(request, queryset, term)

    # Adding one that is there already

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.chosen_view))
        return [
            path("<int:pk>/chosen/", view, name="agreements_source_chosen"),
            *super().get_urls(),
        ]

    def chosen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close the popup that was to add a source, and choose this one in the field that opened it."""
        source = get_object_or_404(Source, pk=pk)
        if not self.has_view_permission(request, source):
            raise PermissionDenied
        chosen = {"value": str(source.pk), "obj": str(source)}
        context = {"popup_response_data": json.dumps(chosen)}
        return TemplateResponse(request, "admin/popup_response.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer the source that has the address already with the sentence that refuses it once more."""
        errors = context["adminform"].form.errors
        for refusal in errors.as_data().get("url", []):
            known = (refusal.params or {}).get("known")
            if known is not None:
                errors["url"].append(_offered(known, in_popup=bool(context["is_popup"])))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("published"), ordering="published_earliest")
    def published_in_words(self, source: Source) -> str | None:
        return in_words(source.published) if source.published else None

    @admin.display(description=_("facts resting on it"), ordering="fact_count")
    def facts(self, source: Any) -> int:
        return int(source.fact_count)


def _offered(source: Source, *, in_popup: bool) -> SafeString:
    if in_popup:
        address, words = reverse("admin:agreements_source_chosen", args=[source.pk]), _("Choose it")
    else:
        address, words = reverse("admin:agreements_source_change", args=[source.pk]), _("Open it")
    return format_html('<a href="{}">{}</a>', address, words)
