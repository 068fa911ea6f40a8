"""The form field: what can be typed, what it returns, and how it looks in forms and in the admin."""

from typing import Any

import pytest
from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given

from agreements.domain.partial_dates import (
    PartialDate,
    PartialDateField,
    PartialDateFormField,
    PartialDateInput,
)
from tests.domain.partial_dates.letters import Letter
from tests.domain.partial_dates.strategies import partial_dates

parse = PartialDate.parse


class LetterForm(forms.ModelForm):
    class Meta:
        model = Letter
        fields = ["signed", "subject"]


class PeriodForm(forms.Form):
    signed_from = PartialDateFormField(required=False)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("25 May 2022", parse("2022-05-25")),
        ("avqust 2023", parse("2023-08")),
        ("около 2018 г.", parse("2018~")),
        ("since 2020", parse("2020/..")),
        (parse("2018"), parse("2018")),
        ("", None),
        ("  ", None),
        (None, None),
    ],
    ids=str,
)
def test_what_is_typed_becomes_a_date(typed: Any, expected: PartialDate | None) -> None:
    assert PartialDateFormField(required=False).clean(typed) == expected


def test_a_required_field_wants_a_date() -> None:
    with pytest.raises(ValidationError, match="required"):
        PartialDateFormField().clean("  ")


def test_a_refused_text_says_why_and_stays_as_it_was_typed() -> None:
    form = PeriodForm({"signed_from": "30 February 2023"})
    assert not form.is_valid()
    assert "February 2023 has 28 days" in form.errors["signed_from"][0]
    assert 'value="30 February 2023"' in str(form["signed_from"])


def test_hostile_text_is_shown_escaped() -> None:
    form = PeriodForm({"signed_from": "100% <b>\x00"})
    assert not form.is_valid()
    assert "&lt;b&gt;" in str(form["signed_from"])
    assert "<b>" not in form.as_p()


def test_a_model_form_saves_what_was_typed(letters: None) -> None:
    form = LetterForm({"signed": "about October 2023"})
    assert form.is_valid(), form.errors
    letter = form.save()
    assert Letter.objects.get(signed="2023-10~") == letter


@given(partial_dates)
def test_a_stored_date_comes_back_as_text_that_reads_as_itself(value: PartialDate) -> None:
    form = LetterForm(instance=Letter(signed=value))
    shown = form["signed"].value()
    assert shown == str(value)
    assert form.fields["signed"].clean(shown) == value


@pytest.mark.parametrize(
    ("initial", "typed", "changed"),
    [
        (parse("2023-08"), "2023-08", False),
        (parse("2023-08"), "August 2023", False),
        (parse("2023-08"), "2023-09", True),
        (parse("2023-08"), "", True),
        (parse("2023-08"), "nonsense", True),
        (None, "", False),
        (None, "2023", True),
    ],
    ids=str,
)
def test_a_field_has_changed_if_the_date_has(
    initial: PartialDate | None, typed: str, changed: bool
) -> None:
    assert PartialDateFormField(required=False).has_changed(initial, typed) is changed


def test_the_input_shows_how_to_type() -> None:
    html = str(PeriodForm()["signed_from"])
    for attribute in (
        'type="text"',
        'placeholder="25 May 2022, 08.2023 or 2018"',
        'autocomplete="off"',
        'inputmode="text"',
    ):
        assert attribute in html
    with translation.override("az"):
        assert "25 may 2022, 08.2023 və ya 2018" in str(PeriodForm()["signed_from"])


def test_the_attributes_of_a_form_win() -> None:
    widget = PartialDateInput({"placeholder": "1999", "class": "wide"})
    html = str(PartialDateFormField(widget=widget).get_bound_field(forms.Form(), "day"))
    assert 'placeholder="1999"' in html
    assert 'class="wide"' in html


def test_a_hidden_input_carries_no_hints() -> None:
    assert PartialDateFormField(widget=forms.HiddenInput).widget.attrs == {}


def test_the_model_field_brings_it_with_its_texts() -> None:
    field = LetterForm().fields["signed"]
    assert isinstance(field, PartialDateFormField)
    assert (field.label, field.required) == ("Signed", False)
    assert field.help_text == "As far as it is known."
    required = PartialDateField(blank=False).formfield()
    assert required is not None
    assert required.required


def test_the_admin_shows_how_to_type_and_takes_words() -> None:
    admin = ModelAdmin(Letter, AdminSite())
    form_class = admin.get_form(RequestFactory().get("/"))
    assert 'placeholder="25 May 2022, 08.2023 or 2018"' in str(form_class()["signed"])
    form = form_class({"signed": "25 мая 2022 г.", "received": "nonsense"})
    assert list(form.errors) == ["received"]
    assert form.cleaned_data["signed"] == parse("2022-05-25")
