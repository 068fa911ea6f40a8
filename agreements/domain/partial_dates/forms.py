"""The form field in which people type a date as they would write it; `read` defines what it accepts.

`PartialDateField` uses it in model forms and the admin, the filter form for periods. A refused text
stays in the field as typed; an accepted date is shown as EDTF.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.domain.partial_dates.reading import read
from agreements.domain.partial_dates.values import PartialDate, PartialDateError

# Browsers would suggest dates typed elsewhere, and correct the spelling of 08.2023.
_HOW_TO_TYPE: dict[str, Any] = {
    "placeholder": _("25 May 2022, 08.2023 or 2018"),
    "autocomplete": "off",
    "autocapitalize": "off",
    "inputmode": "text",
    "spellcheck": "false",
}


class PartialDateInput(forms.TextInput):
    """A text input that shows how dates can be typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**_HOW_TO_TYPE, **(attrs or {})})


class PartialDateFormField(forms.Field):
    """Accepts everything that `read` accepts, and returns a `PartialDate`, or None if left empty."""

    widget = PartialDateInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Show how to type a date in other text inputs, too: the admin puts its own into every form."""
        is_text = isinstance(widget, forms.TextInput) and not widget.is_hidden
        return {**_HOW_TO_TYPE, **widget.attrs} if is_text else {}

    def to_python(self, value: object) -> PartialDate | None:
        if value is None or isinstance(value, PartialDate):
            return value
        typed = str(value)
        try:
            return read(typed) if typed.strip() else None
        except PartialDateError as refused:
            raise ValidationError(str(refused), code="invalid") from refused

    def prepare_value(self, value: object) -> object:
        return str(value) if isinstance(value, PartialDate) else value
