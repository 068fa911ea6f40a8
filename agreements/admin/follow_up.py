"""Lists across all agreements: events, commitments, signatories and evidence."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agreements.admin.list_edits import ListEdits
from agreements.admin.rights import RowRights
from agreements.admin.screens import date_column
from agreements.admin.versions import Versions
from agreements.models import Commitment, Event, Evidence, Signatory


class RowScreen(Versions, RowRights):
    view_on_site = False


@admin.register(Event)
class EventAdmin(RowScreen):
    fields = ("agreement", "kind", "date", "place", "party", "source", "note")
    autocomplete_fields = ("agreement", "party", "source")
    list_display = ("kind", "date_in_words", "agreement", "party", "place", "note")
    list_filter = ("kind",)
    list_select_related = ("agreement", "party")
    search_fields = ("note", "place", "agreement__ref", "agreement__title", "party__name")
    date_in_words = date_column("date", _("date"))


@admin.register(Commitment)
class CommitmentAdmin(ListEdits, RowScreen):
    fields = ("agreement", "text", "party", "due", "progress", "reviewed", "note")
    autocomplete_fields = ("agreement", "party")
    list_display = ("text", "agreement", "party", "due_in_words", "progress", "reviewed")
    list_editable = ("progress", "reviewed")
    list_filter = ("progress",)
    list_select_related = ("agreement", "party")
    search_fields = ("text", "note", "agreement__ref", "agreement__title", "party__name")
    due_in_words = date_column("due", _("due"))


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
