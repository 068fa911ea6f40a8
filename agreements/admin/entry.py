"""How single values are entered in every screen: dates known in part, parties, areas and files.

The screens mix `RegisterEntry` in; the rest are the fields and widgets it gives them.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import (
    AdminFileWidget,
    AdminSplitDateTime,
    AdminTextareaWidget,
    AutocompleteSelect,
    RelatedFieldWidgetWrapper,
)
from django.db import models
from django.db.models.fields.files import FieldFile
from django.forms.models import ModelChoiceIterator, ModelChoiceIteratorValue
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.choices import PartyKind
from agreements.models import Area, Document, Party
from agreements.partial_dates import (
    PartialDate,
    PartialDateField,
    PartialDateFormField,
    in_words,
)


class WrittenDateField(PartialDateFormField):
    """Gives a date back as people write it, such as “about October 2023”, which it reads as the same date."""

    def prepare_value(self, value: object) -> object:
        return in_words(value) if isinstance(value, PartialDate) else value


class MomentInput(AdminSplitDateTime):
    """A day and a time, each with a name of its own for screen readers."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for part, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            part.attrs["aria-label"] = name


class RegisterEntry(BaseModelAdmin):
    """A screen, or a part of one, on which values are entered as people write them."""

    formfield_overrides = {
        PartialDateField: {"form_class": WrittenDateField},
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})},
        models.DateTimeField: {"widget": MomentInput},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.related_model is Party:
            kwargs |= {
                "widget": PartyAutocomplete(db_field, self.admin_site),
                "form_class": PartyChoiceField,
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer to add another row and to change the chosen one, and nothing that is easily mistaken for these."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
            formfield.widget.can_delete_related = formfield.widget.can_view_related = False
        return formfield


# Parties: many ministries of labour differ by their country alone


def in_full(party: Party) -> str:
    """Return the name by which a party can be told from its namesakes in other countries; no query."""
    if party.kind == PartyKind.STATE or not party.country:
        return party.name
    country: Any = party.country
    return f"{party.name} ({country.name})"


class PartyChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return in_full(obj)


class PartyAutocomplete(AutocompleteSelect):
    url_name = "%s:agreements_party_choices"


class PartyChoicesView(AutocompleteJsonView):
    """What the typing in a party's field finds."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": in_full(obj)}


# Areas: all of them in sight, each below what it is part of


def in_tree_order(areas: "models.QuerySet[Area]") -> list[tuple[Area, int]]:
    """Return the areas with their depth (0 at the top), each followed by those under it, in one query.

    An area whose parent is not among them counts as one at the top.
    """
    rows = list(areas)
    known = {area.pk for area in rows}
    below: dict[int | None, list[Area]] = {}
    for area in rows:
        below.setdefault(area.parent_id if area.parent_id in known else None, []).append(area)

    def walk(parent: int | None, depth: int) -> list[tuple[Area, int]]:
        return [
            found
            for area in below.pop(parent, [])
            for found in [(area, depth), *walk(area.pk, depth + 1)]
        ]

    return walk(None, 0)


class _AreaIterator(ModelChoiceIterator):
    def __iter__(self) -> Any:
        for area, depth in in_tree_order(self.queryset):
            area.depth = depth  # type: ignore[attr-defined]
            yield ModelChoiceIteratorValue(area.pk, area), area.name


class _AreaCheckboxes(forms.CheckboxSelectMultiple):
    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-depth"] = value.instance.depth
        return option


class AreasField(forms.ModelMultipleChoiceField):
    """A tick for each area, indented below the one it is part of."""

    iterator = _AreaIterator
    widget = _AreaCheckboxes


# Files: kept where no address leads to


@dataclass(frozen=True)
class _Kept:
    """An uploaded file as the file widget shows it: its name, and the view that hands it out."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class DocumentFileInput(AdminFileWidget):
    """Links to the download view, for the store itself has no addresses."""

    def is_initial(self, value: Any) -> bool:
        return isinstance(value, FieldFile) and bool(value)

    def format_value(self, value: Any) -> Any:
        if not self.is_initial(value):
            return None
        return _Kept(value.instance.file_name, download_url(value.instance))


def download_url(document: Document) -> str:
    return reverse("agreements:document_download", args=[document.agreement.ref, document.pk])
