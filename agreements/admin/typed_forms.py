"""The data sent with a form, taken apart: the typed values, and the raw texts with which to send them again.

`conflicts` compares the values with what is stored, and sends the texts through its page, so that nothing typed is
lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import Any

from django import forms
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms import BaseInlineFormSet
from django.forms.boundfield import BoundField
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from agreements.admin.saving import is_key
from agreements.curation.edit_conflicts import Typed, TypedRecord, TypedRow, Unread
from agreements.curation.history.states import Named, kept_fields, plain
from agreements.models import RECORDS, ROWS

Raw = dict[str, list[str]]


# Single fields


def raw_of(bound: BoundField) -> Raw:
    """Return what a browser would send for a field as it is shown; a file is never sent again."""
    widget = bound.field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    context = widget.get_context(bound.html_name, bound.value(), {})["widget"]
    if isinstance(widget, forms.FileInput):
        return {}
    if isinstance(widget, forms.MultiWidget):
        parts = context["subwidgets"]
        return {part["name"]: [_text(part["value"])] for part in parts}
    if isinstance(widget, forms.CheckboxInput):
        return {bound.html_name: ["on"]} if context["attrs"].get("checked") else {}
    if "optgroups" in context:
        options = [option for _name, group, _index in context["optgroups"] for option in group]
        chosen = [_text(option["value"]) for option in options if option["selected"]]
        return {bound.html_name: chosen} if chosen else {}
    return {bound.html_name: [_text(context["value"])]}


def names_of(bound: BoundField) -> list[str]:
    """Return the names under which the inputs of a field are sent."""
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        parts: Any = widget
        return [bound.html_name + suffix for suffix in parts.widgets_names]
    if isinstance(widget, forms.ClearableFileInput):
        return [bound.html_name, widget.clear_checkbox_name(bound.html_name)]
    return [bound.html_name]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def typed_values(form: Any, model: type[models.Model]) -> dict[str, Typed]:
    """Return what was typed into the fields that a version keeps; what cannot be read stays text."""
    form.is_valid()
    columns = {column.name: column for column in kept_fields(model)}
    return {
        name: _typed(form, name, columns[name])
        for name, field in form.fields.items()
        if name in columns and not field.disabled
    }


def _typed(form: Any, name: str, column: "models.Field") -> Typed:
    if name not in form.cleaned_data:
        raw = form[name].data
        return Unread(", ".join(map(str, raw)) if isinstance(raw, list | tuple) else _text(raw))
    value = form.cleaned_data[name]
    if isinstance(value, UploadedFile):
        return Unread(value.name or "")
    if isinstance(value, models.Model):
        return Named(value.pk, str(value))
    if column.many_to_many:
        return tuple(sorted((Named(row.pk, str(row)) for row in value), key=lambda row: row.key))
    if value is False and isinstance(column, models.FileField):
        return ""
    return plain(column, value)


def _typed_owner(form: Any, name: str) -> Typed:
    """Return the record that a row will belong to, even if the form refuses it as closed."""
    sent = form[name].data
    try:
        chosen = form.fields[name].clean(sent)
    except ValidationError:
        return Unread(_text(sent))
    return Named(chosen.pk, str(chosen)) if chosen is not None else None


# A form with its rows


class TypedForm:
    """The form of `screen` as it was sent, and the same form filled from what is stored.

    `merged` are the data as they can be sent again: yours, with the rows that exist now first.
    """

    def __init__(self, screen: Any, request: HttpRequest, stored: models.Model) -> None:
        self.model = type(stored)
        fields = flatten_fieldsets(screen.get_fieldsets(request, stored))
        form_class = screen.get_form(request, stored, change=True, fields=fields)
        self.files = request.FILES
        # a form writes what it reads to its instance
        self.form = form_class(request.POST, self.files, instance=copy(stored))
        self.stored_form = form_class(instance=copy(stored))
        formsets, inlines = screen._create_formsets(request, copy(stored), change=True)  # noqa: SLF001
        self.parts = [
            TypedRows(formset, inline)
            for formset, inline in zip(formsets, inlines, strict=True)
            if _accessor(formset) in RECORDS.get(self.model, ())
            and inline.has_change_permission(request, stored)
        ]
        self.merged = request.POST.copy()
        for part in self.parts:
            part.put_into(self.merged)

    @property
    def record(self) -> TypedRecord:
        values = typed_values(self.form, self.model)
        owner = ROWS.get(self.model)
        if owner is not None and owner in self.form.fields:
            values[owner] = _typed_owner(self.form, owner)
        return TypedRecord(values, {part.accessor: part.rows for part in self.parts})

    def move_files(self) -> None:
        """Move the files that were sent to where their rows stand in the merged data."""
        for part in self.parts:
            keys = part.keys
            places = {row.index: keys.index(row.key) for row in part.rows if row.key in keys}
            move_files(self.files, part.prefix, places)


class TypedRows:
    """The rows of one kind: `rows` as typed, `stored` the forms of those that exist now by their ids.

    `added` are your new rows, and those that no longer exist. `keys` are the keys of all rows in their order in the
    merged data.
    """

    def __init__(self, formset: Any, inline: InlineModelAdmin) -> None:
        self.formset, self.inline = formset, inline
        self.prefix, self.model = formset.prefix, formset.model
        self.accessor = _accessor(formset)
        self._sent = dict(rows_by_place(formset.data, formset.prefix))
        self.rows = list(self._typed_rows())
        self.stored = {form.instance.pk: form for form in self.filled_from(None).initial_forms}
        self.added = [row for row in self.rows if row.key not in self.stored and not row.is_removed]
        self.keys = [*self.stored, *(row.key for row in self.added)]

    def filled_from(self, data: QueryDict | None) -> BaseInlineFormSet:
        """Return the formset with these data; without any, as it would be shown now."""
        formset = self.formset
        return type(formset)(
            data, instance=formset.instance, prefix=self.prefix, queryset=formset.queryset
        )

    def _typed_rows(self) -> Iterator[TypedRow]:
        for index, form in enumerate(self.formset.forms):
            sent = self._sent.get(index, {})
            is_removed = bool(sent.get(DELETION_FIELD_NAME))
            is_new = index >= self.formset.initial_form_count()
            if is_new and (is_removed or not form.has_changed()):
                continue
            key = sent.get("id", [""])[0]
            stored_key = int(key) if is_key(key) else -1
            values = typed_values(form, self.model)
            yield TypedRow(f"new-{index}" if is_new else stored_key, index, values, is_removed)

    def stored_raw(self, key: int | str) -> Raw:
        """Return what a browser would send for a stored row that nobody touched."""
        form = self.stored[key]
        return {
            name.removeprefix(f"{form.prefix}-"): values
            for bound in form
            for name, values in raw_of(bound).items()
        }

    def put_into(self, data: QueryDict) -> None:
        """Put the existing rows into the data, as you typed them if you did, and then the added ones."""
        typed = {row.key: row.index for row in self.rows}
        stored = (
            self._sent.get(typed[key], {}) if key in typed else self.stored_raw(key)
            for key in self.stored
        )
        added = (self._sent.get(row.index, {}) for row in self.added)
        new = ({name: row[name] for name in row if name != "id"} for row in added)
        put_rows(data, self.prefix, stored, new)


def _accessor(formset: BaseInlineFormSet) -> str:
    return str(formset.fk.remote_field.get_accessor_name())


def put_rows(data: QueryDict, prefix: str, stored: Iterable[Raw], new: Iterable[Raw]) -> None:
    """Replace the rows of this kind in the data with these."""
    stored, new = list(stored), list(new)
    for name, _number, _field in _names_in(data, prefix):
        del data[name]
    for index, row in enumerate([*stored, *new]):
        for name, values in row.items():
            data.setlist(f"{prefix}-{index}-{name}", values)
    data[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(stored))
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(stored) + len(new))


def rows_in(data: QueryDict, prefix: str) -> tuple[list[Raw], list[Raw]]:
    """Return the rows of this kind in the data: those that are stored, and the new ones."""
    stored = stored_count(data, prefix)
    rows = rows_by_place(data, prefix)
    return [row for n, row in rows if n < stored], [row for n, row in rows if n >= stored]


def stored_count(data: QueryDict, prefix: str) -> int:
    """Return how many rows of this kind the data say are stored."""
    count = str(data.get(f"{prefix}-{INITIAL_FORM_COUNT}", "0"))
    return int(count) if is_key(count) else 0


def rows_by_place(data: QueryDict, prefix: str) -> list[tuple[int, Raw]]:
    """Return each row of this kind in the data with its number, in order."""
    rows: dict[int, Raw] = {}
    for name, number, field in _names_in(data, prefix):
        rows.setdefault(number, {})[field] = data.getlist(name)
    return sorted(rows.items())


def _names_in(sent: Iterable[str], prefix: str) -> list[tuple[str, int, str]]:
    """Return the names of inputs in rows of this kind, each with the row's number and the name of the field."""
    found = (re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,9}})-(.+)", name) for name in sent)
    return [(each[0], int(each[1]), each[2]) for each in found if each]


def move_files(files: MultiValueDict[str, Any], prefix: str, places: Mapping[int, int]) -> None:
    """Move the files of these rows to their new places; drop those of rows that have none."""
    sent = [
        (places.get(number), field, files.pop(name))
        for name, number, field in _names_in(files, prefix)
    ]
    for place, field, uploads in sent:
        if place is not None:
            files.setlist(f"{prefix}-{place}-{field}", uploads)
