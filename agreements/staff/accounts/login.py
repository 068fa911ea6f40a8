"""Logging in: the password, and then a code from users with two-factor authentication.

Until the code is accepted nobody is logged in: the session only remembers whose password was right. So the admin,
downloads and templates see a guest, without having to know about two-factor.
"""

from datetime import datetime, timedelta

from axes.helpers import get_client_ip_address, get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login as begin_session
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db.models import Max
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
from django_otp.models import Device

from agreements.security import security_log, two_factor
from agreements.security.client_address import client_address
from agreements.security.sessions import BROWSER, OPENED_FROM
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
        else:
            return redirect(_begin(self.request, user, target, typed))
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


def _begin(request: HttpRequest, user: User, target: str, typed: str) -> str:
    """Begin a session under a new key; return the next URL: the target, or a form that was not sent."""
    begin_session(request, user)
    for leftover in (HALFWAY, pages.NEW_KEY, unsent.FIELD):
        request.session.pop(leftover, None)
    request.session[OPENED_FROM] = client_address(request) or ""
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:200]
    return reverse("admin:unsent") if unsent.keep_for(request, typed) else target


class HalfwayView(pages.CodeView):
    """A page only for users who gave the right password a short time ago and have not changed it since."""

    user: User

    @method_decorator([sensitive_post_parameters("code"), never_cache])
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
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        return self.user

    def get_context_data(self, **kwargs: object) -> pages.Context:
        return super().get_context_data(person=self.user, **kwargs)

    def let_in(self, device: Device | None) -> str:
        """Begin the session of the user, whom this device has verified; return the next URL."""
        halfway = self.request.session[HALFWAY]
        self.user.backend = halfway["backend"]
        self.user.otp_device = device  # type: ignore[attr-defined]  # django-otp reads it
        return _begin(self.request, self.user, halfway["target"], halfway["typed"])


class TwoFactorView(HalfwayView):
    """Asks users with two-factor for the code."""

    template_name = "admin/login_code.html"
    extra_context = {"title": gettext_lazy("Two-factor authentication")}

    def accepted(self, device: Device) -> HttpResponse:
        return redirect(self.let_in(device))


class RequiredSetUpView(HalfwayView, pages.SetUpView):
    """Makes users set up two-factor before they get in, where the site requires it."""

    template_name = "admin/login_set_up.html"

    def turned_on(self) -> str:
        return self.let_in(two_factor.phone_of(self.user))


def locked_out(
    request: HttpRequest, response: object = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """Say until when the login is locked for this name from this IP address; django-axes calls this."""
    attempts = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials),
        ip_address=get_client_ip_address(request),
    )
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    until = last + get_cool_off(request)
    page = render(request, "429.html", {"until": pages.in_words(until)}, status=429)
    page["Retry-After"] = str(max(1, round((until - timezone.now()).total_seconds())))
    return page
