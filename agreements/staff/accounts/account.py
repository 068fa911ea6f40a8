"""The page about one's own account: the password, the second step, and the browsers that are logged in.

Every member of staff has it, and each sees only their own. The site's guard has let them in before.
"""

from datetime import timedelta
from typing import Any

import django_otp
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View

from agreements.security import security_log, two_factor
from agreements.security.sessions import end_sessions, open_sessions
from agreements.staff.accounts.codes import CodeForm, code_accepted, codes_page, key_in, turned_on


class AccountView(TemplateView):
    template_name = "admin/account.html"
    extra_context = {"title": gettext_lazy("My account")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(
            **admin.site.each_context(self.request),
            telephone=two_factor.telephone_of(user),
            codes_left=two_factor.recovery_codes_left(user),
            idle_minutes=settings.SESSION_IDLE // timedelta(minutes=1),
            longest_hours=settings.SESSION_LONGEST // timedelta(hours=1),
            open_sessions=open_sessions(user, current=self.request.session.session_key),
            **kwargs,
        )


class CodeView(FormView):
    """A page of the account that asks for a code."""

    form_class = CodeForm

    @method_decorator(sensitive_post_parameters("code"))
    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(*args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)


class TurnOnView(CodeView):
    """Shows the key to the telephone, and turns the second step on when its first code is right."""

    template_name = "admin/account_set_up.html"
    extra_context = {"title": gettext_lazy("Set up the second step")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if two_factor.telephone_of(request.user):
            return redirect("admin:account")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pairing = two_factor.pairing(self.request.user, key_in(self.request))
        return super().get_context_data(pairing=pairing, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        codes = turned_on(self.request, form, self.request.user)
        if codes is None:
            return self.form_invalid(form)
        _vouch_for_this_session(self.request)
        return codes_page(self.request, codes, reverse("admin:account"))


def _vouch_for_this_session(request: HttpRequest) -> None:
    """End the logins that knew of no second step; this one goes on, under a new key."""
    django_otp.login(request, two_factor.telephone_of(request.user))
    request.session.cycle_key()
    end_sessions(request.user, but=request.session.session_key)


class TurnOffView(CodeView):
    template_name = "admin/account_code.html"
    extra_context = {
        "title": gettext_lazy("Turn the second step off"),
        "explanation": gettext_lazy(
            "From then on your password alone lets you in. Also do this to change to another telephone: "
            "turn it off, then set it up anew."
        ),
        "action": gettext_lazy("Turn it off"),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        if not code_accepted(form, self.request.user):
            return self.form_invalid(form)
        two_factor.turn_off(self.request.user)
        security_log.note("second_step_off")
        messages.success(self.request, _("The second step is off."))
        return redirect("admin:account")


class NewCodesView(CodeView):
    template_name = "admin/account_code.html"
    extra_context = {
        "title": gettext_lazy("New recovery codes"),
        "explanation": gettext_lazy("You get ten new ones, and those you have end."),
        "action": gettext_lazy("Make new codes"),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        if not code_accepted(form, self.request.user):
            return self.form_invalid(form)
        codes = two_factor.new_recovery_codes(self.request.user)
        security_log.note("recovery_codes_made")
        return codes_page(self.request, codes, reverse("admin:account"))


class EndSessionsView(View):
    """Logs the person out in every browser but this one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        ended = end_sessions(request.user, but=request.session.session_key)
        security_log.note("sessions_ended", ended=ended)
        text = ngettext(
            "You are logged out in one other browser.",
            "You are logged out in %(ended)d other browsers.",
            ended,
        )
        nowhere = _("You were logged in nowhere else.")
        messages.success(request, text % {"ended": ended} if ended else nowhere)
        return redirect("admin:account")


class PasswordView(PasswordChangeView):
    """Changes one's own password, which ends every other login of one's own."""

    form_class = AdminPasswordChangeForm
    template_name = "admin/account_password.html"
    success_url = reverse_lazy("admin:account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(self.request.user, but=self.request.session.session_key)
        messages.success(
            self.request, _("Your password is changed. Other browsers are logged out.")
        )
        return response
