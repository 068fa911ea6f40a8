"""The form of an agreement's own fields, and of the source that you enter it from.

Most records rest on one article that states most of their facts: you choose the source once, and what you then enter
rests on it. `statements` has the control beside each fact.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    RelatedFieldWidgetWrapper,
)
from django.utils.translation import gettext_lazy

from agreements.admin.entry import AreasField, RowAutocomplete, RowChoiceField
from agreements.admin.screens import Context
from agreements.admin.statements import StatementsForm
from agreements.models import Agreement, Area, Evidence, Source

_EVIDENCE_SOURCE: Any = Evidence._meta.get_field("source")


class AgreementForm(StatementsForm):
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
            "The article or document you are entering from. What you enter or change now rests on it, unless you say "
            "otherwise beside the fact."
        ),
    )

    class Meta:
        widgets = {
            "title": AdminTextareaWidget(attrs={"rows": 2}),
            "summary": AdminTextareaWidget(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.may_cite:
            del self.fields["source"]

    def clean(self) -> Context:
        cleaned = super().clean()
        source = cleaned.get("source")
        self.refuse_statements(source, has_source="source" in self.errors or source is not None)
        return cleaned
