"""Lists across all agreements: events, commitments, signatories, evidence and documents.

The list of documents shows which are public and searches their texts, and the page of one shows every file that was ever
uploaded for it.
"""

from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.document_texts import DocumentTexts, beside, compare_url
from agreements.admin.filters import DueFilter
from agreements.admin.folded_search import FoldedSearch
from agreements.admin.inlines import DocumentEntry
from agreements.admin.links import LinkedRows, LinkFilter
from agreements.admin.list_edits import ListEdits
from agreements.admin.rights import why_closed
from agreements.admin.saving import locked
from agreements.admin.screens import date_column
from agreements.admin.versions import RecordForm, Versions
from agreements.curation import people
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


class RowScreen(FoldedSearch, Versions):
    form = RowForm
    view_on_site = False
    search_fields: ClassVar[Any] = ("agreement__ref",)
    searches_agreement = True


@admin.register(Event)
class EventAdmin(RowScreen):
    fields = ("agreement", "kind", "date", "place", "party", "source", "note")
    autocomplete_fields = ("agreement", "party", "source")
    list_display = ("kind", "date_in_words", "agreement", "party", "place", "note")
    list_filter = ("kind",)
    list_select_related = ("agreement", "party")
    searched = ("searched", "party__searched")
    date_in_words = date_column("date", gettext_lazy("date"))


@admin.register(Commitment)
class CommitmentAdmin(ListEdits, RowScreen):
    fields = ("agreement", "text", "party", "due", "progress", "reviewed", "note", "is_public")
    autocomplete_fields = ("agreement", "party")
    list_display = (
        "text", "agreement", "party", "due_in_words", "progress", "reviewed", "is_public",
    )  # fmt: skip
    list_editable = ("progress", "reviewed")
    list_filter = (DueFilter, "progress", "is_public")
    list_select_related = ("agreement", "party")
    searched = ("searched", "party__searched")
    due_in_words = date_column("due", gettext_lazy("due"))


@admin.register(Signatory)
class SignatoryAdmin(RowScreen):
    fields = (
        "agreement",
        "name",
        "title",
        "party",
        ("second_party", "third_party"),
        "person",
        "as_published",
        "signed",
        "position",
    )
    autocomplete_fields = ("agreement", "party", "second_party", "third_party", "person")
    list_display = ("name", "title", "party", "agreement", "person")
    list_select_related = ("agreement", "party", "person")
    list_filter = (("person", admin.EmptyFieldListFilter),)
    actions = ("same_person",)
    searched = ("searched", "party__searched")

    @admin.action(
        description=gettext_lazy("The chosen signatories are the same person"),
        permissions=["change"],
    )
    def same_person(self, request: HttpRequest, queryset: QuerySet[Signatory]) -> None:
        """Link them to one person, who is entered if none of them has one yet."""
        try:
            person = people.link(queryset, by=request.user)
        except people.PeopleError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        done = _("The chosen signatories are now “%(name)s”.") % {"name": person}
        self.message_user(request, done, messages.SUCCESS)


@admin.register(Evidence)
class EvidenceAdmin(RowScreen):
    fields = ("agreement", "fact", "source", "document", "basis", "locator", "note")
    autocomplete_fields = ("agreement", "source", "document")
    list_display = ("agreement", "fact", "basis", "source", "document", "locator")
    list_filter = ("basis", "fact")
    list_select_related = ("agreement", "source", "document")
    searched = ("searched", "source__searched", "document__searched")


@admin.register(Document)
class DocumentAdmin(DocumentTexts, RowScreen, DocumentEntry, LinkedRows):
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
    search_fields = ("file_name", "sha256", "agreement__ref")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        fields = super().get_fields(request, obj)
        return (*fields, "versions") if obj else fields

    @admin.display(description=gettext_lazy("all files uploaded"))
    def versions(self, document: Document) -> SafeString | str:
        """List the files that were uploaded, newest first, and who uploaded each."""
        found = list(document.versions.select_related("added_by", "document__agreement", "content"))
        if not found:
            return _("No file was uploaded.")
        compared = [compare_url(document, old, new) for new, old in pairwise(found)]
        return render_to_string(
            "admin/agreements/document/_versions.html",
            {
                "versions": list(zip(found, [*compared, ""], strict=True)),
                "current": document.file.name,
                "beside": beside(document, found[0]),
            },
        )
