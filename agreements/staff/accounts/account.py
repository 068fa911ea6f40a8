"""The account page: the user's password, two-factor authentication, and the browsers that are logged in.

All staff have one and see only their own. The admin's guard has already checked that they are logged in.
"""

from datetime import timedelta
from typing import Any

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from django_otp.models import Device

from agreements.security import security_log, two_factor
from agreements.security.initial_passwords import chosen_by_owner
from agreements.security.password_again import is_confirmed
from agreements.security.people import logged_in
from agreements.security.sessions import end_sessions, open_sessions
from agreements.staff.accounts import sign_on
from agreements.staff.accounts.pages import (
    AdminPage,
    AsksPassword,
    CodeAndPasswordForm,
    CodeView,
    Context,
    SetUpView,
    codes_page,
)


class AccountView(AdminPage, TemplateView):
    template_name = "admin/account.html"
    extra_context = {"title": gettext_lazy("My account")}

    def get_context_data(self, **kwargs: object) -> Context:
        user = logged_in(self.request)
        return super().get_context_data(
            phone=two_factor.phone_of(user),
            codes_left=two_factor.recovery_codes_left(user),
            is_connected=sign_on.is_connected_to_provider(user),
            idle_minutes=settings.SESSION_IDLE // timedelta(minutes=1),
            longest_hours=settings.SESSION_LONGEST // timedelta(hours=1),
            open_sessions=open_sessions(user, current=self.request.session.session_key),
            **kwargs,
        )


class TurnOnView(AsksPassword, SetUpView):
    form_class = CodeAndPasswordForm
    template_name = "admin/account_set_up.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if two_factor.phone_of(self.person):
            return redirect("admin:account")
        return super().get(request, *args, **kwargs)

    def turned_on(self) -> str:
        """End the logins without two-factor; this login continues under a new key."""
        session = self.request.session
        django_otp.login(self.request, two_factor.phone_of(self.person))
        session.cycle_key()
        end_sessions(self.person, but=session.session_key)
        return reverse("admin:account")


class TurnOffView(AsksPassword, CodeView):
    form_class = CodeAndPasswordForm
    template_name = "admin/account_code.html"
    extra_context = {
        "title": gettext_lazy("Turn two-factor off"),
        "explanation": gettext_lazy(
            "After this you log in with your password only. To move to another phone, turn two-factor off "
            "and set it up again."
        ),
        "action": gettext_lazy("Turn it off"),
    }

    def accepted(self, device: Device) -> HttpResponse:
        two_factor.turn_off(self.person)
        security_log.note_of(self.person, "second_step_off")
        messages.success(self.request, _("Two-factor authentication is off."))
        return redirect("admin:account")


class NewCodesView(AsksPassword, CodeView):
    form_class = CodeAndPasswordForm
    template_name = "admin/account_code.html"
    extra_context = {
        "title": gettext_lazy("New recovery codes"),
        "explanation": gettext_lazy("You get ten new codes. Your present codes stop working."),
        "action": gettext_lazy("Make new codes"),
    }

    def accepted(self, device: Device) -> HttpResponse:
        codes = two_factor.new_recovery_codes(self.person)
        security_log.note_of(self.person, "recovery_codes_made")
        return codes_page(self.request, codes, reverse("admin:account"))


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Log the user out in every other browser."""
    ended = end_sessions(logged_in(request), but=request.session.session_key)
    security_log.note("sessions_ended", ended=ended)
    text = ngettext(
        "You have been logged out of one other browser.",
        "You have been logged out of %(ended)d other browsers.",
        ended,
    )
    nowhere = _("You were not logged in anywhere else.")
    messages.success(request, text % {"ended": ended} if ended else nowhere)
    return redirect("admin:account")


class OwnPasswordForm(AdminPasswordChangeForm):
    """Checks the old password as the login does: wrong ones count towards the lockout."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        if not is_confirmed(self.request, self.user, typed):
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return typed


class PasswordView(AdminPage, AsksPassword, PasswordChangeView):
    """Changes the user's password, which ends all their other logins."""

    form_class = OwnPasswordForm
    template_name = "admin/account_password.html"
    success_url = reverse_lazy("admin:account")

    @transaction.atomic
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen_by_owner(logged_in(self.request))
        end_sessions(logged_in(self.request), but=self.request.session.session_key)
        said = _("Your password has been changed. You have been logged out of all other browsers.")
        messages.success(self.request, said)
        return response
