"""The field that asks for the password once more, for forms that weaken a login or show a secret."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.security.password_again import has_password, is_confirmed
from agreements.security.people import logged_in


class PasswordAgainForm(forms.Form):
    """Asks for the user's present password; of users who have none, that they gave theirs elsewhere."""

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
        form.add_error(None, _not_fresh())


def _not_fresh() -> SafeString | str:
    """Return why nothing was done, with a link to where the person can log in once more."""
    if not settings.OIDC_ISSUER:
        return _("Your account has no password, so you cannot do this. Ask an administrator.")
    link = _("Log in once more with %(name)s, then do this again.") % {"name": settings.OIDC_NAME}
    url = reverse("admin:account_confirm")
    return format_html('{} <a href="{}">{}</a>', _("Your login is no longer fresh."), url, link)
