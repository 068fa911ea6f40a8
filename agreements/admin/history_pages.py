"""The history of a record as pages: its versions with what each changed, any two side by side, and the way back to one.

Records that were deleted have a list of their own. `versions` mixes these into the screens of all records; the screens
of rows lead to the history of the agreement that the row belongs to.
"""

from types import SimpleNamespace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.admin.rights import why_closed, why_slug_is_kept
from agreements.admin.saving import (
    TOKEN,
    WHY,
    again_if_deadlocked,
    given_reason,
    is_key,
    locked,
    needs_reason,
    stored,
)
from agreements.curation.history import Entry, RestoreError, entries_of, recorded, restore, state_of
from agreements.curation.history.differences import contents, differences
from agreements.curation.history.incoming import Incoming, relations_lost_with
from agreements.curation.history.past import entry_of, gone, versions_of
from agreements.curation.history.restoring import (
    as_restored,
    why_it_stays_deleted,
    with_merges_followed,
)
from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.models import ROWS, Agreement, Party, Removal
from agreements.security.security_log import note_refusal

VERSIONS_ON_A_PAGE = 20
DELETED_ON_A_PAGE = 50


class HistoryPages(admin.ModelAdmin):
    """The pages of one kind of records, or of rows."""

    object_history_template = "admin/agreements/history.html"

    def record_of(self, obj: Any) -> Any:
        """Return the record that `obj` is or belongs to; None for one that belongs to none yet."""
        if obj is None or type(obj) not in ROWS:
            return obj
        owner = ROWS[type(obj)]
        return getattr(obj, owner) if getattr(obj, f"{owner}_id") else None

    def get_urls(self) -> list[Any]:
        if self.model in ROWS:
            return super().get_urls()
        wrap = self.admin_site.admin_view
        pages = (
            ("<path:object_id>/history/compare/", self.compare_view, "compare"),
            ("<path:object_id>/history/<int:version>/", self.version_view, "version"),
            ("deleted/", self.deleted_view, "deleted"),
            ("deleted/<int:removal>/", self.deleted_one_view, "deleted_one"),
        )
        return [
            *(path(route, wrap(view), name=self._name(name)) for route, view, name in pages),
            *super().get_urls(),
        ]

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self._name(page)}", args=args)

    # What is there

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = self._read(request, object_id)
        if type(shown) in ROWS:
            record = self.record_of(shown)
            return HttpResponseRedirect(
                reverse("admin:agreements_agreement_history", args=[record.pk])
            )
        model = type(shown)
        pages = Paginator(versions_of(model, shown.pk), VERSIONS_ON_A_PAGE)
        page = pages.get_page(request.GET.get("p"))
        start = (page.number - 1) * VERSIONS_ON_A_PAGE
        context = {
            "title": _("History"),
            "original": shown,
            "entries": entries_of(model, shown.pk, start=start, count=VERSIONS_ON_A_PAGE),
            "page": page,
            **(extra_context or {}),
        }
        return self._page(request, "history", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Two versions side by side, the earlier one first, whichever was named first."""
        shown = self._read(request, object_id)
        chosen = [self._entry(shown, request.GET.get(name, "")) for name in ("from", "to")]
        before, after = sorted(chosen, key=lambda entry: entry.key)
        context = {
            "title": _("Two versions compared"),
            "original": shown,
            "before": before,
            "after": after,
            "changes": differences(type(shown), before.state, after.state),
        }
        return self._page(request, "compare", context)

    def _read(self, request: HttpRequest, object_id: str) -> Any:
        found = stored(self.model, object_id)
        if found is None:
            raise Http404
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return found

    def _entry(self, shown: Any, version: Any) -> Entry:
        found = entry_of(type(shown), shown.pk, version) if is_key(str(version)) else None
        if found is None:
            raise Http404
        return found

    # Back to a version

    def version_view(self, request: HttpRequest, object_id: str, version: int) -> HttpResponse:
        """A version as a whole, and what restoring it would change; restores it by POST."""
        shown = self._read(request, object_id)
        entry = self._entry(shown, version)
        if request.method != "POST":
            return self._version_page(request, shown, entry)

        def bring_back() -> HttpResponse:
            with recorded(by=request.user, why=given_reason(request)):
                return self._bring_back(request, shown, entry)

        return again_if_deadlocked(request, bring_back)

    def _bring_back(self, request: HttpRequest, shown: Any, entry: Entry) -> HttpResponse:
        present = locked(shown)
        if present is None:
            raise Http404
        if not self.has_change_permission(request, present):
            raise PermissionDenied
        refusal = ""
        if request.POST.get(TOKEN) != present.edit_token:
            refusal = _("Somebody changed it meanwhile. Look at the differences again.")
        elif needs_reason(present) and not given_reason(request):
            refusal = _("The record is published. Say why you restore this version.")
        if refusal:
            note_refusal("restore_refused", of=str(present), why=refusal)
            return self._version_page(request, present, entry, refusal, status=409)
        try:
            self._restore(request, present.pk, entry)
        except RestoreError as error:
            note_refusal("restore_refused", of=str(present), why=str(error))
            return self._version_page(request, present, entry, str(error), status=409)
        return HttpResponseRedirect(self._address("change", present.pk))

    def _restore(self, request: HttpRequest, key: int, entry: Entry) -> None:
        slug = str(entry.state.values.get("slug", ""))
        if self.model is Party and (kept := why_slug_is_kept(request.user, slug, party=key)):
            raise RestoreError(kept)
        restored = restore(
            self.model,
            key,
            entry,
            by=request.user,
            at=timezone.now(),
            why=given_reason(request),
        )
        when = date_format(timezone.localtime(entry.at), "DATETIME_FORMAT")
        said = _("Restored the version of %(when)s.") % {"when": when}
        self.log_change(request, restored, said)
        messages.success(request, said)

    def _version_page(
        self, request: HttpRequest, shown: Any, entry: Entry, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        present = state_of(shown)
        record = type(shown)
        restored = as_restored(record, present, with_merges_followed(record, entry.state))
        context = {
            "title": _("Version of %(when)s")
            % {"when": date_format(timezone.localtime(entry.at), "DATETIME_FORMAT")},
            "original": shown,
            "entry": entry,
            "contents": contents(type(shown), entry.state),
            "changes": differences(type(shown), present, restored),
            "may_restore": self.has_change_permission(request, shown),
            "token": shown.edit_token,
            "needs_reason": needs_reason(shown),
            "refusal": refusal,
            "why": request.POST.get(WHY, ""),
        }
        return self._page(request, "version", context, status)

    # Deleted records

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        self._may_see_deleted(request)
        pages = Paginator(gone(self.model), DELETED_ON_A_PAGE)
        context = {
            "title": _("Deleted: %(what)s") % {"what": self.opts.verbose_name_plural},
            "page": pages.get_page(request.GET.get("p")),
        }
        return self._page(request, "deleted", context)

    def deleted_one_view(self, request: HttpRequest, removal: int) -> HttpResponse:
        """What was deleted, as a whole; restores it by POST."""
        self._may_see_deleted(request)
        removals = Removal.objects.filter(record=self.opts.label_lower, restored_at=None)
        found = removals.select_related("by").filter(pk=removal).first()
        entry = entry_of(self.model, found.key, found.version_id) if found else None
        if found is None or entry is None:
            raise Http404
        if request.method != "POST":
            return self._deleted_page(request, found, entry)

        def bring_back() -> HttpResponse:
            with recorded(by=request.user, why=given_reason(request)):
                return self._bring_back_deleted(request, found, entry)

        return again_if_deadlocked(request, bring_back)

    def _bring_back_deleted(
        self, request: HttpRequest, removal: Removal, entry: Entry
    ) -> HttpResponse:
        if not self._may_restore_deleted(request, entry):
            raise PermissionDenied
        refusal, lost = "", relations_lost_with(removal)
        if locked(removal).restored_at is not None:
            refusal = _("Somebody has restored it already.")
        elif stays := why_it_stays_deleted(self.model, removal.key):
            refusal = stays
        elif self._was_public(entry) and not given_reason(request):
            refusal = _("The record was published, and will be again. Say why you restore it.")
        elif _changes_public(lost, request.user) and not given_reason(request):
            refusal = _("Published records will say again how they bear on it. Say why.")
        if refusal:
            note_refusal("restore_refused", of=removal.name, why=refusal)
            return self._deleted_page(request, removal, entry, refusal, status=409)
        try:
            self._restore(request, removal.key, entry)
        except RestoreError as error:
            note_refusal("restore_refused", of=removal.name, why=str(error))
            return self._deleted_page(request, removal, entry, str(error), status=409)
        return HttpResponseRedirect(self._address("change", removal.key))

    def _deleted_page(
        self,
        request: HttpRequest,
        removal: Removal,
        entry: Entry,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        stays = why_it_stays_deleted(self.model, removal.key)
        lost = relations_lost_with(removal)
        context = {
            "title": _("Deleted: %(what)s") % {"what": removal.name},
            "removal": removal,
            "entry": entry,
            "contents": contents(self.model, entry.state),
            "incoming": [_in_words(each, request.user) for each in lost],
            "is_followed": self.model is Agreement,
            "stays": stays,
            "may_restore": not stays and self._may_restore_deleted(request, entry),
            "needs_reason": self._was_public(entry) or _changes_public(lost, request.user),
            "refusal": "" if refusal == stays else refusal,
            "why": request.POST.get(WHY, ""),
        }
        return self._page(request, "deleted_one", context, status)

    def _may_see_deleted(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _may_restore_deleted(self, request: HttpRequest, entry: Entry) -> bool:
        """Whether this person may enter such a record and, as it comes back as public as it was, publish it."""
        if not self.has_add_permission(request):
            return False
        if self.model is not Agreement:
            return True
        as_it_was = SimpleNamespace(publication=entry.state.values["publication"])
        return permissions.may_change(request.user, as_it_was)

    def _was_public(self, entry: Entry) -> bool:
        return entry.state.values.get("publication") == Publication.PUBLISHED

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        full = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/agreements/{name}.html", full, status=status)


def _changes_public(lost: list[Incoming], user: Any) -> bool:
    """Whether bringing a record back changes others that the public sees."""
    return any(
        each.owner is not None and each.owner.is_public and each.comes_back_for(user)
        for each in lost
    )


def _in_words(lost: Incoming, user: Any) -> tuple[str, str]:
    """Return the relation that another record had, and why it does not come back; empty if it does."""
    if lost.owner is None:
        return lost.row.name, _("The other record was deleted as well.")
    return lost.row.name, why_closed(user, lost.owner)
