"""Lists across all agreements: events, commitments, signatories, evidence and documents.

The list of documents shows which are public, and the page of one shows every file that was ever uploaded for it.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.inlines import DocumentEntry
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.list_edits import ListEdits
from agreements.admin.rights import why_closed
from agreements.admin.saving import locked
from agreements.admin.screens import date_column
from agreements.admin.versions import RecordForm, Versions
from agreements.models import Agreement, Commitment, Document, Event, Evidence, Signatory
from agreements.security.security_log import note_refusal


class RowForm(RecordForm):
    """The form of a row that names its agreement: refuses an agreement that is closed to the user."""

    def clean_agreement(self) -> Agreement:
        agreement: Agreement = self.cleaned_data["agreement"]
        if closed := why_closed(self.user, locked(agreement) or agreement):
            note_refusal("closed_refused", of=agreement.ref, why=closed)
            raise forms.ValidationError(closed, code="closed")
        return agreement


class RowScreen(Versions):
    form = RowForm
    view_on_site = False


@admin.register(Event)
class EventAdmin(RowScreen):
    fields = ("agreement", "kind", "date", "place", "party", "source", "note")
    autocomplete_fields = ("agreement", "party", "source")
    list_display = ("kind", "date_in_words", "agreement", "party", "place", "note")
    list_filter = ("kind",)
    list_select_related = ("agreement", "party")
    search_fields = ("note", "place", "agreement__ref", "agreement__title", "party__name")
    date_in_words = date_column("date", gettext_lazy("date"))


@admin.register(Commitment)
class CommitmentAdmin(ListEdits, RowScreen):
    fields = ("agreement", "text", "party", "due", "progress", "reviewed", "note")
    autocomplete_fields = ("agreement", "party")
    list_display = ("text", "agreement", "party", "due_in_words", "progress", "reviewed")
    list_editable = ("progress", "reviewed")
    list_filter = ("progress",)
    list_select_related = ("agreement", "party")
    search_fields = ("text", "note", "agreement__ref", "agreement__title", "party__name")
    due_in_words = date_column("due", gettext_lazy("due"))


@admin.register(Signatory)
class SignatoryAdmin(RowScreen):
    fields = ("agreement", "name", "title", "party", "as_published", "signed", "position")
    autocomplete_fields = ("agreement", "party")
    list_display = ("name", "title", "party", "agreement")
    list_select_related = ("agreement", "party")
    search_fields = ("name", "as_published", "title", "agreement__ref", "party__name")


@admin.register(Evidence)
class EvidenceAdmin(RowScreen):
    fields = ("agreement", "fact", "source", "basis", "locator", "note")
    autocomplete_fields = ("agreement", "source")
    list_display = ("agreement", "fact", "basis", "source", "locator")
    list_filter = ("basis", "fact")
    list_select_related = ("agreement", "source")
    search_fields = (
        "agreement__ref",
        "agreement__title",
        "source__publisher",
        "source__title",
        "note",
    )


@admin.register(Document)
class DocumentAdmin(RowScreen, DocumentEntry, LinkedRows):
    url_column = "address"
    fields = (
        "agreement",
        ("kind", "language"),
        "title",
        "file",
        ("address", "link"),
        "is_public",
        ("size", "sha256", "added_at"),
    )
    readonly_fields = ("download", "link", "size", "sha256", "added_at", "versions")
    autocomplete_fields = ("agreement",)
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

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        fields = super().get_fields(request, obj)
        return (*fields, "versions") if obj else fields

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
