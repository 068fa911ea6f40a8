"""Logging in: the password, and then a code from users with two-factor authentication.

Until the code is accepted nobody is logged in: the session only remembers whose password was right. So the admin,
downloads and templates see a guest, without having to know about two-factor.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login as begin_session
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django_otp.models import Device

from agreements.security import security_log, two_factor
from agreements.security.client_address import client_address
from agreements.security.initial_passwords import chosen_by_owner, is_initial
from agreements.security.lockouts import locked_until, remember_browser
from agreements.security.sessions import AUTH_TIME, BROWSER, OPENED_FROM, SIGNED_ON, end_sessions
from agreements.staff.accounts import pages, unsent

HALFWAY = "login_halfway"
# Between the password and the code.
LONGEST_PAUSE = timedelta(minutes=10)


class StaffLoginForm(AdminAuthenticationForm):
    """Name and password; people who are not staff are refused, and that is logged."""

    def confirm_login_allowed(self, user: User) -> None:
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            security_log.note_refusal("login_failed", user=user.get_username(), why="not staff")
            raise


@method_decorator(never_cache, name="dispatch")
class StaffLoginView(pages.AdminPage, LoginView):
    """Asks for name and password, and continues with the code for users who have or need two-factor."""

    authentication_form = StaffLoginForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return _known(request, super().dispatch(request, *args, **kwargs))

    def get_context_data(self, **kwargs: object) -> pages.Context:
        typed = self.request.POST.get(unsent.FIELD, "")
        return super().get_context_data(title=_("Log in"), unsent=typed, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user, target = form.get_user(), self.get_success_url()
        typed = self.request.POST.get(unsent.FIELD, "")
        if two_factor.phone_of(user):
            then = "admin:login_code"
        elif settings.REQUIRE_TOTP:
            then = "admin:login_set_up"
        elif is_initial(user):
            then = "admin:login_password"
        else:
            return redirect(begin(self.request, user, target, typed))
        # in a new session, in which nobody is logged in
        self.request.session.flush()
        self.request.session[HALFWAY] = {
            "user_pk": user.pk,
            # changes with the password, so that a new password ends this as it ends sessions
            "password_was": user.get_session_auth_hash(),
            "backend": user.backend,
            "at": timezone.now().isoformat(),
            "target": target,
            "typed": typed,
        }
        return redirect(then)


def begin(request: HttpRequest, user: User, target: str, typed: str) -> str:
    """Begin a session under a new key; return the next URL: the target, or a form that was not sent."""
    begin_session(request, user)
    for leftover in (HALFWAY, SIGNED_ON, AUTH_TIME, pages.NEW_KEY, unsent.FIELD):
        request.session.pop(leftover, None)
    request.session[OPENED_FROM] = client_address(request) or ""
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:200]
    return reverse("admin:unsent") if unsent.keep_for(request, typed) else target


def _known(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Let the response mark the browser as one in which the user has logged in."""
    if request.method == "POST" and request.user.is_authenticated:
        remember_browser(response, request.user.get_username())
    return response


class HalfwayView(pages.AdminPage, FormView):
    """A page only for users who gave the right password a short time ago and have not changed it since."""

    user: User

    @method_decorator([sensitive_post_parameters(), never_cache])
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        halfway = request.session.get(HALFWAY, {})
        user = User.objects.filter(pk=halfway.get("user_pk"), is_active=True).first()
        if (
            user is None
            or timezone.now() - datetime.fromisoformat(halfway["at"]) > LONGEST_PAUSE
            or not constant_time_compare(halfway["password_was"], user.get_session_auth_hash())
        ):
            return redirect("admin:login")
        self.user = user
        if owed := self.owed():
            return redirect(owed)
        return _known(request, super().dispatch(request, *args, **kwargs))

    def owed(self) -> str:
        """Return the page that must come before this one; empty if there is none."""
        return ""

    @property
    def person(self) -> User:
        return self.user

    def get_context_data(self, **kwargs: object) -> pages.Context:
        return super().get_context_data(person=self.user, **kwargs)

    def let_in(self) -> str:
        """Begin the session of the user, verified by the device that accepted a code; return the next URL."""
        halfway = self.request.session[HALFWAY]
        self.user.backend = halfway["backend"]
        device = Device.from_persistent_id(halfway.get("device", ""))
        self.user.otp_device = device  # type: ignore[attr-defined]  # django-otp reads it
        return begin(self.request, self.user, halfway["target"], halfway["typed"])

    def after_code(self, device: Device) -> str:
        """Return the next URL: users with an initial password choose another before they are let in."""
        halfway = self.request.session[HALFWAY]
        self.request.session[HALFWAY] = {**halfway, "device": device.persistent_id}
        return reverse("admin:login_password") if is_initial(self.user) else self.let_in()


class TwoFactorView(HalfwayView, pages.CodeView):
    """Asks users with two-factor for the code."""

    template_name = "admin/login_code.html"
    extra_context = {"title": gettext_lazy("Two-factor authentication")}

    def accepted(self, device: Device) -> HttpResponse:
        return redirect(self.after_code(device))


class RequiredSetUpView(HalfwayView, pages.SetUpView):
    """Makes users set up two-factor before they get in, where the site requires it."""

    template_name = "admin/login_set_up.html"

    def turned_on(self) -> str:
        return self.after_code(two_factor.phone_of(self.user))


class InitialPasswordView(HalfwayView):
    """Makes users replace a password that somebody else has set, after everything else the login asks for."""

    form_class = SetPasswordForm
    template_name = "admin/login_password.html"
    extra_context = {"title": gettext_lazy("Choose your own password")}

    def owed(self) -> str:
        if "device" in self.request.session[HALFWAY]:
            return ""
        if two_factor.phone_of(self.user):
            return "admin:login_code"
        return "admin:login_set_up" if settings.REQUIRE_TOTP else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    @transaction.atomic
    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        if self.user.check_password(form.cleaned_data["new_password1"]):
            form.add_error(
                "new_password1", _("This is the password you were given. Choose another.")
            )
            return self.form_invalid(form)
        form.save()
        chosen_by_owner(self.user)
        end_sessions(self.user)
        return redirect(self.let_in())


def locked_out(
    request: HttpRequest, response: object = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """Say until when the login is locked for this name from this IP address; django-axes calls this."""
    until = locked_until(request, credentials)
    page = render(request, "429.html", {"until": pages.in_words(until)}, status=429)
    page["Retry-After"] = str(max(1, round((until - timezone.now()).total_seconds())))
    return page
