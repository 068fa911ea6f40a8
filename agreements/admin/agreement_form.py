"""The form of an agreement's own fields, and of the source that you enter it from.

Most records rest on one article that states most of their facts: you choose or paste the source once, and what you
then enter rests on it. `pasted_source` reads what is pasted, `statements` has the control beside each fact.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    RelatedFieldWidgetWrapper,
)
from django.utils.translation import gettext_lazy

from agreements.admin.entry import AreasField, RowAutocomplete, RowChoiceField
from agreements.admin.pasted_source import PastedSourceForm
from agreements.models import Agreement, Area, Evidence, Source

_EVIDENCE_SOURCE: Any = Evidence._meta.get_field("source")


class AgreementForm(PastedSourceForm):
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
