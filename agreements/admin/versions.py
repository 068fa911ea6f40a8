"""What every screen of the register does on saving: asks for a reason, keeps a version, and overwrites nobody's work.

Each form carries the token that its record had when the form was opened. Saving locks the record and compares tokens;
a stale form leads to the page of `conflicts`. Everything is written within `recorded`.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.answers import began_with, is_unanswered, mark_removed, settle
from agreements.admin.conflicts import ConflictPage
from agreements.admin.error_summary import error_lines
from agreements.admin.lost_records import lost_record_page
from agreements.admin.saving import (
    LONGEST_REASON,
    TOKEN,
    WHY,
    is_key,
    locked,
    needs_reason,
    stored,
    written,
)
from agreements.admin.screens import Context
from agreements.admin.stale_deletions import StaleDeletions, base_of
from agreements.curation.history import Named, State
from agreements.curation.history.past import entry_with_token
from agreements.models import ROWS, STEPS_WITH_A_REASON
from agreements.security.security_log import note_refusal


class _Carried(forms.CharField):
    """A field that is sent with the form but is not part of the record."""

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class VersionedForm(forms.Form):
    """Adds to a form the token of the record that it was filled from, and the field for the reason."""

    record: Any = None
    is_of_rows = False
    # why saving was undone: a published record would have lost what it needs
    incomplete = ""

    edit_token = _Carried(required=False, widget=forms.HiddenInput)
    why = _Carried(
        label=gettext_lazy("Reason for the change"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[TOKEN].initial = self.record.edit_token if self.record else ""
        takes_step = self.data.get("step") in STEPS_WITH_A_REASON
        is_needed, why = needs_reason(self.record), self.fields[WHY]
        why.required = is_needed or takes_step
        why.error_messages["required"] = _("Give a reason for the change.")
        why.help_text = _("Required if the record is public. Staff can read it in the history.")
        if takes_step:
            why.error_messages["required"] = _(
                "Say why, for the next person who works on this record."
            )
        if is_needed:
            why.help_text = _(
                "This record is published. Staff can read the reason in its history; the public cannot."
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.incomplete:
            self.add_error(None, forms.ValidationError(self.incomplete, code="incomplete"))
        chosen: Any = cleaned.get("agreement")
        if needs_reason(chosen) and not cleaned.get(WHY) and WHY not in self.errors:
            sentence = _("%(ref)s is published. Give a reason for the change.")
            self.add_error(WHY, sentence % {"ref": chosen.ref})
        return cleaned


class Versions(StaleDeletions, ConflictPage):
    """For the screens of records and of their rows; the first of a screen's bases."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        own = {
            "record": self.record_of(obj),
            "is_of_rows": self.model in ROWS,
            "incomplete": getattr(request, "incomplete", ""),
        }
        return type(form.__name__, (VersionedForm, form), own)

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        form = context["adminform"].form
        formsets = [part.formset for part in context["inline_admin_formsets"]]
        context["error_lines"] = error_lines(form, formsets) if context["errors"] else []
        context["why_in_sight"] = WHY in form.fields and form.fields[WHY].required
        super().add_context(request, context, shown)

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
            refusal = self._refuse_stale(request, object_id) if object_id else None
            return refusal or super(Versions, self).changeform_view(
                request, object_id, *args, **kwargs
            )

        def show_again(refusal: str) -> HttpResponse:
            # the form itself refuses, so that it can show again what was typed
            request.incomplete = refusal  # type: ignore[attr-defined]
            return written(request, save)

        return written(request, save, show_again)

    def _refuse_stale(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Lock the record; return the conflict page if the form was opened on an older version, or None."""
        found = stored(self.model, object_id)
        record = locked(self.record_of(found))
        found = stored(self.model, object_id)
        if found is None or record is None:
            is_lost = TOKEN in request.POST and self.has_add_permission(request)
            return lost_record_page(self, request, object_id) if is_lost else None
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
            note_refusal(
                "save_refused", of=str(record), why=_("Somebody changed it in the meantime.")
            )
        return page


def _began_elsewhere(
    request: HttpRequest, row: Any, token: str
) -> tuple[State | None, Named | None]:
    """Return the state and the record in which the form of a row was opened that others have moved since.

    Looks in the record that the form names; (None, None) if the form was not opened there.
    """
    record: Any = row._meta.get_field(ROWS[type(row)]).related_model
    key = request.POST.get(ROWS[type(row)], "")
    entry = entry_with_token(record, key, token) if is_key(key) else None
    return (entry.state, Named(int(key), entry.name)) if entry else (None, None)


def _is_closed(screen: Any, request: HttpRequest, stored: Any) -> bool:
    """Return whether the form will refuse this user anyway, keeping what was typed."""
    return hasattr(screen, "why_closed") and bool(screen.why_closed(request, stored))
