"""The rows that belong to an agreement, as parts of its page.

Those of the parties and signatories are in `party_rows`. They are stacked rather than in tables: each field keeps its
label and help on a phone and for a screen reader, and the style sheet puts them side by side where there is room.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.validators import RegexValidator, slug_re
from django.db import models
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.admin.entry import (
    DocumentFileInput,
    RegisterEntry,
    RowAutocomplete,
    SchemeInput,
    download_url,
    inner,
)
from agreements.admin.stubs import RelationForm, Stubs
from agreements.domain.identifiers import IMPORTED_ROW, SCHEMES, code_of
from agreements.domain.languages import language_tag
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Period,
    Relation,
)


class RowFormSet(BaseInlineFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Tell the fields of other rows what was fetched with this row, so that none queries for it again."""
        super().add_fields(form, index)
        for name, field in form.fields.items():
            widget = inner(field.widget)
            if isinstance(widget, RowAutocomplete):
                widget.known = _fetched(form.instance, name)

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        """Return the model's own message about duplicate rows."""
        for constraint in self.form._meta.model._meta.constraints:
            if set(getattr(constraint, "fields", ())) == {*unique_check, self.fk.name}:
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


def _fetched(row: models.Model, name: str) -> dict[str, models.Model]:
    """Return the row in this column by its key, if it is known without a query."""
    column: Any = row._meta.get_field(name)
    linked = getattr(row, name) if column.is_cached(row) else None
    return {str(linked.pk): linked} if linked is not None else {}


class RowInline(RegisterEntry, admin.StackedInline):
    formset = RowFormSet
    formfield_overrides = RegisterEntry.formfield_overrides | {
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})},
    }
    extra = 0
    view_on_site = False
    rows_of_a_new_agreement = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        """Also fetch what the rows name."""
        return super().get_queryset(request).select_related("agreement", *self.autocomplete_fields)

    def get_extra(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: object
    ) -> int:
        if obj:
            return self.extra
        screen: Any = self.admin_site.get_model_admin(Agreement)
        return max(self.rows_of_a_new_agreement, screen.get_formset_rows(request, self.model))


class EventForm(forms.ModelForm):
    class Meta:
        help_texts = {
            "kind": _(
                "The step that was taken; “Meeting” if people met, “Discussed” if it was discussed in another way, "
                "“Handed over” if one side gave the other a draft or an instrument."
            ),
            "source": _(
                "The source for this event. Leave it empty if it is the one you chose at the top of the page."
            ),
        }


class EventInline(RowInline):
    model = Event
    form = EventForm
    verbose_name_plural = _("timeline")
    fields = (("kind", "date", "place", "party"), ("note", "source"))
    autocomplete_fields = ("party", "source")


class PeriodInline(RowInline):
    model = Period
    fk_name = "agreement"
    verbose_name_plural = _("renewals, extensions, suspensions, provisional application")
    fields = (("kind", "first", "last", "by", "note"),)
    autocomplete_fields = ("by",)


class DocumentEntry(RegisterEntry):
    """A document's fields; a file is only linked to through its download view."""

    fields: ClassVar[Any] = (("kind", "title", "language"), ("file", "address", "is_public"))
    readonly_fields: ClassVar[Any] = ("download",)
    formfield_overrides = RegisterEntry.formfield_overrides | {
        models.FileField: {"widget": DocumentFileInput}
    }

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return _linked_instead_of_uploaded(self.fields)

    @admin.display(description=_("file"))
    def download(self, document: Document) -> str:
        if not document.file:
            return "-"
        return format_html('<a href="{}">{}</a>', download_url(document), document.file_name)


def _linked_instead_of_uploaded(fields: Any) -> Any:
    if isinstance(fields, str):
        return "download" if fields == "file" else fields
    return tuple(map(_linked_instead_of_uploaded, fields))


class DocumentInline(DocumentEntry, RowInline):
    model = Document
    # with the input for several files at once
    template = "admin/agreements/agreement/documents.html"
    # its own page lists all files that were uploaded
    show_change_link = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without rights on the agreement, Django shows the fields of its rows as text, and would link to the files."""
        screen = self.admin_site.get_model_admin(Agreement)
        if obj is None or screen.has_change_permission(request, obj):
            return super().get_fields(request, obj)
        return _linked_instead_of_uploaded(self.fields)


class RelationFormSet(Stubs, RowFormSet):
    pass


class RelationInline(RowInline):
    model = Relation
    form = RelationForm
    formset = RelationFormSet
    fk_name = "agreement"
    verbose_name_plural = _("how it affects other agreements")
    fields = (("kind", "target", "stub", "note"),)
    autocomplete_fields = ("target",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Say whether this user may note agreements that are not in the register yet."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.may_add = request.user.has_perm("agreements.add_agreement")
        return formset


class CommitmentInline(RowInline):
    model = Commitment
    fields = (("text", "party", "due"), ("progress", "reviewed", "note", "is_public"))
    autocomplete_fields = ("party",)


class EvidenceFormSet(RowFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Offer only the documents of this agreement; fetched once for all forms."""
        super().add_fields(form, index)
        if "document" in form.fields:
            field: Any = form.fields["document"]
            field.queryset = Document.objects.filter(agreement=self.instance.pk)
            field.choices = [("", field.empty_label), *self._documents]

    @cached_property
    def _documents(self) -> list[tuple[int, str]]:
        own = Document.objects.filter(agreement=self.instance.pk) if self.instance.pk else ()
        return [(document.pk, str(document)) for document in own]


class EvidenceInline(RowInline):
    model = Evidence
    formset = EvidenceFormSet
    # each row stands beside its fact; this draws the rest
    template = "admin/agreements/agreement/_evidence_rows.html"
    verbose_name_plural = _("evidence")
    fields = ("fact", "source", "document", "basis", "locator", "note")
    autocomplete_fields = ("source",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        return super().get_queryset(request).select_related("document")


class LanguageForm(forms.ModelForm):
    def clean_language(self) -> str:
        """Return the tag in its usual writing, so that AZ and az are the same language."""
        typed: str = self.cleaned_data["language"]
        return language_tag(typed) or typed


class LanguageInline(RowInline):
    model = LanguageVersion
    form = LanguageForm
    fields = (("language", "status", "prevails"), ("title", "summary"))


class SchemeField(forms.SlugField):
    """The code of a scheme. People may also type its label, which has blanks and commas as no code does."""

    default_validators = [  # as Django declares it
        RegexValidator(
            slug_re,
            _(
                "Choose a scheme from the list, or type another with letters, digits and hyphens, such as our-files."
            ),
        )
    ]

    def to_python(self, value: Any) -> str:
        return code_of(super().to_python(value) or "")


class IdentifierForm(forms.ModelForm):
    """Accepts a scheme by its label too, and a value with what people copy along with it."""

    class Meta:
        widgets = {"scheme": SchemeInput}
        field_classes = {"scheme": SchemeField}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        scheme = SCHEMES.get(cleaned.get("scheme", ""))
        if scheme is None or not cleaned.get("value"):
            if cleaned.get("scheme") == IMPORTED_ROW and "scheme" in self.changed_data:
                self.add_error(
                    "scheme", gettext("This scheme is for imports only. Choose another.")
                )
            return cleaned
        cleaned["value"] = scheme.tidied(cleaned["value"].strip())
        # what an import wrote may stay as it is
        if not scheme.fits(cleaned["value"]) and self.has_changed():
            sentence = gettext(
                "A value of “%(label)s” looks like %(example)s. Correct it, or type another scheme."
            )
            told = {"label": scheme.label, "example": scheme.example}
            self.add_error("value", sentence % told)
        return cleaned


class IdentifierInline(RowInline):
    model = ExternalIdentifier
    form = IdentifierForm
    verbose_name = _("identifier")
    verbose_name_plural = _("identifiers in other registers and series")
    fields = (("scheme", "value"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        """Leave out what only imports use."""
        found: Any = super().get_queryset(request)
        return found.exclude(scheme=IMPORTED_ROW)
