"""The form of an agreement's own fields, and of the source that you enter it from.

Most records rest on one article that states most of their facts: you choose or paste the source once, and what you
then enter rests on it. `pasted_source` reads what is pasted, `statements` has the control beside each fact.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminTextInputWidget,
    RelatedFieldWidgetWrapper,
)
from django.utils.translation import gettext_lazy

from agreements.admin.areas_field import AreasField
from agreements.admin.entry import RowAutocomplete, RowChoiceField
from agreements.admin.pasted_source import PastedSourceForm
from agreements.domain.choices import TermKind
from agreements.models import Agreement, Area, Evidence, Source

FIXED_CHOSEN = gettext_lazy("“Fixed term” is chosen, because there is a length.")
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chose_fixed_term = False
        if self.is_bound and {"term", "term_kind"} <= self.fields.keys():
            self._choose_fixed_term()

    def _choose_fixed_term(self) -> None:
        """Take a length for that of a fixed term if nobody has said what the term is."""
        is_unknown = self["term_kind"].initial == self["term_kind"].value() == TermKind.UNKNOWN
        if is_unknown and str(self["term"].value() or "").strip():
            self.data: Any = self.data.copy()
            self.data[self.add_prefix("term_kind")] = TermKind.FIXED.value
            self.chose_fixed_term = True

    class Meta:
        widgets = {
            "title": AdminTextareaWidget(attrs={"rows": 2, "data-one-paragraph": ""}),
            "term": AdminTextInputWidget(
                attrs={
                    "data-chooses-term": TermKind.FIXED.value,
                    "data-instead-of": TermKind.UNKNOWN.value,
                    "data-told": FIXED_CHOSEN,
                }
            ),
            "summary": AdminTextareaWidget(attrs={"rows": 2}),
        }
