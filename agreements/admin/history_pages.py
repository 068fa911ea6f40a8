"""The history of a record: its versions with what each changed, any two compared, and restoring one.

Deleted records have their own list. `versions` mixes these pages into the screens of all records; the screens of
rows redirect to the history of the agreement that the row belongs to.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.admin.rights import Rights, why_closed, why_slug_is_kept
from agreements.admin.saving import (
    TOKEN,
    given_reason,
    is_key,
    locked,
    needs_reason,
    stored,
    written,
)
from agreements.admin.screens import Context
from agreements.curation.duplicate_parties import refresh_parties
from agreements.curation.history.differences import contents, differences
from agreements.curation.history.incoming import Incoming, relations_lost_with
from agreements.curation.history.past import Entry, entries_of, entry_of, gone, versions_of
from agreements.curation.history.restoring import (
    RestoreError,
    as_restored,
    restore,
    why_it_stays_deleted,
    with_merges_followed,
)
from agreements.curation.history.states import state_of
from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.domain.permissions import Person
from agreements.models import ROWS, Agreement, Party, Removal
from agreements.security.security_log import note_refusal

VERSIONS_ON_A_PAGE = 20
DELETED_ON_A_PAGE = 50
_PAGES = {
    "compare": "<path:object_id>/history/compare/",
    "version": "<path:object_id>/history/<int:version>/",
    "deleted": "deleted/",
    "deleted_one": "deleted/<int:removal>/",
}


class HistoryPages(Rights):
    """The pages of one kind of records, or of rows."""

    object_history_template = "admin/agreements/history.html"

    def get_pages(self) -> dict[str, str]:
        return super().get_pages() | ({} if self.model in ROWS else _PAGES)

    # Versions

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Context | None = None
    ) -> HttpResponse:
        shown = self._read(request, object_id)
        if type(shown) in ROWS:
            key = self.record_of(shown).pk
            return HttpResponseRedirect(reverse("admin:agreements_agreement_history", args=[key]))
        pages = Paginator(versions_of(self.model, shown.pk), VERSIONS_ON_A_PAGE)
        page = pages.get_page(request.GET.get("p"))
        start = (page.number - 1) * VERSIONS_ON_A_PAGE
        return self.page(
            request,
            "history",
            title=_("History"),
            original=shown,
            entries=entries_of(self.model, shown.pk, start=start, count=VERSIONS_ON_A_PAGE),
            page=page,
            **(extra_context or {}),
        )

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show two versions side by side, the earlier one first, whatever their order in the URL."""
        shown = self._read(request, object_id)
        chosen = [self._entry(shown, request.GET.get(name, "")) for name in ("from", "to")]
        before, after = sorted(chosen, key=lambda entry: entry.key)
        return self.page(
            request,
            "compare",
            title=_("Compare two versions"),
            original=shown,
            before=before,
            after=after,
            changes=differences(self.model, before.state, after.state),
        )

    def _read(self, request: HttpRequest, object_id: str) -> Any:
        found = stored(self.model, object_id)
        if found is None:
            raise Http404
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return found

    def _entry(self, shown: Model, version: int | str) -> Entry:
        found = entry_of(self.model, shown.pk, version) if is_key(str(version)) else None
        if found is None:
            raise Http404
        return found

    # Restoring a version

    def version_view(self, request: HttpRequest, object_id: str, version: int) -> HttpResponse:
        """Show a whole version and what restoring it would change; restore it by POST."""
        shown = self._read(request, object_id)
        entry = self._entry(shown, version)
        if request.method != "POST":
            return self._version_page(request, shown, entry)
        return written(request, lambda: self._restore_version(request, shown, entry))

    def _restore_version(self, request: HttpRequest, shown: Model, entry: Entry) -> HttpResponse:
        present = locked(shown)
        if present is None:
            raise Http404
        if not self.has_change_permission(request, present):
            raise PermissionDenied
        refusal = ""
        if request.POST.get(TOKEN) != present.edit_token:
            refusal = _("Somebody has since changed it. Check the differences again.")
        elif needs_reason(present) and not given_reason(request):
            refusal = _("The record is published. Say why you are restoring this version.")
        try:
            return self._restored(request, present.pk, entry, refusal)
        except RestoreError as error:
            note_refusal("restore_refused", of=str(present), why=str(error))
            return self._version_page(request, present, entry, str(error))

    def _restored(self, request: HttpRequest, key: int, entry: Entry, refusal: str) -> HttpResponse:
        """Restore a version and redirect to the record; raises `RestoreError` if that is refused."""
        if not refusal and self.model is Party:
            slug = str(entry.state.values.get("slug", ""))
            refusal = why_slug_is_kept(request.user, slug, party=key)
        if refusal:
            raise RestoreError(refusal)
        why, now = given_reason(request), timezone.now()
        restored = restore(self.model, key, entry, by=request.user, at=now, why=why)
        if self.model is Party:
            refresh_parties([restored.pk])
        said = _("Restored the version of %(when)s.") % {"when": _moment(entry)}
        self.log_change(request, restored, said)
        messages.success(request, said)
        return HttpResponseRedirect(self.url_of("change", key))

    def _version_page(
        self, request: HttpRequest, shown: Any, entry: Entry, refusal: str = ""
    ) -> HttpResponse:
        present = state_of(shown)
        restored = as_restored(self.model, present, with_merges_followed(self.model, entry.state))
        return self.page(
            request,
            "version",
            status=409 if refusal else 200,
            title=_("Version of %(when)s") % {"when": _moment(entry)},
            original=shown,
            entry=entry,
            contents=contents(self.model, entry.state),
            changes=differences(self.model, present, restored),
            may_restore=self.has_change_permission(request, shown),
            token=shown.edit_token,
            needs_reason=needs_reason(shown),
            refusal=refusal,
        )

    # Deleted records

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = Paginator(gone(self.model), DELETED_ON_A_PAGE).get_page(request.GET.get("p"))
        title = _("Deleted: %(what)s") % {"what": self.opts.verbose_name_plural}
        return self.page(request, "deleted", title=title, page=page)

    def deleted_one_view(self, request: HttpRequest, removal: int) -> HttpResponse:
        """Show a whole deleted record; restore it by POST."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        removals = Removal.objects.filter(record=self.opts.label_lower, restored_at=None)
        found = removals.select_related("by").filter(pk=removal).first()
        entry = entry_of(self.model, found.key, found.version_id) if found else None
        if found is None or entry is None:
            raise Http404
        if request.method != "POST":
            return self._deleted_page(request, found, entry)
        return written(request, lambda: self._restore_deleted(request, found, entry))

    def _restore_deleted(
        self, request: HttpRequest, removal: Removal, entry: Entry
    ) -> HttpResponse:
        if not self._may_restore_deleted(request, entry):
            raise PermissionDenied
        refusal = why_it_stays_deleted(self.model, removal.key)
        if locked(removal).restored_at is not None:
            refusal = _("Somebody has already restored it.")
        elif not refusal and not given_reason(request):
            refusal = _why_a_reason_is_needed(entry, relations_lost_with(removal), request.user)
        try:
            return self._restored(request, removal.key, entry, refusal)
        except RestoreError as error:
            note_refusal("restore_refused", of=removal.name, why=str(error))
            return self._deleted_page(request, removal, entry, str(error))

    def _deleted_page(
        self, request: HttpRequest, removal: Removal, entry: Entry, refusal: str = ""
    ) -> HttpResponse:
        stays = why_it_stays_deleted(self.model, removal.key)
        lost = relations_lost_with(removal)
        return self.page(
            request,
            "deleted_one",
            status=409 if refusal else 200,
            title=_("Deleted: %(what)s") % {"what": removal.name},
            removal=removal,
            entry=entry,
            contents=contents(self.model, entry.state),
            incoming=[_in_words(each, request.user) for each in lost],
            is_followed=self.model is Agreement,
            stays=stays,
            may_restore=not stays and self._may_restore_deleted(request, entry),
            needs_reason=bool(_why_a_reason_is_needed(entry, lost, request.user)),
            refusal="" if refusal == stays else refusal,
        )

    def _may_restore_deleted(self, request: HttpRequest, entry: Entry) -> bool:
        """Return whether this user may add such a record and, if it comes back published, also publish it."""
        if self.model is not Agreement or not self.has_add_permission(request):
            return self.has_add_permission(request)
        as_it_was = Agreement(publication=str(entry.state.values["publication"]))
        return permissions.may_change(request.user, as_it_was)


def _why_a_reason_is_needed(entry: Entry, lost: list[Incoming], user: Person) -> str:
    """Return what the public will see if this is restored; empty if nothing."""
    if entry.state.values.get("publication") == Publication.PUBLISHED:
        return _(
            "The record was published and will be published again. Say why you are restoring it."
        )
    if any(each.owner and each.owner.is_public and each.comes_back_for(user) for each in lost):
        return _("Published records will show their relation to it again. Say why.")
    return ""


def _moment(entry: Entry) -> str:
    return date_format(timezone.localtime(entry.at), "DATETIME_FORMAT")


def _in_words(lost: Incoming, user: Person) -> tuple[str, str]:
    """Return the relation that another record had, and why it does not come back; empty if it does."""
    if lost.owner is None:
        return lost.row.name, _("The other record was deleted as well.")
    return lost.row.name, why_closed(user, lost.owner)
