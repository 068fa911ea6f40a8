"""The fields and the form by which people ask for agreements: every value is either understood or named as wrong."""

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Area, Party, as_tree

FIRST_YEAR, LAST_YEAR = 1000, 2999
MOST_LISTED_PARTIES = 200

# The parts of the page that a new selection changes, beside its results: never one that is typed into.
_COUNTED = (
    "status",
    "area",
    "country",
    "party",
    "signed_year",
    "kind",
    "legal_nature",
    "verification",
    "has_document",
)
_REPLACED_BESIDE_RESULTS = ("list-head", "show-agreements", *(f"facet-{name}" for name in _COUNTED))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is spelled most like this one, if any is close."""
    close = get_close_matches(word.casefold()[:100], {k.casefold(): None for k in known}, n=1)
    return next((k for k in known if close and k.casefold() == close[0]), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known word, or nothing."""
    near = nearest(word, known)
    return " " + _("Did you mean “%(near)s”?") % {"near": near} if near else ""


def codes_of(choices: Any) -> list[str]:
    """Return the codes of a field's choices, without the blank one."""
    return [str(code) for code, _label in choices if code]


def is_slug(text: str) -> bool:
    """Return whether the text can be a slug at all, so that a database may be asked about it."""
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return len(text) <= 120


class CodesField(forms.MultipleChoiceField):
    """One or more of a fixed set of codes."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: Sequence[str]) -> None:
        codes = codes_of(self.choices)
        for given in value:
            if given not in codes:
                raise ValidationError(self._refusal(given, codes), code="invalid_choice")

    @staticmethod
    def _refusal(given: str, codes: Sequence[str]) -> str:
        refusal = _("“%(given)s” is not a known value.") % {"given": given[:100]}
        listed = _("Known values: %(codes)s.") % {"codes": ", ".join(codes)}
        return refusal + (did_you_mean(given, codes) or (f" {listed}" if len(codes) <= 20 else ""))


class CodeField(forms.ChoiceField):
    """One of a fixed set of codes."""

    def validate(self, value: str) -> None:
        codes = codes_of(self.choices)
        if value and value not in codes:
            raise ValidationError(
                _("“%(given)s” is not a known value. Known values: %(codes)s.")
                % {"given": value[:100], "codes": ", ".join(codes)},
                code="invalid_choice",
            )


class SlugsField(forms.MultipleChoiceField):
    """One or more rows named by their slugs; cleaned to the list of slugs.

    `rows` are those that exist for the reader. `choices` only decides what the widget offers, which may be fewer.
    """

    widget = forms.SelectMultiple

    def __init__(self, *, rows: "QuerySet[Any]", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows

    def validate(self, value: Sequence[str]) -> None:
        wanted = [slug for slug in value if is_slug(slug)]
        found = (
            set(self.rows.filter(slug__in=wanted).values_list("slug", flat=True))
            if wanted
            else set()
        )
        for given in value:
            if given not in found:
                raise ValidationError(
                    _("There is no entry named “%(given)s”.") % {"given": given[:100]}
                    + did_you_mean(given, self._similar(given)),
                    code="invalid_choice",
                )

    def _similar(self, given: str) -> list[str]:
        # Spelling mistakes seldom touch the first letters, so a few hundred neighbours are enough to look among.
        beginning = given[:2] if is_slug(given[:2] or "?") else ""
        return list(
            self.rows.filter(slug__startswith=beginning).values_list("slug", flat=True)[:500]
        )


class DayField(forms.DateField):
    """A full day, YYYY-MM-DD, in the years the register knows."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        refusal = gettext_lazy("Give a full day as YYYY-MM-DD, such as 2024-05-01.")
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": refusal}, **kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(
                _("Give a day in the years %(first)d to %(last)d.")
                % {"first": FIRST_YEAR, "last": LAST_YEAR},
                code="year",
            )
        return day


class Facet(Field):
    """A field drawn as choices with counts, once `Selection.offer_choices` has counted them."""

    template = "agreements/_facet.html"


class FilterGroup(Div):
    """A part of the filter form that folds away; open while something in it is chosen or wrong."""

    template = "agreements/_filter_group.html"

    def __init__(self, title: Any, *fields: Any) -> None:
        super().__init__(*fields)
        self.title = title
        self.is_open = False

    def render(self, form: forms.BaseForm, *args: Any, **kwargs: Any) -> Any:
        names = [pointer.name for pointer in self.get_field_names()]
        self.is_open = any(name in form.errors or form[name].value() for name in names)
        return super().render(form, *args, **kwargs)


class AgreementFilterForm(forms.Form):
    """The filters as a form: what no field can say alone is checked here, and the layout is declared here.

    Where JavaScript runs, htmx asks for the same page at every change and takes the parts out of it that have changed;
    the fields that are typed into are left alone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_method = "get"
        self.helper.form_action = reverse_lazy("agreements:agreement_list")
        self.helper.disable_csrf = True
        self.helper.form_class = "filter-form"
        self.helper.attrs = {
            "role": "search",
            "hx-get": reverse_lazy("agreements:agreement_list"),
            "hx-trigger": "change, submit, input delay:400ms from:#id_q",
            "hx-sync": "this:queue last",
            "hx-target": "#results",
            "hx-select": "#results",
            "hx-select-oob": ", ".join(f"#{part}" for part in _REPLACED_BESIDE_RESULTS),
            "hx-swap": "outerHTML",
        }
        self.helper.layout = Layout(
            "q",
            FilterGroup(gettext_lazy("Status"), Facet("status"), "as_of"),
            FilterGroup(gettext_lazy("Cooperation areas"), Facet("area")),
            FilterGroup(gettext_lazy("Countries and parties"), Facet("country"), Facet("party")),
            FilterGroup(
                gettext_lazy("Date of signature"),
                "signed_from",
                "signed_to",
                "certainty",
                HTML("{% include 'agreements/_years.html' %}"),
            ),
            FilterGroup(gettext_lazy("End of the term"), "expires_within"),
            FilterGroup(gettext_lazy("Kind of instrument"), Facet("kind"), Facet("legal_nature")),
            FilterGroup(gettext_lazy("Evidence"), Facet("verification"), Facet("has_document")),
            FilterGroup(gettext_lazy("Order and length of the list"), "sort", "per_page"),
            HTML("{% include 'agreements/_show_button.html' %}"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("signed_from"), cleaned.get("signed_to")
        if start and end and end.latest < start.earliest:
            self.add_error(
                "signed_to",
                _("The end of the period lies before its start. Exchange the two dates."),
            )
        return cleaned


def area_choices() -> list[tuple[str, str]]:
    """Return every area's slug and name, each under its field, in the areas' order; one query."""
    return [
        (area.slug, "\u2003" * depth + area.name) for area, depth in as_tree(Area.objects.all())
    ]


def party_choices(chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Return the parties to offer: all that are public while they are few, else only the chosen ones."""
    public = Party.objects.in_public()
    offered = list(public.values_list("slug", "name")[: MOST_LISTED_PARTIES + 1])
    if len(offered) > MOST_LISTED_PARTIES:
        slugs = [slug for slug in chosen if is_slug(slug)]
        offered = list(public.filter(slug__in=slugs).values_list("slug", "name"))
    return offered
