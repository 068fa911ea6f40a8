"""What every screen of the register does on saving: asks for a reason, keeps a version, and overwrites nobody's work.

Each form carries the token that its record had when the form was opened. Saving locks the record and compares tokens;
a stale form leads to the page of `conflicts`. Everything is written within `recorded`. A refused form lists all its
errors at the top, with links to the fields, because the pages are long.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.answers import began_with, is_unanswered, settle
from agreements.admin.conflicts import ConflictPage, lost_record_page
from agreements.admin.deletions import StaleDeletions, base_of
from agreements.admin.saving import (
    LONGEST_REASON,
    REASON_NEEDED,
    TOKEN,
    WHY,
    is_key,
    locked,
    needs_reason,
    stored,
    written,
)
from agreements.admin.screens import Context
from agreements.curation.history.past import entry_with_token
from agreements.curation.history.states import Named, State
from agreements.domain.permissions import Person
from agreements.models import ROWS, STEPS_WITH_A_REASON
from agreements.security.security_log import note_refusal


class Carried:
    """For a field that is sent with the form but is not part of the record."""

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class _Carried(Carried, forms.CharField):
    pass


class RecordForm(forms.ModelForm):
    """The form of a record or a row, with the token of the record that it was filled from, and the reason.

    It saves nothing if its record was closed after the page was opened, and keeps what was typed.
    """

    # set by `Versions.get_form` on the class, which is made for one request
    user: Person
    record: Any = None
    is_of_rows = False
    # why nothing can be saved: the record is closed, or a published record would lose what it needs
    closed = incomplete = ""

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
        asked = REASON_NEEDED if takes_step else _("Give a reason for the change.")
        why.error_messages["required"] = asked
        why.help_text = _("Required if the record is public. Staff can read it in the history.")
        if is_needed:
            why.help_text = _(
                "This record is published. Staff can read the reason in its history; the public cannot."
            )

    def clean(self) -> Context:
        cleaned = super().clean() or self.cleaned_data
        if self.closed:
            note_refusal("closed_refused", of=str(self.instance), why=self.closed)
            kept = _("Nothing was saved, but what you typed is still here.")
            self.add_error(None, forms.ValidationError(f"{self.closed} {kept}", code="closed"))
        if self.incomplete:
            self.add_error(None, forms.ValidationError(self.incomplete, code="incomplete"))
        chosen: Any = cleaned.get("agreement")
        if needs_reason(chosen) and not cleaned.get(WHY) and WHY not in self.errors:
            sentence = _("%(ref)s is published. Give a reason for the change.")
            self.add_error(WHY, sentence % {"ref": chosen.ref})
        return cleaned


class Versions(StaleDeletions, ConflictPage):
    """For the screens of records and of their rows; the first of a screen's bases."""

    form = RecordForm

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[RecordForm]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.user, form.record = request.user, self.record_of(obj)
        form.is_of_rows = self.model in ROWS
        form.closed = self.why_closed(request, obj) if obj and self.is_typed_into(request) else ""
        form.incomplete = getattr(request, "incomplete", "")
        return form

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        form = context["adminform"].form
        formsets = [part.formset for part in context["inline_admin_formsets"]]
        context["error_lines"] = error_lines(form, formsets) if context["errors"] else []
        context["why_in_sight"] = WHY in form.fields and form.fields[WHY].required
        super().add_context(request, context, shown)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        show = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return show()

        def save() -> HttpResponse:
            settle(request)
            refusal = self._refuse_stale(request, object_id) if object_id else None
            return refusal or show()

        def show_again(refusal: str) -> HttpResponse:
            # the form itself refuses, so that it can show again what was typed
            request.__dict__["incomplete"] = refusal
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
        if not self.has_change_permission(request, found) or self.why_closed(request, found):
            return None  # Django's page, or the form, refuses
        token = began_with(request)
        base, is_stale = base_of(record, token)
        if not is_stale and not is_unanswered(request):
            return None
        began_in = None
        if base is None and type(found) in ROWS:
            base, began_in = _began_elsewhere(request, found, token)
        page = self.conflict_page(request, found, record, base, began_in)
        if page is not None:
            note_refusal("save_refused", of=str(record), why=_("Somebody has since changed it."))
        return page


def _began_elsewhere(
    request: HttpRequest, row: Any, token: str
) -> tuple[State | None, Named | None]:
    """Return the state and the record that a row's form was opened with, for a row that others have since moved.

    This looks in the record that the form names, and returns (None, None) if the form was not opened there.
    """
    record: Any = row._meta.get_field(ROWS[type(row)]).related_model
    key = request.POST.get(ROWS[type(row)], "")
    entry = entry_with_token(record, key, token) if is_key(key) else None
    return (entry.state, Named(int(key), entry.name)) if entry else (None, None)


@dataclass(frozen=True)
class ErrorLine:
    """A field or row with errors: its label, its id on the page, and the errors."""

    label: str
    target: str
    reasons: Iterable[str]


def error_lines(form: Any, formsets: list[Any]) -> list[ErrorLine]:
    """Return a line for each field and row with errors, in their order on the page.

    Errors of the record as a whole belong to no field; the page shows them itself.
    """
    return [*_of_fields(form), *(line for formset in formsets for line in _of_rows(formset))]


def _of_rows(formset: Any) -> Iterator[ErrorLine]:
    names = formset.model._meta
    if formset.non_form_errors():
        title = capfirst(str(names.verbose_name_plural))
        yield ErrorLine(title, f"{formset.prefix}-group", formset.non_form_errors())
    what = capfirst(str(names.verbose_name))
    for number, form in enumerate(formset.forms, start=1):
        row = _("%(what)s %(number)d") % {"what": what, "number": number}
        if form.non_field_errors():
            yield ErrorLine(row, form.prefix, form.non_field_errors())
        yield from _of_fields(form, f"{row}: ")


def _of_fields(form: Any, before: str = "") -> Iterator[ErrorLine]:
    for bound in form:
        if bound.errors:
            label = f"{before}{capfirst(bound.label)}"
            yield ErrorLine(label, bound.id_for_label or bound.auto_id, bound.errors)
