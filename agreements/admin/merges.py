"""Parties that are one body: found, looked at side by side, merged, and taken apart again.

`PartyAdmin` mixes `PartyMerging` in; the merges that were made have a screen of their own, from which they are undone.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.admin.entry import PartyAutocomplete, PartyChoiceField, in_full
from agreements.admin.saving import again_if_deadlocked
from agreements.curation.duplicate_parties import dismiss, namesakes, pairs_of, refresh_party
from agreements.curation.merging import (
    MergeError,
    Preview,
    UndoError,
    merge,
    obstacles_to_undoing,
    preview,
    undo,
)
from agreements.domain import permissions
from agreements.models import LikelyDuplicate, MergedRow, Participation, Party, PartyMerge
from agreements.security import security_log

PARTIES = "admin:agreements_party_changelist"


def may_merge(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(permissions.MERGE_PARTY))


class DuplicatesFilter(admin.SimpleListFilter):
    title = gettext_lazy("possible duplicates")
    parameter_name = "duplicates"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Has a name like another's"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        """Fetch along which others each is like."""
        if self.value() != "yes":
            return queryset
        pairs = LikelyDuplicate.objects.filter(is_dismissed=False)
        either = Q(pk__in=pairs.values("first")) | Q(pk__in=pairs.values("second"))
        return queryset.filter(either).prefetch_related(
            Prefetch("alike_later", pairs.select_related("second"), to_attr="like_later"),
            Prefetch("alike_earlier", pairs.select_related("first"), to_attr="like_earlier"),
        )


class OtherPartyForm(forms.Form):
    """Asks into which party another is to be merged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = Participation._meta.get_field("party")
        self.fields["kept"] = PartyChoiceField(
            label=_("Merge it into"),
            queryset=Party.objects.all(),
            widget=PartyAutocomplete(field, admin.site),
            help_text=_("The party that stays. On the next page the two can change places."),
        )


class MergeForm(forms.Form):
    """Asks, for what the two say differently, whose word stays; and why they are one body."""

    required_css_class = "required"

    def __init__(self, seen: Preview, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for difference in seen.differences:
            if difference.is_choice:
                self.fields[difference.column] = forms.ChoiceField(
                    label=difference.label.capitalize(),
                    choices=[("kept", difference.kept), ("other", difference.other)],
                    initial="kept",
                    widget=forms.RadioSelect,
                )
        self.fields["why"] = forms.CharField(
            label=_("How we know that they are one body"),
            required=seen.other.is_in_public(),
            max_length=500,
            widget=AdminTextInputWidget,
            error_messages={
                "required": _(
                    "Published records name “%(party)s”. Say how we know that the two are one body."
                )
                % {"party": seen.other}
            },
            help_text=_(
                "Kept in the history. Staff alone read it. Needed where published records name the party that goes."
            ),
        )

    @property
    def taken(self) -> list[str]:
        """Return the columns in which the word of the party that goes stays."""
        return [column for column, whose in self.cleaned_data.items() if whose == "other"]


class PartyMerging(admin.ModelAdmin):
    """What parties can do with one another, for those who may merge them."""

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return may_merge(request)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("merge/", wrap(self.merge_view), name="agreements_party_merge"),
            path(
                "<int:party>/merge/", wrap(self.merge_into_view), name="agreements_party_merge_into"
            ),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        is_asked = DuplicatesFilter.parameter_name in request.GET
        return (*shown, "alike") if is_asked and may_merge(request) else shown

    @admin.display(description=gettext_lazy("may be the same as"))
    def alike(self, party: Any) -> SafeString | str:
        others = [
            *(pair.second for pair in getattr(party, "like_later", ())),
            *(pair.first for pair in getattr(party, "like_earlier", ())),
        ]
        links = ((_merge_url(party, other), in_full(other)) for other in others)
        return format_html_join("", '<div><a href="{}">{}</a></div>', links)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show which others this party is like, and which have been merged into it."""
        shown: Party | None = context["original"]
        if shown is not None:
            context["others"] = [(other, _merge_url(shown, other)) for other in _others_like(shown)]
            context["merges"] = PartyMerge.objects.filter(kept=shown, undone_at=None)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=gettext_lazy("Merge the two chosen parties…"), permissions=["merge"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) == 2:
            return HttpResponseRedirect(_merge_url(*chosen))
        self.message_user(
            request,
            _("Choose the two parties that are one body, no more and no fewer."),
            messages.ERROR,
        )
        return None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Look for parties of like names, and tell whoever enters one of the very same."""
        super().save_related(request, form, formsets, change)
        refresh_party(form.instance)
        if not change or "name" in form.changed_data:
            for namesake in namesakes(form.instance)[:3]:
                messages.warning(request, _warning_of(request, form.instance, namesake))

    # Merging

    def merge_into_view(self, request: HttpRequest, party: int) -> HttpResponse:
        """Ask which party this one is to be merged into."""
        if not may_merge(request):
            raise PermissionDenied
        other = Party.objects.filter(pk=party).first()
        if other is None:
            return self._without(request)
        if kept := _party(request.GET, "kept"):
            return HttpResponseRedirect(_merge_url(kept, other))
        # the widget cannot draw what is no party's id
        form = OtherPartyForm({} if "kept" in request.GET else None)
        title = _("Merge “%(party)s” into another party") % {"party": other}
        context = self._context(request, title, form=form, party=other)
        return TemplateResponse(request, "admin/agreements/party/merge_into.html", context)

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Show what merging two parties would do, and do it by POST."""
        if not may_merge(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        kept, other = (_party(asked, name) for name in ("kept", "other"))
        if kept is None or other is None:
            return self._without(request)
        try:
            seen = preview(kept, other, by=request.user)
        except MergeError as refusal:
            if request.method == "POST":
                _note_refused_merge(kept, other, refusal)
            return self._show(request, kept, other, refusal=str(refusal))
        form = MergeForm(seen, request.POST or None)
        if request.method != "POST":
            return self._show(request, kept, other, seen=seen, form=form)
        if "different" in request.POST:
            return self._dismiss(request, kept, other)
        return again_if_deadlocked(request, lambda: self._merge(request, seen, form))

    def _merge(self, request: HttpRequest, seen: Preview, form: MergeForm) -> HttpResponse:
        kept, other = seen.kept, seen.other
        if not form.is_valid():
            return self._show(request, kept, other, seen=seen, form=form)
        try:
            merged = merge(
                kept,
                other,
                take=form.taken,
                by=request.user,
                at=timezone.now(),
                why=form.cleaned_data["why"],
            )
        except MergeError as refusal:
            _note_refused_merge(kept, other, refusal)
            return self._show(request, kept, other, seen=seen, form=form, refusal=str(refusal))
        self.log_change(request, kept, str(merged))
        done = _("“%(other)s” was merged into “%(kept)s”.") % {"other": other, "kept": kept}
        messages.success(
            request,
            format_html('{} <a href="{}">{}</a>', done, _undo_url(merged), _("Undo this merge")),
        )
        return HttpResponseRedirect(reverse("admin:agreements_party_change", args=[kept.pk]))

    def _dismiss(self, request: HttpRequest, kept: Party, other: Party) -> HttpResponse:
        dismiss(kept, other)
        messages.success(
            request,
            _("“%(kept)s” and “%(other)s” are kept apart, and not suggested again.")
            % {"kept": in_full(kept), "other": in_full(other)},
        )
        return HttpResponseRedirect(f"{reverse(PARTIES)}?{DuplicatesFilter.parameter_name}=yes")

    def _show(
        self, request: HttpRequest, kept: Party, other: Party, **more: Any
    ) -> TemplateResponse:
        title = _("Merge two parties")
        context = self._context(request, title, kept=kept, other=other, **more)
        context |= {"swapped": _merge_url(other, kept), "names": (in_full(kept), in_full(other))}
        return TemplateResponse(request, "admin/agreements/party/merge.html", context)

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        own = {"title": title, "opts": self.opts, "media": self.media}
        if form := more.get("form"):
            own["media"] = self.media + form.media
        return {**self.admin_site.each_context(request), **own, **more}

    def _without(self, request: HttpRequest) -> HttpResponse:
        self.message_user(
            request, _("One of the two parties is no longer in the register."), messages.ERROR
        )
        return HttpResponseRedirect(reverse(PARTIES))


def _note_refused_merge(kept: Party, other: Party, refusal: MergeError) -> None:
    security_log.note_refusal("merge_refused", of=str(other), into=str(kept), why=str(refusal))


def _others_like(party: Party) -> list[Party]:
    return [pair.second if pair.first_id == party.pk else pair.first for pair in pairs_of(party)]


def _party(asked: QueryDict, name: str) -> Party | None:
    key = asked.get(name, "")
    # longer numbers are none that a database has
    return Party.objects.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def _merge_url(kept: Party, other: Party) -> str:
    return f"{reverse('admin:agreements_party_merge')}?kept={kept.pk}&other={other.pk}"


def _undo_url(merged: PartyMerge) -> str:
    return reverse("admin:agreements_partymerge_undo", args=[merged.pk])


def _warning_of(request: HttpRequest, party: Party, namesake: Party) -> SafeString:
    said = _("There is another party of the name “%(name)s”: %(other)s.") % {
        "name": party.name,
        "other": in_full(namesake),
    }
    if may_merge(request):
        url, link = _merge_url(namesake, party), _("If the two are one body, merge them")
    else:
        url = reverse("admin:agreements_party_change", args=[namesake.pk])
        link = _("If the two are one body, use that one and ask an administrator to merge them")
    return format_html('{} <a href="{}">{}</a>.', said, url, link)


# ------------------------------------------------------------------ the merges that were made


@admin.register(PartyMerge)
class PartyMergeAdmin(admin.ModelAdmin):
    list_display = ("other_name", "kept_name", "at", "by", "moved", "undone_at")
    list_display_links = ("other_name", "kept_name")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("by",)
    list_per_page = 100
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("other_name", "kept_name")
    search_help_text = gettext_lazy("Words of either name.")
    fields = (
        ("other_name", "kept_name"),
        ("at", "by"),
        "why",
        "moved",
        ("undone_at", "undone_by"),
    )
    readonly_fields = ("moved",)
    change_form_template = "admin/agreements/partymerge/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = MergedRow.objects.filter(merge=OuterRef("pk")).order_by().values("merge")
        counted = rows.annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(row_count=Coalesce(counted, 0))

    @admin.display(description=gettext_lazy("rows moved"), ordering="row_count")
    def moved(self, merged: Any) -> int:
        return int(merged.row_count)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees all parties sees what became of those that are gone."""
        return bool(request.user.has_perm(permissions.VIEW_PARTY)) or may_merge(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_undo"] = may_merge(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        undoing = self.admin_site.admin_view(self.undo_view)
        return [
            path("<int:merged>/undo/", undoing, name="agreements_partymerge_undo"),
            *super().get_urls(),
        ]

    def undo_view(self, request: HttpRequest, merged: int) -> HttpResponse:
        """Show whether a merge can be undone, and undo it by POST."""
        if not may_merge(request):
            raise PermissionDenied
        found = PartyMerge.objects.select_related("by").filter(pk=merged).first()
        if found is None:
            messages.error(request, _("There is no such merge."))
            return HttpResponseRedirect(reverse("admin:agreements_partymerge_changelist"))
        if request.method == "POST":
            return again_if_deadlocked(request, lambda: self._undo(request, found))
        return self._show(request, found, _obstacles_to_undoing(request, found))

    def _undo(self, request: HttpRequest, merged: PartyMerge) -> HttpResponse:
        try:
            undone = undo(merged, by=request.user, at=timezone.now())
        except MergeError as refusal:
            security_log.note_refusal("merge_undo_refused", of=str(merged), why=str(refusal))
            reasons = refusal.reasons if isinstance(refusal, UndoError) else [str(refusal)]
            return self._show(request, merged, reasons)
        self.log_change(request, merged, _("Undone."))
        done = _("“%(party)s” is back.") % {"party": undone.party}
        left = ngettext(
            "%(n)d row stayed where it is: somebody has changed it since.",
            "%(n)d rows stayed where they are: somebody has changed them since.",
            undone.left,
        ) % {"n": undone.left}
        messages.success(request, f"{done} {left}" if undone.left else done)
        return HttpResponseRedirect(
            reverse("admin:agreements_party_change", args=[undone.party.pk])
        )

    def _show(self, request: HttpRequest, merged: PartyMerge, reasons: list[str]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo a merge"),
            "opts": self.opts,
            "merged": merged,
            "reasons": reasons,
            "moved": merged.rows.count(),
        }
        return TemplateResponse(request, "admin/agreements/partymerge/undo.html", context)


def _obstacles_to_undoing(request: HttpRequest, merged: PartyMerge) -> list[str]:
    try:
        return list(obstacles_to_undoing(merged, by=request.user))
    except MergeError as refusal:
        return [str(refusal)]
