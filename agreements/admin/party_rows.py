"""The parties and signatories of an agreement, as rows of its page: each a line or two, the rest behind “More”.

The page's scripts move rows by buttons, and offer the agreement's own parties as those that a person signed for. Without
them the order is a number, and the parties are those saved so far.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agreements.admin.entry import PartyChoiceField, in_full
from agreements.admin.inlines import RowFormSet, RowInline
from agreements.admin.party_choice import PartyChoice, shortest
from agreements.admin.saving import is_key
from agreements.admin.typed_forms import rows_by_place
from agreements.domain.choices import Role
from agreements.domain.participation import OVER_TIME
from agreements.models import Participation, Party, Signatory

SIGNED_FOR = ("party", "second_party", "third_party")
_ORDER = "position"


class OrderedRowForm(forms.ModelForm):
    """A row with its place among the others; `more` are the fields that are folded while they hold nothing."""

    more: ClassVar[tuple[str, ...]] = ()

    def has_changed(self) -> bool:
        """Ignore the place of a new row in which nothing else was entered: the script numbers all rows."""
        is_new = self.instance._state.adding
        return bool(set(self.changed_data) - ({_ORDER} if is_new else set()))

    @property
    def holds_more(self) -> bool:
        """Whether a folded field holds something or has an error, so that it must not be folded."""
        return any(name in self.errors or self._holds(name) for name in self.more)

    def _holds(self, name: str) -> bool:
        held = self[name].value() if name in self.fields else getattr(self.instance, name)
        return held not in (None, "")


class OrderedRows(RowInline):
    template = "admin/agreements/agreement/party_rows.html"
    # the label of the button that adds a row, and of what is folded
    add_label: ClassVar[Any]
    more_label: ClassVar[Any] = _("More")

    class Media:
        css: ClassVar = {"all": ["admin_extra/party_rows.css"]}
        js = (
            "admin/js/jquery.init.js",
            "admin/js/inlines.js",
            "admin_extra/row_order.js",
            "admin_extra/signed_for.js",
        )


# Parties


class ParticipationForm(OrderedRowForm):
    more = ("role", *OVER_TIME)

    def _holds(self, name: str) -> bool:
        if name == "role":
            return str(self[name].value() or Role.PARTY) != Role.PARTY
        return super()._holds(name)


class ParticipationInline(OrderedRows):
    model = Participation
    form = ParticipationForm
    verbose_name = _("party")
    verbose_name_plural = _("parties")
    add_label = _("Add a party")
    more_label = _("More: role, consent, entry into force for it, withdrawal, reservations")
    fieldsets = (
        (None, {"fields": ("party", "position")}),
        (
            None,
            {
                "fields": (
                    ("role", "name_as_signed", "signed"),
                    ("consent", "consented"),
                    ("in_force_from", "in_force_until", "ended_by", "withdrawal_notified"),
                    ("provisional_from", "provisional_until", "consent_withdrawn"),
                    "reservations",
                )
            },
        ),
    )
    autocomplete_fields = ("party",)
    rows_of_a_new_agreement = 2

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.related_model is Party:
            widget = PartyChoice(db_field, self.admin_site)
            widget.choices = field.choices
            field.widget = widget
        return field


# Signatories


class SignedFor(forms.Select):
    """One of the agreement's parties; the formset says which there are. Long lists are drawn at once."""

    parties: Mapping[str, Party] = MappingProxyType({})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "", '<option value="{}"{}>{}</option>', self._options(chosen, self.parties)
        )
        return format_html("<select{}>{}</select>", own, options)

    def _options(
        self, chosen: str, parties: Mapping[str, Party]
    ) -> Iterator[tuple[str, SafeString, str]]:
        for key, label in self.choices:
            party = parties.get(str(key))
            marks = {"data-short": shortest(party)} if party else {}
            is_chosen = {"selected": True} if str(key) == chosen else {}
            yield str(key), flatatt({**marks, **is_chosen}), str(label)


class SignatoryForm(OrderedRowForm):
    more = ("second_party", "third_party", "person")

    class Meta:
        labels = {
            "as_published": _("As spelled in the source"),
            "signed": _("Different date"),
        }
        help_texts = {
            "party": _("One of the parties above."),
            "as_published": _("If the source spells the name in another way."),
        }


class SignatoryFormSet(RowFormSet):
    """Offers each signatory the parties of the agreement as they are stored or were sent, and those it names already."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for name in SIGNED_FOR:
            field: Any = form.fields.get(name)
            if field is not None and isinstance(field.widget, SignedFor):
                named = str(form[name].value() or "")
                offered = [*self._own, *([] if named in self._own else [named])]
                known = {key: self._parties[key] for key in offered if key in self._parties}
                field.widget.parties = known
                field.choices = [("", "---------"), *((k, in_full(p)) for k, p in known.items())]

    @cached_property
    def _own(self) -> dict[str, None]:
        """The keys of the agreement's parties in their order."""
        if self.is_bound:
            sent = rows_by_place(self.data, "participations")  # type: ignore[arg-type]
            keys = (row.get("party", [""])[0] for _place, row in sent if not row.get("DELETE"))
            return dict.fromkeys(filter(is_key, keys))
        stored = Participation.objects.filter(agreement=self.instance.pk or 0)
        return dict.fromkeys(str(key) for key in stored.values_list("party", flat=True))

    @cached_property
    def _parties(self) -> dict[str, Party]:
        """All parties that any of the rows may show, by their keys; one query."""
        keys = {*self._own, *(self._sent if self.is_bound else self._stored)}
        found = Party.objects.in_bulk([int(key) for key in keys])
        own = {key: found[int(key)] for key in self._own if int(key) in found}
        return own | {str(key): party for key, party in found.items()}

    @property
    def _sent(self) -> Iterator[str]:
        for _place, row in rows_by_place(self.data, self.prefix):  # type: ignore[arg-type]
            yield from filter(is_key, (row.get(name, [""])[0] for name in SIGNED_FOR))

    @property
    def _stored(self) -> Iterator[str]:
        for values in self.initial_extra or ():
            yield from (str(values[name]) for name in SIGNED_FOR if values.get(name))
        for row in self.get_queryset():
            keys = (getattr(row, f"{name}_id") for name in SIGNED_FOR)
            yield from (str(key) for key in keys if key)


class SignatoryInline(OrderedRows):
    model = Signatory
    form = SignatoryForm
    formset = SignatoryFormSet
    add_label = _("Add a signatory")
    more_label = _("More: their page, and further parties they signed for")
    fieldsets = (
        (None, {"fields": (("name", "title"), ("party", "as_published", "signed"), "position")}),
        (None, {"fields": (("person", "second_party", "third_party"),)}),
    )
    autocomplete_fields = ("party", "second_party", "third_party", "person")
    rows_of_a_new_agreement = 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only parties of the agreement, without links to add others; stored rows may name any party."""
        if db_field.related_model is Party:
            return db_field.formfield(form_class=PartyChoiceField, widget=SignedFor)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
