"""Sources: the articles, registers and texts that facts rest on."""

import json
import re
from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agreements.admin.deletions import NamedObstacles
from agreements.admin.entry import read_date
from agreements.admin.folded_search import FoldedSearch
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.rights import SharedRights
from agreements.admin.screens import Context, count_column, count_of, date_column
from agreements.admin.versions import Versions
from agreements.models import Evidence, Source
from agreements.models.sources import page_of

_URL = re.compile(r"https?://\S+$", re.IGNORECASE)


@admin.register(Source)
class SourceAdmin(FoldedSearch, NamedObstacles, Versions, SharedRights, LinkedRows):
    pages: ClassVar = {"chosen": "<int:pk>/chosen/"}
    url_column = "url"
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
    list_display_links = ("publisher", "title")
    search_fields = ("url",)
    search_help_text = _(
        "Words from the publisher, title or author, a URL, or the date of publication."
    )
    published_in_words = date_column("published", _("published"))
    facts = count_column("fact_count", _("facts it supports"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return super().get_queryset(request).annotate(fact_count=count_of(Evidence, "source"))

    def get_changeform_initial_data(self, request: HttpRequest) -> Context:
        """Assume that a source has just been read when it is entered."""
        return {"retrieved": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Source], search_term: str
    ) -> tuple[QuerySet[Source], bool]:
        """Also find a pasted URL, ignoring its tracking parameters, and a date as the list shows it."""
        term = search_term.strip()
        if _URL.match(term):
            term = page_of(term).partition("://")[2]
        elif (day := read_date(term)) is not None:
            of_then = queryset.filter(
                published_earliest__lte=day.latest, published_latest__gte=day.earliest
            )
            return of_then | super().get_search_results(request, queryset, term)[0], False
        return super().get_search_results(request, queryset, term)

    # Adding a source that already exists

    @method_decorator(require_safe)
    def chosen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close the popup for adding a source and choose this one in the field that opened it."""
        source = get_object_or_404(Source, pk=pk)
        if not self.has_view_permission(request, source):
            raise PermissionDenied
        chosen = {"value": str(source.pk), "obj": str(source)}
        context = {"popup_response_data": json.dumps(chosen)}
        return TemplateResponse(request, "admin/popup_response.html", context)

    def add_context(self, request: HttpRequest, context: Context, shown: Source | None) -> None:
        """If a URL is refused because another source has it, link to that source."""
        errors = context["adminform"].form.errors
        for refusal in errors.as_data().get("url", []):
            known = (refusal.params or {}).get("known")
            if known is not None:
                page, words = "change", _("Open it")
                if context["is_popup"]:
                    page, words = "chosen", _("Choose it")
                link = format_html('<a href="{}">{}</a>', self.url_of(page, known.pk), words)
                errors["url"].append(link)
        super().add_context(request, context, shown)
