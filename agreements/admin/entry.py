"""How single values are entered on every screen: partial dates, rows of other tables, parties and files.

The screens mix `RegisterEntry` in; the rest are the fields and widgets it uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import (
    AdminFileWidget,
    AdminSplitDateTime,
    AdminTextareaWidget,
    AdminTextInputWidget,
    AutocompleteSelect,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Case, Min, OuterRef, Q, Subquery, When
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce, Least, Length
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.admin.saving import is_key
from agreements.domain.choices import PartyKind
from agreements.domain.durations import DurationField
from agreements.domain.identifiers import SCHEMES
from agreements.domain.partial_dates import (
    PartialDate,
    PartialDateField,
    PartialDateFormField,
    in_words,
)
from agreements.models import Document, Party, PartyName
from agreements.models.querysets import spelled
from agreements.search import BOUNDARY, Keys, indexed, spellings


class WrittenDateField(PartialDateFormField):
    """Shows a date as people write it, such as “about October 2023”, and reads that as the same date."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Mark the field for the script that says what was understood."""
        return {**super().widget_attrs(widget), "data-partial-date": ""}

    def prepare_value(self, value: object) -> object:
        return in_words(value) if isinstance(value, PartialDate) else value


def read_date(typed: str) -> PartialDate | None:
    """Return the partial date that was typed; None if it is empty or cannot be read."""
    try:
        found: PartialDate | None = PartialDateFormField(required=False).clean(typed)
    except ValidationError:
        return None
    return found


class MomentInput(AdminSplitDateTime):
    """A date and a time, each labelled for screen readers."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs)
        for part, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            part.attrs["aria-label"] = name


class RegisterEntry(BaseModelAdmin):
    """A screen, or part of one, on which values are entered as people write them."""

    formfield_overrides = {
        PartialDateField: {"form_class": WrittenDateField},
        DurationField: {"widget": AdminTextInputWidget},
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
        elif db_field.name in self.get_autocomplete_fields(request):
            kwargs |= {
                "widget": RowAutocomplete(db_field, self.admin_site),
                "form_class": RowChoiceField,
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer links to add a row and to change the chosen one, but not to view or delete it: they look too similar."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
            formfield.widget.can_delete_related = formfield.widget.can_view_related = False
        return formfield


class SchemeInput(AdminTextInputWidget):
    """A scheme of identifiers: suggests the known ones and accepts any other.

    The form that is copied for each new row holds the suggestions of all of them.
    """

    suggestions = "known-schemes"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, {**(attrs or {}), "list": self.suggestions}, renderer)
        if "__prefix__" not in name:
            return field
        options = format_html_join(
            "", '<option value="{}">{}</option>', ((s.code, s.label) for s in SCHEMES.values())
        )
        return format_html('{}<datalist id="{}">{}</datalist>', field, self.suggestions, options)


# Rows of other tables, by their keys


class KeysOnly:
    """For a widget that shows the chosen rows: ignore what cannot be a key, which the database would refuse."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        keys = [key for key in value if is_key(str(key))]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]


class RowAutocomplete(KeysOnly, AutocompleteSelect):
    """The field of one row; `known` are rows by their keys that were fetched already, with the row that names them."""

    known: Mapping[str, models.Model] = MappingProxyType({})

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Query only for chosen rows that are not known."""
        keys = [key for key in value if key]
        if not keys or not self.known.keys() >= set(keys):
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance
        blank = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        chosen = [
            self.create_option(name, key, label(self.known[key]), True, place)
            for place, key in enumerate(keys, start=len(blank))
        ]
        return [(None, [*blank, *chosen], 0)]


def inner(widget: forms.Widget) -> forms.Widget:
    """Return the widget of a field without the links beside it."""
    return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


class RowChoiceField(forms.ModelChoiceField):
    """One row by its key; what cannot be a key is no row of this table."""

    def to_python(self, value: Any) -> Any:
        is_sent = isinstance(value, str) and value not in self.empty_values
        if is_sent and not is_key(value):
            raise ValidationError(
                self.error_messages["invalid_choice"],
                code="invalid_choice",
                params={"value": value[:100]},
            )
        return super().to_python(value)


class RowsChoiceField(forms.ModelMultipleChoiceField):
    """Several rows by their keys."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"],
                    code="invalid_pk_value",
                    params={"pk": str(key)[:100]},
                )
        return super().clean(value)


# Parties: many ministries of labour differ only by their country


def in_full(party: Party) -> str:
    """Return a name that tells the party apart from its namesakes in other countries; no query."""
    if party.is_country or not party.country:
        return party.name
    country: Any = party.country
    return f"{party.name} ({country.name})"


class PartyChoiceField(RowChoiceField):
    def label_from_instance(self, obj: Party) -> str:
        return in_full(obj)


_UNLIKE = 5


class PartyAutocomplete(RowAutocomplete):
    url_name = "%s:agreements_party_choices"


class ChoicesView(AutocompleteJsonView):
    """The suggestions in a field that names rows, for the fields of one model only."""

    of: type[models.Model]

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        """Refuse fields of other models, whose rows lack what these views use."""
        asked = super().process_request(request)
        _term, screen, _field, _key = asked
        if screen.model is not self.of:
            raise PermissionDenied
        return asked


class PartyChoicesView(ChoicesView):
    """The suggestions in a party's field: the closest names first, and with the matching spelling where it differs."""

    of = Party

    def get_queryset(self) -> models.QuerySet[Party]:
        found = super().get_queryset().prefetch_related("names")
        return found.order_by(*by_likeness(self.term)) if self.term.strip() else found

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Return the party with its `name` as shown once chosen; `text` also says why it was found."""
        name = in_full(obj)
        spelling = spelling_found(obj, self.term)
        text = _("%(party)s, found by the spelling “%(spelling)s”") if spelling else "%(party)s"
        result = super().serialize_result(obj, to_field_name)
        return {**result, "name": name, "text": text % {"party": name, "spelling": spelling}}


def spelling_found(party: Party, term: str) -> str:
    """Return the other name with the most typed words that are missing from the name shown; empty if none has any."""
    shown = indexed(in_full(party))
    sought = [keys for word in term.split() if not _is_in(keys := spellings(word), shown)]
    names = [party.short_name, *(row.name for row in party.names.all())]
    held = {name: sum(_is_in(keys, indexed(name)) for keys in sought) for name in names if name}
    best = max(held, key=lambda name: held[name], default="")
    return best if held.get(best) else ""


def _is_in(keys: Keys, text: str) -> bool:
    return any(key in text for key in keys)


def by_likeness(term: str) -> list[Least | Case | Length | str]:
    """Return a sort order: exact name, exact other spelling, names that start with the text, other spellings; within
    these, states and short names first.
    """
    others = PartyName.objects.filter(party=OuterRef("pk")).order_by().values("party")
    by_other_name = _likeness(term, is_it=1, begins=4, has_word=_UNLIKE)
    likeness = Least(
        _likeness(term, is_it=0, begins=2, has_word=3),
        Coalesce(Subquery(others.annotate(best=Min(by_other_name)).values("best")), _UNLIKE),
        Case(When(short_name__iexact=term.strip(), then=0), default=_UNLIKE),
    )
    shown = [
        spelled(word, "searched") | Q(country__in=countries_named(word)) for word in term.split()
    ]
    is_by_spelling = Case(When(Q(*shown), then=0), default=1)
    is_body = Case(When(kind=PartyKind.STATE, then=0), default=1)
    return [likeness, is_by_spelling, is_body, Length("name"), "name", "slug"]


def _likeness(term: str, *, is_it: int, begins: int, has_word: int) -> Case:
    """Compare a column of spellings, in each of which the text may stand; no text is like one without letters."""
    typed = spellings(term)

    def either(pattern: str) -> Q:
        found = (Q(searched__contains=pattern.format(each)) for each in typed)
        return reduce(or_, found, Q(pk__in=[]))

    return Case(
        When(either(f"{BOUNDARY} {{}} {BOUNDARY}"), then=is_it),
        When(either(f"{BOUNDARY} {{}}"), then=begins),
        When(either(" {}"), then=has_word),
        default=_UNLIKE,
    )


def countries_named(word: str) -> list[str]:
    """Return the codes of the countries whose name contains this word."""
    wanted = spellings(word)
    return [code for code, name in countries if _is_in(wanted, indexed(name))]


# Files: no URL leads to the stored files themselves


@dataclass(frozen=True)
class _Kept:
    """An uploaded file as the file widget shows it: its name and the URL of its download."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class DocumentFileInput(AdminFileWidget):
    """Links to the download view, because no URL leads to the stored files themselves."""

    def is_initial(self, value: object) -> bool:
        return isinstance(value, FieldFile) and bool(value)

    def format_value(self, value: Any) -> Any:
        if not self.is_initial(value):
            return None
        return _Kept(value.instance.file_name, download_url(value.instance))


def download_url(document: Document) -> str:
    return reverse("agreements:document_download", args=[document.agreement.ref, document.pk])
