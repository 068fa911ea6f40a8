"""Deleting records: asks for a reason, and deletes nothing that somebody changed after the deletion was requested.

The confirmation page carries the token of each record. `versions` mixes `StaleDeletions` into the screens. `PartyAdmin`,
`SourceAdmin` and `AreaAdmin` also mix in `NamedObstacles`: it says why one of them cannot be deleted.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import PROTECT, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from agreements.admin.farewells import farewell_context, told
from agreements.admin.history_pages import HistoryPages
from agreements.admin.saving import (
    TOKEN,
    WHY,
    View,
    given_reason,
    is_key,
    locked,
    needs_reason,
    resend,
    stored,
    written,
)
from agreements.admin.screens import Context, Screen
from agreements.curation.history.differences import differences
from agreements.curation.history.past import state_with_token
from agreements.curation.history.states import State, state_of
from agreements.curation.tombstones import leave
from agreements.models import ROWS, Agreement
from agreements.security.security_log import note_refusal

MOST_NAMED = 100
TITLE_SHOWN = 90


class StaleDeletions(HistoryPages):
    """For records and for the rows that belong to them."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Context | None = None
    ) -> HttpResponse:
        found = stored(self.model, object_id)
        chosen = [] if found is None else [found]
        context = {**(extra_context or {}), **self._deletion_context(request, chosen)}
        view = partial(super().delete_view, request, object_id, context)
        if request.method != "POST" or found is None:
            return view()
        return self._deleted(request, view, lambda: chosen)

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        view = partial(super().changelist_view, request, extra_context)
        if request.POST.get("action") == "delete_selected" and "post" in request.POST:
            return self._deleted(request, view, partial(self._chosen, request))
        response = view()
        context = getattr(response, "context_data", None) or {}
        if "deletable_objects" in context:
            # the page that asks whether to delete the selected rows
            asked = self._with_records(context["queryset"])
            context.update(self._deletion_context(request, asked))
        return response

    def _deleted(
        self, request: HttpRequest, view: View, chosen: Callable[[], list[Model]]
    ) -> HttpResponse:
        """Return the response of the view that deletes what is chosen, or the page that says why nothing was deleted."""
        return written(
            request,
            lambda: self._delete(request, view, chosen()),
            lambda why: self._not_deleted(request, chosen(), incomplete=why),
        )

    def _delete(self, request: HttpRequest, view: View, chosen: list[Model]) -> HttpResponse:
        """Delete what is chosen, and tell the public what it is to read instead; or say why nothing was deleted."""
        if refusal := self._refuse_deletion(request, chosen):
            return refusal
        shown = [
            (each.pk, each) for each in chosen if isinstance(each, Agreement) and each.is_public
        ]
        response = view()
        left = Agreement.objects.filter(pk__in=[key for key, _agreement in shown])
        still_there = set(left.values_list("pk", flat=True))
        for key, agreement in shown:
            if key not in still_there:
                leave(agreement, told(request), at=timezone.now())
        return response

    def _chosen(self, request: HttpRequest) -> list[Model]:
        """Return the selected rows; remove from the request what cannot be an id, as Django would fail on it."""
        data = request.POST.copy()
        keys = [key for key in data.getlist("_selected_action") if is_key(key)]
        data.setlist("_selected_action", keys)
        resend(request, data)
        return self._with_records(self.get_queryset(request).filter(pk__in=keys))

    def _with_records(self, chosen: QuerySet[Model]) -> list[Model]:
        is_of_rows = self.model in ROWS
        return list(chosen.select_related(ROWS[self.model]) if is_of_rows else chosen)

    def _deletion_context(self, request: HttpRequest, chosen: list[Model]) -> Context:
        return {
            "token_fields": [(token_name(obj), self.record_of(obj).edit_token) for obj in chosen],
            "needs_reason": self._deletion_needs_reason(chosen),
            "why": request.POST.get(WHY, ""),
            "tells_public": any(map(needs_reason, chosen)),
            **farewell_context(request),
        }

    def _deletion_needs_reason(self, chosen: list[Model]) -> bool:
        """Return whether the public sees one of these, or an agreement that loses its relation to one."""
        if any(needs_reason(self.record_of(obj)) for obj in chosen):
            return True
        agreements = [obj for obj in chosen if isinstance(obj, Agreement)]
        return Agreement.objects.published().filter(relations_out__target__in=agreements).exists()

    def _refuse_deletion(self, request: HttpRequest, chosen: list[Model]) -> HttpResponse | None:
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
                changed.append((record, changes))
        there = [obj for obj in chosen if stored(type(obj), str(obj.pk)) is not None]
        lacks_reason = self._deletion_needs_reason(there) and not given_reason(request)
        if not changed and not lacks_reason:
            return None
        why = _("Somebody has since changed it.") if changed else _("No reason was given.")
        note_refusal("deletion_refused", of=", ".join(map(str, there)), why=why)
        return self._not_deleted(request, there, changed=changed, lacks_reason=lacks_reason)

    def _not_deleted(
        self, request: HttpRequest, there: list[Model], *, incomplete: str = "", **why: Any
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


def token_name(obj: Model) -> str:
    """Return the name of the input that has the token of one row on a page that deletes several."""
    return f"{TOKEN}-{obj.pk}"


def base_of(record: Any, token: str) -> tuple[State | None, bool]:
    """Return the state that a form with this token was opened with, if known, and whether it is out of date.

    If somebody saved the record without changing anything, the form is not out of date.
    """
    if token == record.edit_token:
        return None, False
    base = state_with_token(type(record), record.pk, token)
    return base, base is None or base != state_of(record)


class NamedObstacles(Screen):
    """Lists, when a deletion is refused, the agreements and other records that use the record."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        protected = self.obstacles(objs) or protected
        if protected and "post" in request.POST:
            note_refusal(
                "deletion_refused",
                of=", ".join(map(str, objs)),
                why="; ".join(strip_tags(str(line)) for line in protected),
            )
        return deleted, counts, lacking, protected

    def obstacles(self, objs: Iterable[Model]) -> list[SafeString | str]:
        """Return a line for each use that keeps one of these from being deleted; none if they can be deleted."""
        named: list[SafeString | str] = list(self._uses_of(objs))
        return [*named[:MOST_NAMED], _("and more")] if len(named) > MOST_NAMED else named

    def _uses_of(self, objs: Iterable[Model]) -> Iterator[SafeString]:
        for relation in self.model._meta.related_objects:
            if relation.on_delete is not PROTECT:
                continue
            used = {f"{relation.field.name}__in": list(objs)}
            rows: Any = relation.related_model._default_manager.filter(**used)
            if owner := ROWS.get(relation.related_model):
                key = "ref" if owner == "agreement" else "name"
                rows = rows.select_related(owner).order_by(f"{owner}__{key}", "pk")
            for row in rows[: MOST_NAMED + 1]:
                what = row._meta.verbose_name
                yield _line(row, _("Part of it") if type(row) is self.model else capfirst(what))


def _line(row: Any, what: str) -> SafeString:
    if type(row) not in ROWS:
        return format_html("{}: {}", what, _link(row, str(row)))
    record = getattr(row, ROWS[type(row)])
    named = f"{record.ref} {record.title}" if isinstance(record, Agreement) else str(record)
    return format_html("{}: {} ({})", what, row, _link(record, Truncator(named).chars(TITLE_SHOWN)))


def _link(row: Model, text: str) -> SafeString | str:
    if not admin.site.is_registered(type(row)):
        return text
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)
