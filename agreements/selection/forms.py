"""The filters as a form, laid out in the groups of `declarations`."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from agreements.selection.declarations import FILTERS, GROUPS, PERIODS, REPEATABLE
from agreements.selection.declared import Filter, Group, Match
from agreements.selection.reading import refuse_repetition

# The parts of the page outside the results that change with the selection; never a field that users type into.
_REPLACED_BESIDE_RESULTS = (
    "list-head",
    "show-agreements",
    *(f"facet-{declared.facet_name}" for declared in FILTERS if declared.facet),
)


class Facet(Field):
    """A field drawn as choices with counts, once `Selection.offer_choices` has counted them."""

    template = "agreements/_facet.html"


class MatchField(Field):
    """Whether any or all choices of a facet must apply; drawn at the head of the facet if there is one."""

    template = "agreements/_match_without_facet.html"


class FilterGroup(Div):
    """A part of the filter form that folds away; it is open while something in it is selected or invalid.

    Parts with few choices are open at first.
    """

    template = "agreements/_filter_group.html"

    def __init__(self, group: Group, *fields: Any) -> None:
        super().__init__(*fields)
        self.title = group.title
        self.is_open_at_first = self.is_open = group.is_open

    def render(self, form: forms.BaseForm, *args: Any, **kwargs: Any) -> Any:
        names = [pointer.name for pointer in self.get_field_names()]
        is_used = any(name in form.errors or form[name].value() for name in names)
        self.is_open = self.is_open_at_first or is_used
        return super().render(form, *args, **kwargs)


def _drawn(declared: Filter) -> Any:
    if isinstance(declared, Match):
        return MatchField(declared.name)
    return Facet(declared.name) if declared.is_drawn_as_facet else declared.name


def _groups() -> list[FilterGroup]:
    return [
        FilterGroup(
            group,
            *(_drawn(declared) for declared in FILTERS if declared.group is group),
            *([HTML(f"{{% include '{group.template}' %}}")] if group.template else []),
        )
        for group in GROUPS
    ]


class AgreementFilterForm(forms.Form):
    """The filters as a form, with the checks that involve more than one field.

    With JavaScript, htmx requests the same page at every change and replaces the parts that have changed, but never the
    fields that users type into.
    """

    data: QueryDict

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_method = "get"
        self.helper.form_action = reverse_lazy("agreements:agreement_list")
        self.helper.disable_csrf = True
        self.helper.form_class = "filter-form"
        self.helper.attrs = {
            "role": "search",
            "data-hx-get": reverse_lazy("agreements:agreement_list"),
            "data-hx-trigger": "change, submit, input delay:400ms from:#id_q",
            "data-hx-sync": "this:queue last",
            "data-hx-target": "#results",
            "data-hx-select": "#results",
            "data-hx-select-oob": ", ".join(f"#{part}" for part in _REPLACED_BESIDE_RESULTS),
            "data-hx-swap": "outerHTML",
        }
        button = HTML("{% include 'agreements/_show_button.html' %}")
        self.helper.layout = Layout("q", *_groups(), button)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for period in PERIODS:
            start, end = (cleaned.get(name) for name in period.parameters)
            if start and end and end.latest < start.earliest:
                refusal = _("The end of the period is before its start. Swap the two dates.")
                self.add_error(period.parameters[1], refusal)
        refuse_repetition(self, self.data, REPEATABLE)
        return cleaned
