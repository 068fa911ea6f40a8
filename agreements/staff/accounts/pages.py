"""What the pages of the login and the account share: the frame of the admin, codes, and the set-up of two-factor."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django.views.generic.base import ContextMixin
from django_otp.models import Device

from agreements.security import security_log, two_factor
from agreements.security.people import logged_in
from agreements.staff.accounts.password_again import PasswordAgainForm

Context = dict[str, Any]

NEW_KEY = "second_step_key"


class AdminPage(ContextMixin):
    """Adds to a view what every page of the admin shows: the site's name, the user's links, the menu."""

    request: HttpRequest

    def get_context_data(self, **kwargs: object) -> Context:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)


def admin_page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Return a page of the admin that has no screen, drawn by `admin/<template>.html`."""
    frame = {**admin.site.each_context(request), "title": title}
    return render(request, f"admin/{template}.html", frame | context, status=status)


class CodeForm(forms.Form):
    """A code from the phone, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class CodeAndPasswordForm(PasswordAgainForm, CodeForm):
    """A code and the password, on the account page: a code alone may come from a phone left lying around."""


class AsksPassword(FormView):
    """A page whose form asks for the password again."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


class CodeView(AdminPage, FormView):
    """A page that asks the person for a code before it does something."""

    form_class: type[forms.Form] = CodeForm

    @property
    def person(self) -> User:
        """Whose code it is."""
        return logged_in(self.request)

    @method_decorator(sensitive_post_parameters("code", "current_password"))
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Continue with the device that gave the code; if the code is refused, the form and the log say why."""
        try:
            device = two_factor.accepting_device(self.person, form.cleaned_data["code"])
        except two_factor.TwoFactorError as error:
            name = self.person.get_username()
            security_log.note_refusal("second_step_failed", user=name, why=error.why)
            text = str(error)
            if isinstance(error, two_factor.TooManyCodesError):
                again = _("Try again after %(moment)s.") % {"moment": in_words(error.until)}
                text = f"{text} {again}"
            form.add_error("code", text)
            return self.form_invalid(form)
        return self.accepted(device)

    def accepted(self, device: Device) -> HttpResponse:
        raise NotImplementedError


class SetUpView(CodeView):
    """Shows the key to the phone, and turns two-factor on once its first code is right."""

    extra_context = {"title": gettext_lazy("Set up two-factor authentication")}

    def get_context_data(self, **kwargs: object) -> Context:
        pairing = two_factor.pairing(self.person, self._key)
        return super().get_context_data(pairing=pairing, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            codes = two_factor.turn_on(self.person, key=self._key, code=form.cleaned_data["code"])
        except two_factor.TwoFactorError as error:
            form.add_error("code", str(error))
            return self.form_invalid(form)
        self.request.session.pop(NEW_KEY, None)
        security_log.note_of(self.person, "second_step_on", user=self.person.get_username())
        return codes_page(self.request, codes, self.turned_on())

    def turned_on(self) -> str:
        """Return the next URL."""
        raise NotImplementedError

    @property
    def _key(self) -> str:
        """The key offered in this session, the same one in all its windows."""
        return str(self.request.session.setdefault(NEW_KEY, two_factor.new_key()))


def in_words(moment: datetime) -> str:
    """Return the time of day on the site's clock, to the second, with the date unless it is today."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S")


def codes_page(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    """Show the recovery codes, this once, with a link to the target."""
    title = _("Your recovery codes")
    response = admin_page(request, "recovery_codes", title, codes=codes, target=target)
    add_never_cache_headers(response)
    return response
