"""What is followed up across agreements: events, commitments, signatories and evidence, each as a list of its own."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agreements.admin.entry import RegisterEntry
from agreements.admin.list_edits import ListEdits
from agreements.admin.rights import RowRights
from agreements.admin.versions import Versions
from agreements.domain.partial_dates import in_words
from agreements.models import Commitment, Event, Evidence, Signatory


class FollowUp(Versions, RowRights, RegisterEntry, admin.ModelAdmin):
    list_per_page = 100
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False


@admin.register(Event)
class EventAdmin(FollowUp):
    fields = ("agreement", "kind", "date", "place", "party", "source", "note")
    autocomplete_fields = ("agreement", "party", "source")
    list_display = ("kind", "date_in_words", "agreement", "party", "place", "note")
    list_filter = ("kind",)
    list_select_related = ("agreement", "party")
    search_fields = ("note", "place", "agreement__ref", "agreement__title", "party__name")

    @admin.display(description=_("date"), ordering="date_earliest")
    def date_in_words(self, event: Event) -> str | None:
        return in_words(event.date) if event.date else None


@admin.register(Commitment)
class CommitmentAdmin(ListEdits, FollowUp):
    fields = ("agreement", "text", "party", "due", "progress", "reviewed", "note")
    autocomplete_fields = ("agreement", "party")
    list_display = ("text", "agreement", "party", "due_in_words", "progress", "reviewed")
    list_editable = ("progress", "reviewed")
    list_filter = ("progress",)
    list_select_related = ("agreement", "party")
    search_fields = ("text", "note", "agreement__ref", "agreement__title", "party__name")

    @admin.display(description=_("due"), ordering="due_earliest")
    def due_in_words(self, commitment: Commitment) -> str | None:
        return in_words(commitment.due) if commitment.due else None


@admin.register(Signatory)
class SignatoryAdmin(FollowUp):
    fields = ("agreement", "name", "title", "party", "as_published", "signed", "position")
    autocomplete_fields = ("agreement", "party")
    list_display = ("name", "title", "party", "agreement")
    list_select_related = ("agreement", "party")
    search_fields = ("name", "as_published", "title", "agreement__ref", "party__name")


@admin.register(Evidence)
class EvidenceAdmin(FollowUp):
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
