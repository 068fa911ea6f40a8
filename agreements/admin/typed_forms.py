"""What was sent with a form, taken apart: the values that were typed, and the raw texts that send them once more.

`conflicts` compares the former with what is stored, and sends the latter through its page, so that nothing typed is lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.boundfield import BoundField
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import HttpRequest, QueryDict

from agreements.admin.saving import is_key
from agreements.curation.edit_conflicts import Typed, TypedRecord, TypedRow, Unread
from agreements.curation.history import RECORDS, ROWS, Named, kept_fields
from agreements.curation.history.states import plain

Raw = dict[str, list[str]]


# Single fields


def raw_of(bound: BoundField) -> Raw:
    """Return what a browser would send for a field as it is shown; a file is never sent again."""
    field_widget = bound.field.widget
    widget = (
        field_widget.widget if isinstance(field_widget, RelatedFieldWidgetWrapper) else field_widget
    )
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
    """Return what was typed into the fields that a version keeps; what could not be read stays a text."""
    form.errors  # noqa: B018 - cleans the form
    columns = {column.name: column for column in kept_fields(model)}
    return {
        name: _typed(form, name, columns[name])
        for name, field in form.fields.items()
        if name in columns and not field.disabled
    }


def _typed(form: Any, name: str, column: "models.Field[Any, Any]") -> Typed:
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
    """Return the record to which a row shall belong, also where the form refuses it as closed."""
    sent = form[name].data
    try:
        chosen = form.fields[name].clean(sent)
    except ValidationError:
        return Unread(_text(sent))
    return Named(chosen.pk, str(chosen)) if chosen is not None else None


# A form with its rows


class TypedForm:
    """The form of `screen` as it was sent, beside the same form filled from what is stored."""

    def __init__(self, screen: Any, request: HttpRequest, stored: models.Model) -> None:
        self.model = type(stored)
        form_class = screen.get_form(
            request,
            stored,
            change=True,
            fields=flatten_fieldsets(screen.get_fieldsets(request, stored)),
        )
        self.data, self.files = request.POST, request.FILES
        # a form writes what it read onto its instance
        self.form = form_class(self.data, self.files, instance=copy(stored))
        self.stored_form = form_class(instance=copy(stored))
        formsets, inlines = screen._create_formsets(request, copy(stored), change=True)  # noqa: SLF001
        self.parts = [
            TypedRows(formset, inline)
            for formset, inline in zip(formsets, inlines, strict=True)
            if _accessor(formset) in RECORDS.get(self.model, ())
            and inline.has_change_permission(request, stored)
        ]

    @property
    def record(self) -> TypedRecord:
        values = typed_values(self.form, self.model)
        owner = ROWS.get(self.model)
        if owner is not None and owner in self.form.fields:
            values[owner] = _typed_owner(self.form, owner)
        return TypedRecord(values, {part.accessor: part.rows for part in self.parts})

    def merged(self) -> QueryDict:
        """Return the data as they can be sent again: yours, with the rows that are there now counted first."""
        merged = self.data.copy()
        for part in self.parts:
            put_rows(merged, part.prefix, part.stored_rows_first(), part.new_rows())
        return merged

    def move_files(self) -> None:
        """Put the files that were sent where their rows stand in the merged data."""
        for part in self.parts:
            move_files(self.files, part.prefix, part.places())


class TypedRows:
    """The rows of one kind."""

    def __init__(self, formset: Any, inline: Any) -> None:
        self.formset, self.inline = formset, inline
        self.prefix, self.model = formset.prefix, formset.model
        self.accessor = _accessor(formset)
        self.stored = type(formset)(
            instance=formset.instance, prefix=formset.prefix, queryset=formset.queryset
        )
        self.rows = list(self._typed_rows())

    def _typed_rows(self) -> Iterator[TypedRow]:
        for index, form in enumerate(self.formset.forms):
            is_removed = bool(self._raw(index).get(DELETION_FIELD_NAME))
            is_new = index >= self.formset.initial_form_count()
            if is_new and (is_removed or not form.has_changed()):
                continue
            key = f"new-{index}" if is_new else self._key(index)
            yield TypedRow(key, index, typed_values(form, self.model), is_removed)

    def _key(self, index: int) -> int:
        raw = self._raw(index).get("id", [""])[0]
        return int(raw) if is_key(raw) else -1

    def _raw(self, index: int) -> Raw:
        """Return what was sent of a row, by the names that its fields have within it."""
        beginning = f"{self.prefix}-{index}-"
        data = self.formset.data
        return {
            name.removeprefix(beginning): data.getlist(name)
            for name in data
            if name.startswith(beginning)
        }

    def stored_form(self, key: int | str) -> Any:
        """Return the form of a stored row as it would be shown now; None if there is none."""
        return next((form for form in self.stored.initial_forms if form.instance.pk == key), None)

    def stored_raw(self, key: int | str) -> Raw:
        """Return what a browser would send of a stored row that nobody touched."""
        form = self.stored_form(key)
        sent: Raw = {}
        for bound in form or ():
            for name, values in raw_of(bound).items():
                sent[name.removeprefix(f"{form.prefix}-")] = values
        return sent

    def stored_rows_first(self) -> list[Raw]:
        typed = {row.key: row for row in self.rows}
        return [
            self._raw(typed[form.instance.pk].index)
            if form.instance.pk in typed
            else self.stored_raw(form.instance.pk)
            for form in self.stored.initial_forms
        ]

    def new_rows(self) -> list[Raw]:
        """Return your new rows, and those that are stored no more, as new ones."""
        return [
            {name: values for name, values in self._raw(row.index).items() if name != "id"}
            for row in self.added()
        ]

    def added(self) -> list[TypedRow]:
        return [
            row for row in self.rows if self.stored_form(row.key) is None and not row.is_removed
        ]

    def index_of(self, key: int | str) -> int:
        """Return where a row stands in the merged data."""
        return self._keys().index(key)

    def places(self) -> dict[int, int]:
        """Return where each row that was sent stands in the merged data; those that are left out are missing."""
        keys = self._keys()
        return {row.index: keys.index(row.key) for row in self.rows if row.key in keys}

    def _keys(self) -> list[int | str]:
        stored = [form.instance.pk for form in self.stored.initial_forms]
        return [*stored, *(row.key for row in self.added())]


def _accessor(formset: Any) -> str:
    return str(formset.fk.remote_field.get_accessor_name())


def put_rows(data: QueryDict, prefix: str, stored: Iterable[Raw], new: Iterable[Raw]) -> None:
    """Put these rows in place of those that the data have of this kind."""
    stored, new = list(stored), list(new)
    for name in [name for name in data if re.match(rf"{re.escape(prefix)}-\d+-", name)]:
        del data[name]
    for index, row in enumerate([*stored, *new]):
        for name, values in row.items():
            data.setlist(f"{prefix}-{index}-{name}", values)
    data[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(stored))
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(stored) + len(new))


def rows_in(data: Mapping[str, Any], prefix: str) -> tuple[list[Raw], list[Raw]]:
    """Return the rows of this kind that the data hold: those that are stored, and the new ones."""
    stored, new = _rows_by_place(data, prefix)
    return list(stored.values()), list(new.values())


def _rows_by_place(data: Mapping[str, Any], prefix: str) -> tuple[dict[int, Raw], dict[int, Raw]]:
    """Return the same by where each stands, in this order."""
    rows: dict[int, Raw] = {}
    for name in data:
        found = _place(prefix, name)
        if found:
            rows.setdefault(found[0], {})[found[1]] = data.getlist(name)  # type: ignore[attr-defined]
    count = str(data.get(f"{prefix}-{INITIAL_FORM_COUNT}", "0"))
    initial = int(count) if is_key(count) else 0
    return (
        {index: rows[index] for index in sorted(rows) if index < initial},
        {index: rows[index] for index in sorted(rows) if index >= initial},
    )


def _place(prefix: str, name: str) -> tuple[int, str] | None:
    """Return in which row of this kind a field stands, and its name there; None if in none."""
    found = re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,9}})-(.+)", name)
    return (int(found[1]), found[2]) if found else None


def move_files(files: Any, prefix: str, places: Mapping[int, int]) -> None:
    """Move the files of these rows along to their new places; those of rows without one are left out."""
    moved: Raw = {}
    for name in list(files):
        found = _place(prefix, name)
        if found is None:
            continue
        sent = files.pop(name)
        if found[0] in places:
            moved[f"{prefix}-{places[found[0]]}-{found[1]}"] = sent
    for name, sent in moved.items():
        files.setlist(name, sent)


# The answers of the conflict page


KEEP, DROP, REMOVE = "keep", "drop", "remove"
TAKE, TAKE_ROW = "take--", "take-row--"
# which questions were asked: what a field sends, and whether a row was one that you had removed
NAMES, ASKED_ROW = "names--", "asked-row--"
WAS_REMOVED = "removed"
# what the page showed of yours, so that something typed since is seen
YOURS = "yours--"


def settle(request: HttpRequest) -> None:
    """Put what was chosen on the conflict page into the data of the request, as if it had been typed there."""
    if not any(name.startswith((TAKE, TAKE_ROW)) for name in request.POST):
        return
    data = request.POST.copy()
    for name in request.POST:
        if name.startswith(TAKE) and request.POST[name] == "theirs":
            _take_theirs(data, name.removeprefix(TAKE))
    _settle_rows(data, request.FILES)
    request.POST = data  # type: ignore[assignment]


def mark_removed(request: HttpRequest) -> None:
    """Put into the data which rows are to go, where the conflict page has to ask again about something else.

    A row that you removed goes through the page as it is stored, for the case that it is kept.
    """
    data = request.POST.copy()
    for name in request.POST:
        if not name.startswith(ASKED_ROW):
            continue
        row = name.removeprefix(ASKED_ROW)
        if_unanswered = REMOVE if request.POST[name] == WAS_REMOVED else ""
        if (request.POST.get(f"{TAKE_ROW}{row}") or if_unanswered) == REMOVE:
            data[f"{row}-{DELETION_FIELD_NAME}"] = "on"
    request.POST = data  # type: ignore[assignment]


def typed_over(request: HttpRequest) -> list[str]:
    """Return the fields of the conflict page into which something was typed though theirs is ticked.

    Taking theirs would lose it unseen. The page says what it showed of yours; line ends are the browser's own.
    """
    return [
        field
        for name in request.POST
        if name.startswith(TAKE) and request.POST[name] == "theirs"
        for field in [name.removeprefix(TAKE)]
        if any(
            _is_retyped(request, field, part) for part in request.POST.getlist(f"{NAMES}{field}")
        )
    ]


def _is_retyped(request: HttpRequest, field: str, name: str) -> bool:
    sent, shown = (
        sorted(value.replace("\r\n", "\n") for value in request.POST.getlist(key))
        for key in (name, f"{YOURS}{field}--{name}")
    )
    return sent != shown or name in request.FILES


def _take_theirs(data: QueryDict, field: str) -> None:
    for name in data.getlist(f"{NAMES}{field}"):
        data.pop(name, None)
        theirs = data.getlist(f"theirs--{field}--{name}")
        # settled: nothing of yours is left that could be lost
        data.setlist(f"{YOURS}{field}--{name}", theirs)
        if theirs:
            data.setlist(name, theirs)


def _settle_rows(data: QueryDict, files: Any) -> None:
    answers = {
        name.removeprefix(TAKE_ROW): data[name] for name in data if name.startswith(TAKE_ROW)
    }
    for prefix in {row.rpartition("-")[0] for row in answers}:
        stored, new = _rows_by_place(data, prefix)
        for index, row in (stored | new).items():
            if answers.get(f"{prefix}-{index}") == REMOVE:
                row[DELETION_FIELD_NAME] = ["on"]
        kept = {i: row for i, row in new.items() if answers.get(f"{prefix}-{i}") != DROP}
        put_rows(data, prefix, stored.values(), kept.values())
        places = {before: now for now, before in enumerate([*stored, *kept])}
        move_files(files, prefix, places)
