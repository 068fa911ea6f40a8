"""Deleting records: asks for a reason, and deletes nothing that somebody changed after the deletion was requested.

The confirmation page carries the token of each record. `versions` mixes `StaleDeletions` into the screens.
"""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from agreements.admin.history_pages import HistoryPages
from agreements.admin.saving import (
    TOKEN,
    WHY,
    given_reason,
    is_key,
    locked,
    needs_reason,
    resend,
    stored,
    written,
)
from agreements.admin.screens import Context
from agreements.curation.history import state_of, state_with_token
from agreements.curation.history.differences import differences
from agreements.models import ROWS, Agreement
from agreements.security.security_log import note_refusal


class StaleDeletions(HistoryPages):
    """For records and for the rows that belong to them."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Context | None = None
    ) -> HttpResponse:
        found = stored(self.model, object_id)
        chosen = [] if found is None else [found]
        context = {**(extra_context or {}), **self._deletion_context(request, chosen)}
        if request.method != "POST" or found is None:
            return super().delete_view(request, object_id, context)

        def delete() -> HttpResponse:
            refusal = self._refuse_deletion(request, chosen)
            return refusal or super(StaleDeletions, self).delete_view(request, object_id, context)

        return written(
            request, delete, lambda why: self._not_deleted(request, chosen, incomplete=why)
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        if request.POST.get("action") != "delete_selected" or "post" not in request.POST:
            response = super().changelist_view(request, extra_context)
            context = getattr(response, "context_data", None) or {}
            if "deletable_objects" in context:
                # the page that asks whether to delete the selected rows
                asked = self._with_records(context["queryset"])
                context.update(self._deletion_context(request, asked))
            return response

        def delete() -> HttpResponse:
            refusal = self._refuse_deletion(request, self._chosen(request))
            return refusal or super(StaleDeletions, self).changelist_view(request, extra_context)

        return written(
            request,
            delete,
            lambda why: self._not_deleted(request, self._chosen(request), incomplete=why),
        )

    def _chosen(self, request: HttpRequest) -> list[Any]:
        """Return the selected rows; anything that cannot be an id is removed from the request, as Django would fail on
        it.
        """
        data = request.POST.copy()
        keys = [key for key in data.getlist("_selected_action") if is_key(key)]
        data.setlist("_selected_action", keys)
        resend(request, data)
        return self._with_records(self.get_queryset(request).filter(pk__in=keys))

    def _with_records(self, chosen: Any) -> list[Any]:
        model = self.model
        return list(chosen.select_related(ROWS[model]) if model in ROWS else chosen)

    def _deletion_context(self, request: HttpRequest, chosen: list[Any]) -> Context:
        return {
            "token_fields": [(token_name(obj), self.record_of(obj).edit_token) for obj in chosen],
            "needs_reason": self._deletion_needs_reason(chosen),
            "why": request.POST.get(WHY, ""),
        }

    def _deletion_needs_reason(self, chosen: list[Any]) -> bool:
        """Return whether the public sees one of these, or an agreement that loses its relation to one."""
        agreements = [obj for obj in chosen if isinstance(obj, Agreement)]
        naming = Agreement.objects.published().filter(relations_out__target__in=agreements)
        return any(needs_reason(self.record_of(obj)) for obj in chosen) or (
            bool(agreements) and naming.exists()
        )

    def _refuse_deletion(self, request: HttpRequest, chosen: list[Any]) -> HttpResponse | None:
        """Lock the records; return the page that says what changed since the deletion was requested, or None."""
        if not all(self.has_delete_permission(request, obj) for obj in chosen):
            return None
        changed = []
        for obj in sorted(chosen, key=lambda each: each.pk):
            record = locked(self.record_of(obj))
            if record is None:
                continue  # already gone, as it should be
            base, is_stale = base_of(record, request.POST.get(token_name(obj), ""))
            if is_stale:
                changes = differences(type(record), base, state_of(record)) if base else None
                changed.append((obj, record, changes))
        there = [obj for obj in chosen if stored(type(obj), str(obj.pk)) is not None]
        lacks_reason = self._deletion_needs_reason(there) and not given_reason(request)
        if not changed and not lacks_reason:
            return None
        why = _("Somebody changed it in the meantime.") if changed else _("No reason was given.")
        note_refusal("deletion_refused", of=", ".join(map(str, there)), why=why)
        return self._not_deleted(request, there, changed=changed, lacks_reason=lacks_reason)

    def _not_deleted(
        self, request: HttpRequest, there: list[Any], *, incomplete: str = "", **why: Any
    ) -> HttpResponse:
        """Return the page that says why nothing was deleted; `incomplete` if no further attempt can succeed."""
        shown = [stored(type(obj), str(obj.pk)) for obj in there]
        return self.page(
            request,
            "not_deleted",
            status=409 if why.get("changed") or incomplete else 400,
            title=_("Not deleted"),
            incomplete=incomplete,
            chosen=there,
            is_action="_selected_action" in request.POST,
            **self._deletion_context(request, shown),
            **why,
        )


def token_name(obj: models.Model) -> str:
    """Return the name of the input that has the token of one row on a page that deletes several."""
    return f"{TOKEN}-{obj.pk}"


def base_of(record: Any, token: str) -> tuple[Any, bool]:
    """Return the state that a form with this token was opened with, if known, and whether it is out of date.

    If somebody saved the record without changing anything, the form is not out of date.
    """
    if token == record.edit_token:
        return None, False
    base = state_with_token(type(record), record.pk, token)
    return base, base is None or base != state_of(record)
