"""Codes on the pages that ask for them: the login and the account.

Beyond `agreements.security.two_factor` both need the same: a form, the reason for a refusal beside its field, and the
page that shows new recovery codes.
"""

from datetime import datetime

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.models import Device

from agreements.security import security_log, two_factor

NEW_KEY = "second_step_key"


class CodeForm(forms.Form):
    """A code from the phone, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


def code_accepted(form: CodeForm, user: User) -> Device | None:
    """Return the device that the form's code came from; None with the reason in the form and in the log."""
    try:
        return two_factor.accepting_device(user, form.cleaned_data["code"])
    except two_factor.TwoFactorError as error:
        name = user.get_username()
        security_log.note_refusal("second_step_failed", user=name, why=error.why)
        text = str(error)
        if isinstance(error, two_factor.TooManyCodesError):
            again = _("Try again after %(moment)s.") % {"moment": in_words(error.until)}
            text = f"{text} {again}"
        form.add_error("code", text)
        return None


def in_words(moment: datetime) -> str:
    """Return the time of day on the site's clock, to the second, with the date unless it is today."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S")


def key_in(request: HttpRequest) -> str:
    """Return the key offered in this session, the same one in all its windows."""
    if NEW_KEY not in request.session:
        request.session[NEW_KEY] = two_factor.new_key()
    return str(request.session[NEW_KEY])


def turned_on(request: HttpRequest, form: CodeForm, user: User) -> list[str] | None:
    """Turn two-factor on and return the recovery codes; None with the reason in the form."""
    try:
        codes = two_factor.turn_on(user, key=key_in(request), code=form.cleaned_data["code"])
    except two_factor.TwoFactorError as error:
        form.add_error("code", str(error))
        return None
    request.session.pop(NEW_KEY, None)
    security_log.note("second_step_on", user=user.get_username())
    return codes


def codes_page(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    """Show the recovery codes, this once, with a link to the target."""
    context = {
        **admin.site.each_context(request),
        "title": _("Your recovery codes"),
        "codes": codes,
        "target": target,
    }
    response = render(request, "admin/recovery_codes.html", context)
    add_never_cache_headers(response)
    return response
