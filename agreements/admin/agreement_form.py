"""The form of an agreement's own fields, on which one source can be given for many facts at once.

Most records rest on one article that states most of their facts: you choose the source once and tick the facts.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    RelatedFieldWidgetWrapper,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.areas_field import AreasField
from agreements.admin.entry import RowAutocomplete, RowChoiceField
from agreements.admin.screens import Context
from agreements.admin.versions import RecordForm
from agreements.domain.facts import evidence_choices
from agreements.models import Agreement, Area, Evidence, Source

_EVIDENCE_SOURCE: Any = Evidence._meta.get_field("source")


class AgreementForm(RecordForm):
    areas = AreasField(
        label=gettext_lazy("Cooperation areas"),
        queryset=Area.objects.all(),
        required=False,
        help_text=Agreement._meta.get_field("areas").help_text,
    )
    source = RowChoiceField(
        label=gettext_lazy("Source"),
        queryset=Source.objects.all(),
        required=False,
        widget=RelatedFieldWidgetWrapper(
            RowAutocomplete(_EVIDENCE_SOURCE, admin.site),
            _EVIDENCE_SOURCE.remote_field,
            admin.site,
            can_add_related=True,
        ),
        help_text=gettext_lazy(
            "The article or document you are entering from. It becomes the source of each fact ticked below. "
            "The plus sign adds a new one."
        ),
    )
    stated_facts = forms.MultipleChoiceField(
        label=gettext_lazy("Facts it states"),
        choices=evidence_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Tick what it says explicitly; tick “Title” only if it gives the agreement's name. "
            "Enter facts that you only infer from it further down, under evidence."
        ),
    )

    class Meta:
        widgets = {
            "title": AdminTextareaWidget(attrs={"rows": 2}),
            "summary": AdminTextareaWidget(attrs={"rows": 4}),
        }

    def clean(self) -> Context:
        """Refuse half a citation: a source without facts, or facts without a source."""
        cleaned = super().clean()
        if "source" in self.errors:
            return cleaned
        if cleaned.get("stated_facts") and not cleaned.get("source"):
            self.add_error("source", _("Choose the source of the facts ticked below."))
        if cleaned.get("source") and not cleaned.get("stated_facts"):
            self.add_error("stated_facts", _("Tick what the source states, or remove the source."))
        return cleaned
