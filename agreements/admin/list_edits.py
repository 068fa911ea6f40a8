"""Values typed straight into a list: each is compared with what the list showed, so that nobody's work is overwritten.

If others have since changed, removed or closed a row, nothing is saved yet, and a separate page shows what was typed.
Rows that were not edited are left alone, even if the list showed outdated values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from agreements.admin.answers import TAKE, THEIRS, is_unanswered, settle, unseen
from agreements.admin.choices import Choice
from agreements.admin.saving import given_reason, is_key, needs_reason, resend, written
from agreements.admin.screens import Context
from agreements.admin.typed_forms import names_of, put_rows, raw_of, rows_in, typed_values
from agreements.admin.versions import Versions
from agreements.curation.edit_conflicts import FieldConflict, Who, compare_values
from agreements.curation.history.states import Value, kept_fields, plain, values_of
from agreements.models import Agreement
from agreements.security.security_log import note_refusal


@dataclass(frozen=True)
class EditedRow:
    """An edited row of the list: the fields both sides changed, and the rest of what was typed."""

    name: str
    choices: list[Choice]
    others: list[BoundField]
    key: BoundField
    closed: str = ""
    is_gone: bool = False

    @property
    def is_conflict(self) -> bool:
        return bool(self.choices) or self.is_gone


class ListEdits(Versions):
    """For screens of the rows of agreements that have `list_editable`."""

    change_list_template = "admin/agreements/change_list_edited.html"

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> type[BaseModelFormSet]:
        """Send what each field showed, so that saving knows what was edited, and name each field for screen readers."""
        formset = super().get_changelist_formset(request, **kwargs)
        for name in self.list_editable:
            field = formset.form.base_fields[name]
            field.show_hidden_initial = True
            field.widget.attrs["aria-label"] = field.label
        return formset

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        view = partial(super().changelist_view, request, extra_context)
        if "_save" not in request.POST or not self.has_change_permission(request):
            return view()

        def save() -> HttpResponse:
            settle(request)
            return self._refuse_edits(request) or view()

        return written(request, save)

    def _refuse_edits(self, request: HttpRequest) -> HttpResponse | None:
        """Lock the agreements, leave only the edited rows in the request, and return the page if one is refused."""
        formset_class = self.get_changelist_formset(request)
        data, prefix = request.POST.copy(), formset_class.get_default_prefix()
        stored = self._locked_rows(data, prefix, request)
        fresh = {form.instance.pk: form for form in formset_class(queryset=stored).forms}
        _leave_the_edited(data, prefix, formset_class(data, queryset=stored), fresh)
        resend(request, data)
        formset = formset_class(data, queryset=stored)
        rows = [self._edited(request, form, fresh.get(form.instance.pk)) for form in formset.forms]
        lacks_reason = not given_reason(request) and any(
            needs_reason(form.instance.agreement) for form in formset.forms if form.instance.pk
        )
        is_stopped = lacks_reason or any(row.is_conflict or row.closed for row in rows)
        if formset.is_valid() and not is_stopped:
            return None
        return self._edits_page(request, formset, rows, lacks_reason=lacks_reason)

    def _locked_rows(self, data: QueryDict, prefix: str, request: HttpRequest) -> QuerySet[Model]:
        """Lock the agreements of the rows that were sent; an id in the data that cannot be one is set to 0."""
        rows, _none = rows_in(data, prefix)
        for row in rows:
            if "id" in row and not is_key(row["id"][-1]):
                row["id"] = ["0"]
        put_rows(data, prefix, rows, [])
        found = self.get_queryset(request).filter(
            pk__in=[row["id"][-1] for row in rows if "id" in row]
        )
        owners = Agreement.objects.filter(pk__in=found.order_by().values("agreement"))
        list(owners.select_for_update().order_by("pk"))
        return found.select_related("agreement")

    def _edited(self, request: HttpRequest, form: Any, fresh: Any) -> EditedRow:
        """Return a row of the list; `fresh` is its form as it would be shown now, None if the row was deleted."""
        typed = [form[name] for name in self.list_editable]
        if fresh is None:
            return EditedRow(_("A deleted row"), [], typed, form["id"], is_gone=True)
        choices = [
            Choice(request, each, form, fresh, base={}, theirs={})
            for each in _conflicts(form)
            if not _is_settled(request, form[each.name], fresh[each.name])
        ]
        disputed = {choice.bound.name for choice in choices}
        row = form.instance
        return EditedRow(
            name=f"{row.agreement.ref}: {row}",
            choices=choices,
            others=[bound for bound in typed if bound.name not in disputed],
            key=form["id"],
            closed=self.why_closed(request, row),
        )

    def _edits_page(
        self,
        request: HttpRequest,
        formset: BaseModelFormSet,
        rows: list[EditedRow],
        *,
        lacks_reason: bool,
    ) -> HttpResponse:
        is_conflict = any(row.is_conflict for row in rows)
        for row in rows:
            if row.closed:
                note_refusal("closed_refused", of=row.name, why=str(row.closed))
        for form in formset.forms:
            for field in form.fields.values():
                field.show_hidden_initial = False
        shown = {
            name
            for row in rows
            for bound in (*(choice.bound for choice in row.choices), *row.others, row.key)
            for name in names_of(bound)
        }
        return self.page(
            request,
            "list_edits",
            status=409 if is_conflict else 200,
            title=_("Not saved yet"),
            rows=rows,
            hidden=list(unseen(request.POST, shown)),
            is_conflict=is_conflict,
            unanswered=is_unanswered(request),
            lacks_reason=lacks_reason,
            media=self.media + formset.media,
        )


def _leave_the_edited(
    data: QueryDict, prefix: str, formset: BaseModelFormSet, fresh: Mapping[int, ModelForm]
) -> None:
    """Remove the rows that were not edited from the data.

    The unedited fields of the remaining rows get what is stored now, as `fresh` shows it, as others may have changed it.
    """
    sent, _none = rows_in(data, prefix)
    _none, shown = rows_in(data, f"initial-{prefix}")
    edited = [
        index
        for index, form in enumerate(formset.initial_forms)
        # the page for refused edits leaves out the ids of deleted rows
        if form.has_changed() and "id" in sent[index]
    ]
    for index in edited:
        form = formset.initial_forms[index]
        if (stored := fresh.get(form.instance.pk)) is not None:
            for name in form.fields.keys() - {"id", *form.changed_data}:
                sent[index].pop(name, None)
                for values in raw_of(stored[name]).values():
                    sent[index][name] = values
    put_rows(data, prefix, [sent[index] for index in edited], [])
    put_rows(
        data, f"initial-{prefix}", [], [shown[index] for index in edited if index < len(shown)]
    )


def _conflicts(form: ModelForm) -> list[FieldConflict]:
    """Return the fields of a row that both sides changed since the list was shown."""
    model = type(form.instance)
    stored = values_of(model._default_manager.get(pk=form.instance.pk))
    typed = typed_values(form, model)
    changed = {name: typed[name] for name in form.changed_data if name in typed}
    found = compare_values(_shown_before(form, model), stored, changed)
    return [conflict for conflict in found if conflict.who == Who.BOTH]


def _is_settled(request: HttpRequest, bound: BoundField, stored: BoundField) -> bool:
    """Return whether “Yours” was chosen over what is still stored."""
    name = bound.html_name
    seen = request.POST.getlist(f"{THEIRS}{name}--{name}")
    is_yours = request.POST.get(f"{TAKE}{name}") == "yours"
    return is_yours and [seen] == list(raw_of(stored).values())


def _shown_before(form: ModelForm, model: type[Model]) -> dict[str, Value]:
    """Return what the list showed in each field of a row, in the format of states."""
    shown: dict[str, Value] = {}
    for column in kept_fields(model):
        field = form.fields.get(column.name)
        if field is None or not field.show_hidden_initial:
            continue
        raw = form.data.get(form[column.name].html_initial_name, "")
        try:
            shown[column.name] = plain(column, field.to_python(raw))
        except ValidationError:
            shown[column.name] = raw
    return shown
