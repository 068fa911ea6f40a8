"""The merges of parties made so far, which can be undone here."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.admin.merges import may_merge
from agreements.admin.saving import again_if_deadlocked
from agreements.admin.screens import Context, Screen, count_column, count_of
from agreements.curation.merging import MergeError, UndoError, obstacles_to_undoing, undo
from agreements.domain import permissions
from agreements.models import MergedRow, PartyMerge
from agreements.security import security_log


@admin.register(PartyMerge)
class PartyMergeAdmin(Screen):
    pages: ClassVar = {"undo": "<int:merged>/undo/"}
    list_display = ("other_name", "kept_name", "at", "by", "moved", "undone_at")
    list_display_links = ("other_name", "kept_name")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("by",)
    search_fields = ("other_name", "kept_name")
    search_help_text = gettext_lazy("Words of either name.")
    fields = (("other_name", "kept_name"), ("at", "by"), "why", "moved", ("undone_at", "undone_by"))
    readonly_fields = ("moved",)
    change_form_template = "admin/agreements/partymerge/change_form.html"

    moved = count_column("row_count", gettext_lazy("rows moved"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(row_count=count_of(MergedRow, "merge"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow everyone who can see all parties to see what became of merged ones."""
        return bool(request.user.has_perm(permissions.VIEW_PARTY)) or may_merge(request)

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        context["may_undo"] = may_merge(request)
        super().add_context(request, context, shown)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def undo_view(self, request: HttpRequest, merged: int) -> HttpResponse:
        """Show whether a merge can be undone, and undo it by POST."""
        if not may_merge(request):
            raise PermissionDenied
        found = PartyMerge.objects.select_related("by").filter(pk=merged).first()
        if found is None:
            messages.error(request, _("There is no such merge."))
            return HttpResponseRedirect(self.url_of("changelist"))
        if request.method == "POST":
            return again_if_deadlocked(request, lambda: self._undo(request, found))
        try:
            reasons = list(obstacles_to_undoing(found, by=request.user))
        except MergeError as refusal:
            reasons = [str(refusal)]
        return self._show(request, found, reasons)

    def _undo(self, request: HttpRequest, merged: PartyMerge) -> HttpResponse:
        try:
            undone = undo(merged, by=request.user, at=timezone.now())
        except MergeError as refusal:
            security_log.note_refusal("merge_undo_refused", of=str(merged), why=str(refusal))
            reasons = refusal.reasons if isinstance(refusal, UndoError) else [str(refusal)]
            return self._show(request, merged, reasons)
        self.log_change(request, merged, _("Undone."))
        done = _("“%(party)s” was restored.") % {"party": undone.party}
        left = ngettext(
            "%(n)d row was left where it is because somebody has changed it since.",
            "%(n)d rows were left where they are because somebody has changed them since.",
            undone.left,
        ) % {"n": undone.left}
        messages.success(request, f"{done} {left}" if undone.left else done)
        url = reverse("admin:agreements_party_change", args=[undone.party.pk])
        return HttpResponseRedirect(url)

    def _show(self, request: HttpRequest, merged: PartyMerge, reasons: list[str]) -> HttpResponse:
        found: Context = {"merged": merged, "reasons": reasons, "moved": merged.rows.count()}
        return self.page(request, "partymerge/undo", title=_("Undo a merge"), **found)
