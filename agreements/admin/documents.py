"""All documents in one list, showing which are public; and every file that was ever uploaded for a document."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.inlines import DocumentEntry
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.rights import RowRights
from agreements.admin.versions import Versions
from agreements.models import Document


@admin.register(Document)
class DocumentAdmin(Versions, RowRights, DocumentEntry, LinkedRows):
    url_column = "address"
    fields = (
        "agreement",
        ("kind", "language"),
        "title",
        "file",
        ("address", "link"),
        "is_public",
        ("size", "sha256", "added_at"),
        "versions",
    )
    readonly_fields = ("download", "link", "size", "sha256", "added_at", "versions")
    autocomplete_fields = ("agreement",)
    view_on_site = False
    list_display = (
        "title",
        "kind",
        "agreement",
        "download",
        "language",
        "is_public",
        "added_at",
        "link_problem",
    )
    list_filter = ("kind", "is_public", LinkFilter.of("address"))
    list_select_related = ("agreement",)
    search_fields = ("title", "file_name", "sha256", "agreement__ref", "agreement__title")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return fields if obj else tuple(field for field in fields if field != "versions")

    @admin.display(description=gettext_lazy("all files uploaded"))
    def versions(self, document: Document) -> SafeString | str:
        """List the files that were uploaded, newest first, and who uploaded each."""
        found = list(document.versions.select_related("added_by", "document__agreement"))
        if not found:
            return _("No file was uploaded.")
        return render_to_string(
            "admin/agreements/document/_versions.html",
            {"versions": found, "current": document.file.name},
        )
