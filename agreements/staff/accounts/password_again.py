"""The field that asks for the password once more, for forms that weaken a login or show a secret."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.security.password_again import has_password, is_confirmed
from agreements.security.people import logged_in


class PasswordAgainForm(forms.Form):
    """Asks for the user's current password; users who have none must have logged in a moment ago."""

    current_password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if not has_password(logged_in(request)):
            del self.fields["current_password"]

    def clean(self) -> dict[str, Any] | None:
        """Check the password last, so that a form with another mistake does not count as an attempt."""
        cleaned = super().clean()
        if not self.errors:
            refuse_others(self.request, self, "current_password")
        return cleaned


def refuse_others(request: HttpRequest, form: forms.BaseForm, field: str) -> None:
    """Add an error to the form if this field does not confirm who submitted it."""
    user = logged_in(request)
    if is_confirmed(request, user, form.cleaned_data.get(field, "")):
        return
    if has_password(user):
        form.add_error(field, ValidationError(_("This is not your password."), code="password"))
    else:
        form.add_error(None, _("You logged in too long ago. Log out, log in and try again."))
