"""What every screen of the register does when somebody saves: asks why, keeps a version, and overwrites nobody.

Each form carries the token that its record had when it was opened. Saving locks the record and compares; a stale form
is answered by `conflicts`, a stale deletion by the list of what changed. Everything is written within `recorded`.
"""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.conflicts import ConflictPage, began_with, is_unanswered
from agreements.admin.error_summary import error_lines
from agreements.admin.history_pages import HistoryPages
from agreements.admin.lost_records import lost_record_page
from agreements.admin.saving import (
    LONGEST_REASON,
    TOKEN,
    WHY,
    again_if_deadlocked,
    given_reason,
    is_key,
    locked,
    needs_reason,
    stored,
)
from agreements.admin.typed_forms import mark_removed, settle
from agreements.curation.history import Named, State, recorded, state_of, state_with_token
from agreements.curation.history.differences import differences
from agreements.curation.history.past import entry_with_token
from agreements.models import ROWS, STEPS_WITH_A_REASON, Agreement
from agreements.security.security_log import note_refusal


class _Carried(forms.CharField):
    """A field that goes with the form and is no part of the record."""

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class VersionedForm(forms.Form):
    """Adds to a form the token of the record that it was filled from, and the question why."""

    record: Any = None
    is_of_rows = False
    # why saving what was typed was taken back: a published record would have lost what it needs
    incomplete = ""

    edit_token = _Carried(required=False, widget=forms.HiddenInput)
    why = _Carried(
        label=gettext_lazy("Why you change it"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[TOKEN].initial = self.record.edit_token if self.record else ""
        takes_step = self.data.get("step") in STEPS_WITH_A_REASON
        why = self.fields[WHY]
        why.required = needs_reason(self.record) or takes_step
        why.error_messages["required"] = (
            _("Say why, for whoever works on the record next.")
            if takes_step
            else _("Say why it changes.")
        )
        why.help_text = (
            _(
                "This record is published. Staff read the reason in its history; the public does not."
            )
            if needs_reason(self.record)
            else _("Needed if the public sees the record. Staff read it in its history.")
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.incomplete:
            self.add_error(None, forms.ValidationError(self.incomplete, code="incomplete"))
        chosen = cleaned.get("agreement")
        if (
            chosen is not None
            and needs_reason(chosen)
            and not cleaned.get(WHY)
            and WHY not in self.errors
        ):
            self.add_error(
                WHY, _("%(ref)s is published. Say why it changes.") % {"ref": chosen.ref}
            )
        return cleaned


class Versions(HistoryPages, ConflictPage):
    """Of records and of the rows that belong to them: the first among the bases of a screen."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(
            form.__name__,
            (VersionedForm, form),
            {
                "record": self.record_of(obj),
                "is_of_rows": self.model in ROWS,
                "incomplete": getattr(request, "incomplete", ""),
            },
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        formsets = [part.formset for part in context["inline_admin_formsets"]]
        context["error_lines"] = error_lines(form, formsets) if context["errors"] else []
        context["why_in_sight"] = WHY in form.fields and form.fields[WHY].required
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, *args, **kwargs)

        def save() -> HttpResponse:
            if is_unanswered(request):
                mark_removed(request)
            else:
                settle(request)
            with recorded(by=request.user, why=given_reason(request)):
                refusal = self._refuse_stale(request, object_id) if object_id else None
                return refusal or super(Versions, self).changeform_view(
                    request, object_id, *args, **kwargs
                )

        def show_again(refusal: str) -> HttpResponse:
            # the form refuses, so that it can show again what was typed
            request.incomplete = refusal  # type: ignore[attr-defined]
            return save()

        return again_if_deadlocked(request, save, show_again)

    def _refuse_stale(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Lock the record; return the page for whoever began with an older version of it, or None."""
        found = stored(self.model, object_id)
        record = locked(self.record_of(found))
        found = stored(self.model, object_id)
        if found is None or record is None:
            return self._refuse_lost(request, object_id)
        if not self.has_change_permission(request, found) or _is_closed(self, request, found):
            return None
        token = began_with(request)
        base, is_stale = base_of(record, token)
        if not is_stale and not is_unanswered(request):
            return None
        began_in = None
        if base is None and type(found) in ROWS:
            base, began_in = _began_elsewhere(request, found, token)
        page = self.conflict_page(request, found, record, base, began_in)
        if page is not None:
            note_refusal("save_refused", of=str(record), why=_("Somebody changed it meanwhile."))
        return page

    def _refuse_lost(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        if TOKEN not in request.POST or not self.has_add_permission(request):
            return None
        return lost_record_page(self, request, object_id)

    # Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = stored(self.model, object_id)
        asked = self._deletion_context(request, [found] if found is not None else [])
        context = {**(extra_context or {}), **asked}
        if request.method != "POST" or found is None:
            return super().delete_view(request, object_id, context)

        def delete() -> HttpResponse:
            with recorded(by=request.user, why=given_reason(request)):
                refusal = self._refuse_deletion(request, [found])
                return refusal or super(Versions, self).delete_view(request, object_id, context)

        return again_if_deadlocked(
            request, delete, lambda refusal: self._not_deleted(request, [found], incomplete=refusal)
        )

    def _deletion_context(self, request: HttpRequest, chosen: list[Any]) -> dict[str, Any]:
        return {
            "token_fields": [(token_name(obj), self.record_of(obj).edit_token) for obj in chosen],
            "needs_reason": self._deletion_needs_reason(chosen),
            "why": request.POST.get(WHY, ""),
        }

    def _deletion_needs_reason(self, chosen: list[Any]) -> bool:
        """Whether the public sees one of these, or an agreement that loses its relation to one."""
        agreements = [obj for obj in chosen if isinstance(obj, Agreement)]
        naming = Agreement.objects.published().filter(relations_out__target__in=agreements)
        return any(needs_reason(self.record_of(obj)) for obj in chosen) or (
            bool(agreements) and naming.exists()
        )

    def _refuse_deletion(self, request: HttpRequest, chosen: list[Any]) -> HttpResponse | None:
        """Lock the records; return the page that says what changed since the deletion was asked for, or None."""
        if not all(self.has_delete_permission(request, obj) for obj in chosen):
            return None
        changed = []
        for obj in sorted(chosen, key=lambda each: each.pk):
            record = locked(self.record_of(obj))
            if record is None:
                continue  # gone already, as it should be
            base, is_stale = base_of(record, request.POST.get(token_name(obj), ""))
            if is_stale:
                changes = differences(type(record), base, state_of(record)) if base else None
                changed.append((obj, record, changes))
        there = [obj for obj in chosen if stored(type(obj), str(obj.pk)) is not None]
        lacks_reason = self._deletion_needs_reason(there) and not given_reason(request)
        if not changed and not lacks_reason:
            return None
        why = _("Somebody changed it meanwhile.") if changed else _("Say why.")
        note_refusal("deletion_refused", of=", ".join(map(str, there)), why=why)
        return self._not_deleted(request, there, changed=changed, lacks_reason=lacks_reason)

    def _not_deleted(
        self,
        request: HttpRequest,
        there: list[Any],
        *,
        changed: Any = (),
        lacks_reason: bool = False,
        incomplete: str = "",
    ) -> HttpResponse:
        """Return the page that says why nothing was deleted; `incomplete` if it cannot be, however often it is asked."""
        context = {
            **self.admin_site.each_context(request),
            **self._deletion_context(request, [stored(type(obj), str(obj.pk)) for obj in there]),
            "title": _("Not deleted"),
            "opts": self.opts,
            "changed": changed,
            "lacks_reason": lacks_reason,
            "incomplete": incomplete,
            "chosen": there,
            "is_action": "_selected_action" in request.POST,
        }
        status = 409 if changed or incomplete else 400
        return TemplateResponse(
            request, "admin/agreements/not_deleted.html", context, status=status
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not _deletes_chosen(request):
            response = super().changelist_view(request, extra_context)
            return self._asking_before_deletion(request, response)

        def delete() -> HttpResponse:
            with recorded(by=request.user, why=given_reason(request)):
                keys = _leave_keys(request)
                chosen = self._with_records(self.get_queryset(request).filter(pk__in=keys))
                refusal = self._refuse_deletion(request, list(chosen))
                return refusal or super(Versions, self).changelist_view(request, extra_context)

        def not_deleted(refusal: str) -> HttpResponse:
            keys = _leave_keys(request)
            chosen = self._with_records(self.get_queryset(request).filter(pk__in=keys))
            return self._not_deleted(request, list(chosen), incomplete=refusal)

        return again_if_deadlocked(request, delete, not_deleted)

    def _asking_before_deletion(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Put the tokens of what was chosen, and the question why, onto the page that asks whether to delete it."""
        context = getattr(response, "context_data", None) or {}
        if "deletable_objects" in context:
            chosen = list(self._with_records(context["queryset"]))
            context.update(self._deletion_context(request, chosen))
        return response

    def _with_records(self, chosen: Any) -> Any:
        model = self.model
        return chosen.select_related(ROWS[model]) if model in ROWS else chosen


def token_name(obj: models.Model) -> str:
    """Return the name under which a page that deletes several rows carries the token of one."""
    return f"{TOKEN}-{obj.pk}"


def base_of(record: Any, token: str) -> tuple[Any, bool]:
    """Return the state that a form with this token began with, if it is known, and whether it is out of date.

    A record that somebody saved without changing anything is not out of date.
    """
    if token == record.edit_token:
        return None, False
    base = state_with_token(type(record), record.pk, token)
    return base, base is None or base != state_of(record)


def _began_elsewhere(
    request: HttpRequest, row: Any, token: str
) -> tuple[State | None, Named | None]:
    """Return the state, and the record, in which the form of a row was opened that others have moved since.

    It is looked for in the record that the form names; (None, None) if that is not where the form was opened.
    """
    record: Any = row._meta.get_field(ROWS[type(row)]).related_model
    key = request.POST.get(ROWS[type(row)], "")
    entry = entry_with_token(record, key, token) if is_key(key) else None
    return (entry.state, Named(int(key), entry.name)) if entry else (None, None)


def _leave_keys(request: HttpRequest) -> list[str]:
    """Leave out of what was chosen whatever can be no row, and return the rest; Django would fail on it."""
    data = request.POST.copy()
    keys = [key for key in data.getlist("_selected_action") if is_key(key)]
    data.setlist("_selected_action", keys)
    request.POST = data  # type: ignore[assignment]
    return keys


def _deletes_chosen(request: HttpRequest) -> bool:
    return request.POST.get("action") == "delete_selected" and "post" in request.POST


def _is_closed(screen: Any, request: HttpRequest, stored: Any) -> bool:
    """Whether the form will refuse this person anyway, with what they typed kept."""
    return hasattr(screen, "why_closed") and bool(screen.why_closed(request, stored))
