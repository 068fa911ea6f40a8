"""The model field for a length of time, stored as a number with which SQL can compute, and its form field."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from agreements.domain.durations.reading import read_duration
from agreements.domain.durations.values import (
    LONGEST_DAYS,
    LONGEST_MONTHS,
    Duration,
    DurationError,
)
from agreements.domain.durations.words import duration_in_words

if TYPE_CHECKING:
    _IntegerField = models.IntegerField[str | Duration | None, Duration | None]
else:
    _IntegerField = models.IntegerField

_HOW_TO_TYPE: dict[str, Any] = {
    "placeholder": _("3 years, 18 months or 120 days"),
    "autocomplete": "off",
    "autocapitalize": "off",
    "inputmode": "text",
    "spellcheck": "false",
}


class DurationInput(forms.TextInput):
    """A text input that shows how lengths can be typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**_HOW_TO_TYPE, **(attrs or {})})


class DurationFormField(forms.Field):
    """Accepts everything that `read_duration` accepts, and returns a `Duration`, or None if left empty.

    A length is shown in words, a refused text as it was typed.
    """

    widget = DurationInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Show how to type a length in the admin's own text inputs, too."""
        is_text = isinstance(widget, forms.TextInput) and not widget.is_hidden
        return {**_HOW_TO_TYPE, **widget.attrs} if is_text else {}

    def to_python(self, value: object) -> Duration | None:
        if value is None or isinstance(value, Duration):
            return value
        typed = str(value)
        try:
            return read_duration(typed) if typed.strip() else None
        except DurationError as refused:
            raise ValidationError(str(refused), code="invalid") from refused

    def prepare_value(self, value: object) -> object:
        return duration_in_words(value) if isinstance(value, Duration) else value


class _OnInstance(DeferredAttribute):
    """A length on an instance; a text that is not one is kept, so that validation says what is wrong with it."""

    def __set__(self, instance: models.Model, value: object) -> None:
        with suppress(DurationError):
            value = _value_of(value)
        instance.__dict__[self.field.attname] = value


class DurationField(_IntegerField):
    """A `Duration`, or None; its ISO 8601 text can be assigned instead.

    It is stored as one number: that of the months, or the negative one of the days; NULL is no length. Queries compute
    with it as it is: a length is in months where it is above 0.
    """

    description = _("A length of time in months or days")
    descriptor_class = _OnInstance
    # those of IntegerField compare numbers
    validators: Any = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "blank": True, **kwargs})

    @staticmethod
    def condition(name: str, *, least: int = 1) -> Q:
        """Return the condition that the length is known, possible, and not below `least` days or months."""
        is_possible = Q(**{f"{name}__gte": -LONGEST_DAYS, f"{name}__lte": LONGEST_MONTHS})
        return Q(**{f"{name}__isnull": True}) | (
            is_possible & ~Q(**{name: 0}) if least else is_possible
        )

    def to_python(self, value: object) -> Any:
        try:
            return _value_of(value)
        except DurationError as refused:
            raise ValidationError(str(refused), code="invalid") from refused

    def from_db_value(self, value: int | None, *_: object) -> Duration | None:
        if value is None:
            return None
        return Duration(months=value) if value > 0 else Duration(days=-value)

    def get_prep_value(self, value: object) -> Any:
        """Return the stored number; a number is one already, as in lookups. Raises `DurationError`."""
        if hasattr(value, "resolve_expression") or isinstance(value, int):
            return value
        known = _value_of(value)
        return None if known is None else known.months or -known.days

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the length to store. Raises `DurationError` for anything else, even a number."""
        return _value_of(super().pre_save(model_instance, add))

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        # Not IntegerField's own, which passes on the least and greatest number.
        return models.Field.formfield(self, **{"form_class": DurationFormField, **kwargs})


def _value_of(value: object) -> Duration | None:
    """Return the length that is assigned, None for the empty text."""
    if value is None or isinstance(value, Duration):
        return value
    text = str(value)
    return Duration.parse(text) if text else None
