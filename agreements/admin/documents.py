"""All documents in one list, for seeing what is there and what is public."""

from django.contrib import admin

from agreements.admin.inlines import DocumentEntry
from agreements.models import Document


@admin.register(Document)
class DocumentAdmin(DocumentEntry, admin.ModelAdmin):
    fields = (
        "agreement",
        ("kind", "language"),
        "title",
        "file",
        "address",
        "is_public",
        ("size", "sha256", "added_at"),
    )
    readonly_fields = ("download", "size", "sha256", "added_at")
    autocomplete_fields = ("agreement",)
    list_per_page = 100
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    list_display = ("title", "kind", "agreement", "download", "language", "is_public", "added_at")
    list_filter = ("kind", "is_public")
    list_select_related = ("agreement",)
    search_fields = ("title", "file_name", "sha256", "agreement__ref", "agreement__title")
