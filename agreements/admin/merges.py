"""Duplicate parties: found, compared side by side, and merged or kept apart.

`PartyAdmin` mixes `PartyMerging` in. The merges made so far have their own list, where they can be undone.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.admin.entry import PartyAutocomplete, PartyChoiceField, in_full
from agreements.admin.folded_search import FoldedSearch
from agreements.admin.party_likeness import (
    PartyLikeness,
    last_comparison,
    may_merge,
    merge_url,
)
from agreements.admin.saving import again_if_deadlocked, is_key
from agreements.admin.screens import Context, Screen, count_column, count_of
from agreements.curation.duplicate_parties import dismiss
from agreements.curation.merging.merges import merge, undo
from agreements.curation.merging.obstacles import MergeError, UndoError, obstacles_to_undoing
from agreements.curation.merging.previews import Preview, preview
from agreements.domain import permissions
from agreements.models import LikelyDuplicate, MergedRow, Participation, Party, PartyMerge
from agreements.security import security_log


class DuplicatesFilter(admin.SimpleListFilter):
    title = gettext_lazy("possible duplicates")
    parameter_name = "duplicates"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", _("Has a similar name to another"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        """Also fetch the parties that each is similar to."""
        if self.value() != "yes":
            return queryset
        pairs = LikelyDuplicate.objects.filter(is_dismissed=False)
        either = Q(pk__in=pairs.values("first")) | Q(pk__in=pairs.values("second"))
        return queryset.filter(either).prefetch_related(
            Prefetch("alike_later", pairs.select_related("second"), to_attr="like_later"),
            Prefetch("alike_earlier", pairs.select_related("first"), to_attr="like_earlier"),
        )


class OtherPartyForm(forms.Form):
    """Asks which party to merge another one into."""

    kept = PartyChoiceField(
        label=gettext_lazy("Merge it into"),
        queryset=Party.objects.all(),
        widget=PartyAutocomplete(Participation._meta.get_field("party"), admin.site),
        help_text=gettext_lazy("The party to keep. You can swap the two on the next page."),
    )


class MergeForm(forms.Form):
    """Asks whose value to keep where the two differ, and why they are the same body."""

    required_css_class = "required"

    def __init__(self, seen: Preview, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = seen
        for difference in seen.differences:
            if difference.is_choice:
                self.fields[difference.column] = forms.ChoiceField(
                    label=difference.label.capitalize(),
                    choices=[("kept", difference.kept), ("other", difference.other)],
                    initial="kept",
                    widget=forms.RadioSelect,
                )
        self.fields["why"] = forms.CharField(
            label=_("How we know they are the same body"),
            required=seen.other.is_in_public(),
            max_length=500,
            widget=AdminTextInputWidget,
            error_messages={
                "required": _(
                    "Published records name “%(party)s”. Say how we know they are the same body."
                )
                % {"party": seen.other}
            },
            help_text=_(
                "Kept in the history, for staff only. Required if published records name the party that is removed."
            ),
        )

    @property
    def taken(self) -> list[str]:
        """Return the columns whose value is taken from the party that is removed."""
        return [column for column, whose in self.cleaned_data.items() if whose == "other"]


class PartyMerging(PartyLikeness):
    """Finding and merging duplicate parties, for those who may merge them."""

    pages: ClassVar = {"merge": "merge/", "merge_into": "<int:party>/merge/"}

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return may_merge(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        is_asked = DuplicatesFilter.parameter_name in request.GET
        return (*shown, "alike") if is_asked and may_merge(request) else shown

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        """Also say how up to date the list of possible duplicates is, where it is asked for."""
        if DuplicatesFilter.parameter_name in request.GET and request.method == "GET":
            messages.info(request, last_comparison())
        return super().changelist_view(request, extra_context)

    @admin.display(description=gettext_lazy("may be the same as"))
    def alike(self, party: Party) -> SafeString | str:
        others = [
            *(pair.second for pair in getattr(party, "like_later", ())),
            *(pair.first for pair in getattr(party, "like_earlier", ())),
        ]
        links = ((merge_url(party, other), in_full(other)) for other in others)
        return format_html_join("", '<div><a href="{}">{}</a></div>', links)

    def add_context(self, request: HttpRequest, context: Context, shown: Party | None) -> None:
        """Show the parties that were merged into this one."""
        if shown is not None:
            context["merges"] = PartyMerge.objects.filter(kept=shown, undone_at=None)
        super().add_context(request, context, shown)

    @admin.action(
        description=gettext_lazy("Merge the two selected parties…"), permissions=["merge"]
    )
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) == 2:
            return HttpResponseRedirect(merge_url(*chosen))
        messages.error(request, _("Select exactly two parties to merge."))
        return None

    # Merging

    def merge_into_view(self, request: HttpRequest, party: int) -> HttpResponse:
        """Ask which party to merge this one into."""
        if not may_merge(request):
            raise PermissionDenied
        other = Party.objects.filter(pk=party).first()
        if other is None:
            return self._without(request)
        if kept := _party(request.GET, "kept"):
            return HttpResponseRedirect(merge_url(kept, other))
        # the widget can only show the id of a party
        form = OtherPartyForm({} if "kept" in request.GET else None)
        title = _("Merge “%(party)s” into another party") % {"party": other}
        media = self.media + form.media
        shown = {"form": form, "party": other, "media": media}
        return self.page(request, "party/merge_into", title=title, **shown)

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Show what merging two parties would do, and do it by POST."""
        if not may_merge(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        kept, other = (_party(asked, name) for name in ("kept", "other"))
        if kept is None or other is None:
            return self._without(request)
        if request.method == "POST":
            return again_if_deadlocked(request, lambda: self._merge(request, kept, other))
        try:
            form = MergeForm(preview(kept, other, by=request.user))
        except MergeError as refusal:
            return self._show(request, kept, other, refusal=str(refusal))
        return self._show(request, kept, other, form)

    def _merge(self, request: HttpRequest, kept: Party, other: Party) -> HttpResponse:
        form = None
        try:
            form = MergeForm(preview(kept, other, by=request.user), request.POST)
            if "different" in request.POST:
                return self._dismiss(request, kept, other)
            if not form.is_valid():
                return self._show(request, kept, other, form)
            why, now = form.cleaned_data["why"], timezone.now()
            merged = merge(kept, other, take=form.taken, by=request.user, at=now, why=why)
        except MergeError as refusal:
            why = str(refusal)
            security_log.note_refusal("merge_refused", of=str(other), into=str(kept), why=why)
            return self._show(request, kept, other, form, why)
        self.log_change(request, kept, str(merged))
        done = _("“%(other)s” was merged into “%(kept)s”.") % {"other": other, "kept": kept}
        undoing = reverse("admin:agreements_partymerge_undo", args=[merged.pk])
        link = format_html('{} <a href="{}">{}</a>', done, undoing, _("Undo this merge"))
        messages.success(request, link)
        return HttpResponseRedirect(self.url_of("change", kept.pk))

    def _dismiss(self, request: HttpRequest, kept: Party, other: Party) -> HttpResponse:
        dismiss(kept, other, by=request.user, at=timezone.now())
        sentence = _("“%(kept)s” and “%(other)s” are kept apart and will not be suggested again.")
        messages.success(request, sentence % {"kept": in_full(kept), "other": in_full(other)})
        filtered = f"{self.url_of('changelist')}?{DuplicatesFilter.parameter_name}=yes"
        return HttpResponseRedirect(filtered)

    def _show(
        self,
        request: HttpRequest,
        kept: Party,
        other: Party,
        form: MergeForm | None = None,
        refusal: str = "",
    ) -> HttpResponse:
        return self.page(
            request,
            "party/merge",
            title=_("Merge two parties"),
            media=self.media + form.media if form else self.media,
            kept=kept,
            other=other,
            swapped=merge_url(other, kept),
            names=(in_full(kept), in_full(other)),
            form=form,
            seen=form.seen if form else None,
            refusal=refusal,
        )

    def _without(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, _("One of the two parties is no longer in the register."))
        return HttpResponseRedirect(self.url_of("changelist"))


@admin.register(PartyMerge)
class PartyMergeAdmin(FoldedSearch, Screen):
    pages: ClassVar = {"undo": "<int:merged>/undo/"}
    list_display = ("other_name", "kept_name", "at", "by", "moved", "undone_at")
    list_display_links = ("other_name", "kept_name")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("by",)
    search_fields = ("other_name", "kept_name")
    search_help_text = gettext_lazy("Words from either name.")
    fields = (("other_name", "kept_name"), ("at", "by"), "why", "moved", ("undone_at", "undone_by"))
    readonly_fields = ("moved",)
    change_form_template = "admin/agreements/partymerge/change_form.html"

    moved = count_column("row_count", gettext_lazy("rows moved"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartyMerge]:
        return super().get_queryset(request).annotate(row_count=count_of(MergedRow, "merge"))

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Allow everyone who can see all parties to see what became of merged ones."""
        return bool(request.user.has_perm(permissions.VIEW_PARTY)) or may_merge(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    has_delete_permission = has_change_permission

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
        return self._undo_page(request, found, reasons)

    def _undo(self, request: HttpRequest, merged: PartyMerge) -> HttpResponse:
        try:
            undone = undo(merged, by=request.user, at=timezone.now())
        except MergeError as refusal:
            security_log.note_refusal("merge_undo_refused", of=str(merged), why=str(refusal))
            reasons = refusal.reasons if isinstance(refusal, UndoError) else [str(refusal)]
            return self._undo_page(request, merged, reasons)
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

    def _undo_page(
        self, request: HttpRequest, merged: PartyMerge, reasons: list[str]
    ) -> HttpResponse:
        title, moved = _("Undo a merge"), merged.rows.count()
        found: Context = {"merged": merged, "reasons": reasons, "moved": moved}
        return self.page(request, "partymerge/undo", title=title, **found)


def _party(asked: QueryDict, name: str) -> Party | None:
    key = asked.get(name, "")
    return Party.objects.filter(pk=key).first() if is_key(key) else None
