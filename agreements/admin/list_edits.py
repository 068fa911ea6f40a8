"""Values typed straight into a list: each is compared with the one that the list showed, and nobody is overwritten.

If a row was changed, removed or closed by others meanwhile, nothing is saved yet, and a page of its own shows what was
typed. Rows that nobody typed into are left alone, whatever the list showed of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from agreements.admin.conflicts import Choice, choice_between, is_unanswered
from agreements.admin.rights import why_closed
from agreements.admin.saving import WHY, again_if_deadlocked, given_reason, is_key, needs_reason
from agreements.admin.typed_forms import (
    TAKE,
    YOURS,
    Raw,
    names_of,
    put_rows,
    raw_of,
    rows_in,
    settle,
    typed_over,
    typed_values,
)
from agreements.admin.versions import Versions
from agreements.curation.edit_conflicts import FieldConflict, Who, compare_values
from agreements.curation.history import Value, recorded
from agreements.curation.history.states import kept_fields, plain, values_of
from agreements.models import ROWS, Agreement
from agreements.security.security_log import note_refusal

_NOT_SENT_AGAIN = ("csrfmiddlewaretoken", WHY, "_save")
_ANSWERS = (TAKE, YOURS, "names--", "theirs--")


@dataclass(frozen=True)
class EditedRow:
    """A row of the list that somebody typed into: what both changed, and the rest of what was typed."""

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

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Send along what each field showed, so that saving knows what was changed in it; name each for screen readers."""
        formset = super().get_changelist_formset(request, **kwargs)
        for name in self.list_editable:
            field = formset.form.base_fields[name]
            field.show_hidden_initial = True
            field.widget.attrs["aria-label"] = field.label
        return formset

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = self.has_change_permission(request)
        if request.method != "POST" or "_save" not in request.POST or not may:
            return super().changelist_view(request, extra_context)

        def save() -> HttpResponse:
            if not is_unanswered(request):
                settle(request)
            with recorded(by=request.user, why=given_reason(request)):
                refusal = self._refuse_edits(request)
                return refusal or super(ListEdits, self).changelist_view(request, extra_context)

        return again_if_deadlocked(request, save)

    def _refuse_edits(self, request: HttpRequest) -> HttpResponse | None:
        """Lock the agreements, leave only the edited rows in the request, and return the page if one is refused."""
        formset_class = self.get_changelist_formset(request)
        prefix = formset_class.get_default_prefix()
        self._lock(_sound_rows(request, prefix))
        stored = self._get_list_editable_queryset(request, prefix).select_related("agreement")
        _leave_the_edited(request, prefix, formset_class(request.POST, queryset=stored))
        fresh = {form.instance.pk: form for form in formset_class(queryset=stored).forms}
        _keep_what_was_not_typed(request, formset_class(request.POST, queryset=stored), fresh)
        formset = formset_class(request.POST, queryset=stored)
        rows = [self._edited(request, form, fresh) for form in formset.forms]
        lacks_reason = not given_reason(request) and any(
            needs_reason(form.instance.agreement) for form in formset.forms if form.instance.pk
        )
        is_stopped = lacks_reason or any(row.is_conflict or row.closed for row in rows)
        if formset.is_valid() and not is_stopped:
            return None
        return self._edits_page(request, formset, rows, lacks_reason=lacks_reason)

    def _lock(self, rows: list[Raw]) -> None:
        keys = [row["id"][0] for row in rows if "id" in row]
        model = self.model
        owners = model._base_manager.filter(pk__in=keys).values(ROWS[model])
        list(Agreement.objects.select_for_update().filter(pk__in=owners).order_by("pk"))

    def _edited(self, request: HttpRequest, form: Any, fresh: dict[int, Any]) -> EditedRow:
        row, typed = form.instance, [form[name] for name in self.list_editable]
        if row.pk is None:
            return EditedRow(_("A row that was removed"), [], typed, form["id"], is_gone=True)
        conflicts = [
            each
            for each in _conflicts(form)
            if not _is_settled(request, form[each.name], fresh[row.pk][each.name])
        ]
        choices = [_choice(request, each, form, fresh[row.pk]) for each in conflicts]
        disputed = {conflict.name for conflict in conflicts}
        return EditedRow(
            name=f"{row.agreement.ref}: {row}",
            choices=choices,
            others=[bound for bound in typed if bound.name not in disputed],
            key=form["id"],
            closed=why_closed(request.user, row.agreement),
        )

    def _edits_page(
        self, request: HttpRequest, formset: Any, rows: list[EditedRow], *, lacks_reason: bool
    ) -> HttpResponse:
        is_conflict = any(row.is_conflict for row in rows)
        for row in rows:
            if row.closed:
                note_refusal("closed_refused", of=row.name, why=str(row.closed))
        for form in formset.forms:
            for field in form.fields.values():
                field.show_hidden_initial = False
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not saved yet"),
            "opts": self.opts,
            "rows": rows,
            "hidden": list(_hidden(request.POST, rows)),
            "is_conflict": is_conflict,
            "unanswered": is_unanswered(request),
            "lacks_reason": lacks_reason,
            "why": request.POST.get(WHY, ""),
            "media": self.media + formset.media,
        }
        status = 409 if is_conflict else 200
        return TemplateResponse(request, "admin/agreements/list_edits.html", context, status=status)


def _sound_rows(request: HttpRequest, prefix: str) -> list[Raw]:
    """Return the rows that were sent, each id that can be none made that of no row, in the request as well."""
    data = request.POST.copy()
    rows, _none = rows_in(data, prefix)
    for row in rows:
        if "id" in row and not is_key(row["id"][-1]):
            row["id"] = ["0"]
    put_rows(data, prefix, rows, [])
    request.POST = data  # type: ignore[assignment]
    return rows


def _leave_the_edited(request: HttpRequest, prefix: str, formset: Any) -> None:
    """Take the rows out of the request that nobody typed into."""
    data = request.POST.copy()
    stored, _none = rows_in(data, prefix)
    _none, shown = rows_in(data, f"initial-{prefix}")
    edited = [
        index
        for index, form in enumerate(formset.initial_forms)
        # the page for refused edits leaves out the ids of rows that are gone
        if form.has_changed() and "id" in stored[index]
    ]
    put_rows(data, prefix, [stored[index] for index in edited], [])
    put_rows(
        data, f"initial-{prefix}", [], [shown[index] for index in edited if index < len(shown)]
    )
    request.POST = data  # type: ignore[assignment]


def _keep_what_was_not_typed(request: HttpRequest, formset: Any, fresh: dict[int, Any]) -> None:
    """Send what is stored now in the fields of an edited row that were left alone: others may have changed these."""
    data = request.POST.copy()
    for form in formset.initial_forms:
        stored = fresh.get(form.instance.pk)
        if stored is None:
            continue
        for name in form.fields.keys() - {"id", *form.changed_data}:
            wanted = form[name].html_name
            data.pop(wanted, None)
            for values in raw_of(stored[name]).values():
                data.setlist(wanted, values)
    request.POST = data  # type: ignore[assignment]


def _conflicts(form: Any) -> list[FieldConflict]:
    """Return the fields of a row that both sides changed since the list was shown."""
    model = type(form.instance)
    stored = values_of(model._default_manager.get(pk=form.instance.pk))
    typed = typed_values(form, model)
    changed = {name: typed[name] for name in form.changed_data if name in typed}
    found = compare_values(_shown_before(form, model), stored, changed)
    return [conflict for conflict in found if conflict.who == Who.BOTH]


def _is_settled(request: HttpRequest, bound: BoundField, stored: BoundField) -> bool:
    """Whether yours was chosen over what is stored still."""
    name = bound.html_name
    seen = request.POST.getlist(f"theirs--{name}--{name}")
    is_yours = request.POST.get(f"{TAKE}{name}") == "yours"
    return is_yours and [seen] == list(raw_of(stored).values())


def _shown_before(form: Any, model: Any) -> dict[str, Value]:
    """Return what the list showed in each field of a row, as a state holds it."""
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


def _choice(request: HttpRequest, conflict: FieldConflict, form: Any, fresh: Any) -> Choice:
    bound = form[conflict.name]
    answer = request.POST.get(f"{TAKE}{bound.html_name}", "") if is_unanswered(request) else ""
    return choice_between(
        type(form.instance),
        conflict,
        bound,
        fresh[conflict.name],
        beside=({}, {}),
        has_base=True,
        answer=str(answer),
        is_typed_over=bound.html_name in typed_over(request),
    )


def _hidden(data: QueryDict, rows: list[EditedRow]) -> Iterator[tuple[str, str]]:
    """Yield what goes along unseen."""
    shown = {
        name
        for row in rows
        for bound in (*(choice.bound for choice in row.choices), *row.others, row.key)
        for name in names_of(bound)
    }
    for name, values in data.lists():
        if name in shown or name in _NOT_SENT_AGAIN or name.startswith(_ANSWERS):
            continue
        for value in values:
            yield name, str(value)
