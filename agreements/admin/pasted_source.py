"""A source pasted as a URL or byline at the top of an agreement's page, and the values read from it.

What was read can be corrected before it is saved: at once, if the page's script asks `read_source_view`; otherwise on
the refused form, or after saving. A source that the register already has is used instead of a new one.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agreements.admin.entry import WrittenDateField
from agreements.admin.saving import is_key
from agreements.admin.screens import Context, Screen, viewers_only
from agreements.admin.statements import CarriedText, StatementsForm
from agreements.curation.pasted_sources import Understood, understood
from agreements.domain.bylines import LONGEST
from agreements.models import Source

PASTED, PASTED_READ = "pasted", "pasted_read"
MAY_ADD = "agreements.add_source"
GUESSED = gettext_lazy("The publisher is only the site of the URL: replace it with the name.")


class NewSourceForm(forms.ModelForm):
    """The values of the new source."""

    prefix = "new_source"
    url = forms.URLField(
        label=gettext_lazy("URL"), required=False, max_length=1000, assume_scheme="https"
    )
    title = forms.CharField(
        label=gettext_lazy("Title of the article"), required=False, max_length=500
    )
    published_at = forms.DateTimeField(label=gettext_lazy("Moment of publication"), required=False)

    class Meta:
        model = Source
        fields = ("publisher", "title", "author", "published", "published_at", "url", "language")
        field_classes: ClassVar = {"published": WrittenDateField}

    @property
    def typed_url(self) -> str:
        """The URL as it was typed, empty if it is none."""
        try:
            return str(self.fields["url"].clean(self["url"].value()))
        except forms.ValidationError:
            return ""

    def reasons(self) -> Iterator[str]:
        """Yield why it cannot be saved, naming the field."""
        for name, errors in self.errors.items():
            label = capfirst(str(self.fields[name].label)) if name in self.fields else ""
            for error in errors:
                yield f"{label}: {error}" if label else str(error)


class PastedSourceForm(StatementsForm):
    """A form that takes its source from a choice or from what was pasted; `new_source` has what was read."""

    pasted = CarriedText(
        label=gettext_lazy("Paste a URL or byline"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "placeholder": "By Nigar Abbasova 12 November 2026 18:05 (UTC+04:00) https://…",
            }
        ),
        help_text=gettext_lazy(
            "Publisher, date, author and language are read from it. A source that the register already has is used."
        ),
    )
    pasted_read = CarriedText(required=False, max_length=LONGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the source that the register already has for what was pasted, and whether to add a new one
        self.known: Source | None = None
        self.adds_source = False
        # the source that was chosen before another one was pasted
        self.replaced: Source | None = None
        self.read_note: Any = ""
        if not self.may_cite:
            del self.fields["source"], self.fields[PASTED], self.fields[PASTED_READ]
        elif self.is_bound:
            self._read()
        self.new_source = NewSourceForm(self.data if self.is_bound else None)

    def _read(self) -> None:
        """Fill in what was pasted but not read yet, where nothing was typed."""
        pasted = self.data.get(PASTED, "").strip()
        if not pasted or pasted == self.data.get(PASTED_READ, "").strip():
            return
        read = understood(pasted)
        self.known = read.known
        self.read_note = GUESSED if read.is_guess else ""
        self.data: Any = self.data.copy()
        self.data[PASTED_READ] = pasted
        for name, value in read.as_typed().items():
            field = f"{NewSourceForm.prefix}-{name}"
            if not self.data.get(field, "").strip():
                self.data[field] = value
        if not read.is_empty:
            self._replace_chosen()

    def _replace_chosen(self) -> None:
        """Let what was just pasted count instead of the source chosen, which may have been carried over."""
        chosen = self.data.get("source", "")
        self.replaced = Source.objects.filter(pk=chosen).first() if is_key(chosen) else None
        self.data["source"] = ""

    def clean(self) -> Context:
        cleaned = super().clean()
        if self.may_cite:
            self._settle_source(cleaned)
            has_source = bool(cleaned.get("source") or self.adds_source)
            is_refused = "source" in self.errors or PASTED in self.errors
            self.refuse_statements(cleaned.get("source"), has_source=has_source or is_refused)
        return cleaned

    def _settle_source(self, cleaned: Context) -> None:
        """Decide between the source chosen, a known one that was pasted, and a new one."""
        if not self.new_source.has_changed():
            if cleaned.get(PASTED):
                self.add_error(
                    PASTED, _("Nothing was read from it. Fill in the source below, or choose one.")
                )
            return
        url, chosen = self.new_source.typed_url, cleaned.get("source")
        known = self.known or (Source.objects.of_page(url) if url else None)
        if chosen and chosen != known:
            self.add_error(PASTED, _("Choose a source or paste a new one, but not both."))
        elif known:
            self.known = cleaned["source"] = known
        elif not self.user.has_perm(MAY_ADD):
            self.add_error(
                PASTED, _("You cannot add sources. Choose one, or ask an editor to add it.")
            )
        elif self.new_source.is_valid():
            self.adds_source = True
        else:
            for reason in self.new_source.reasons():
                self.add_error(PASTED, reason)


class PastedSources(Screen):
    pages: ClassVar = {"read_source": "read-source/"}

    @method_decorator(require_POST)
    @viewers_only
    def read_source_view(self, request: HttpRequest) -> HttpResponse:
        """Return, as JSON, what the text in `pasted` says, as it would be typed, and the known source if there is one."""
        read = understood(_pasted_in(request.POST))
        note = str(GUESSED) if read.is_guess else ""
        return JsonResponse({"fields": read.as_typed(), "known": _choice_of(read), "note": note})

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        form = context["adminform"].form
        context["new_source"] = form.new_source if form.may_cite else None
        super().add_context(request, context, shown)


def _pasted_in(sent: QueryDict) -> str:
    return str(sent.get(PASTED, ""))[:LONGEST].strip()


def _choice_of(read: Understood) -> dict[str, str] | None:
    if read.known is None:
        return None
    said = _("The register already has this source: %(source)s.") % {"source": read.known}
    return {"value": str(read.known.pk), "name": str(read.known), "said": said}
