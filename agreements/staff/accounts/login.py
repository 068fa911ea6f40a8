"""Logging in: the password, and then a code from users with two-factor authentication.

Before the code nobody is logged in: the session only remembers whose password was right. So the admin, downloads and
templates see a guest, without having to know about two-factor.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth import login as begin_session
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from agreements.security import security_log, two_factor
from agreements.security.client_address import client_address
from agreements.security.sessions import BROWSER, OPENED_FROM
from agreements.staff.accounts import unsent
from agreements.staff.accounts.codes import (
    NEW_KEY,
    CodeForm,
    code_accepted,
    codes_page,
    key_in,
    turned_on,
)
from agreements.staff.accounts.pages import AdminPage

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
class StaffLoginView(AdminPage, LoginView):
    """Asks for name and password, and goes on to the code for users who have or need two-factor."""

    authentication_form = StaffLoginForm
    template_name = "admin/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Log in"),
            unsent=self.request.POST.get(unsent.FIELD, ""),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        user, target = form.get_user(), self.get_success_url()
        typed = self.request.POST.get(unsent.FIELD, "")
        if two_factor.phone_of(user):
            return _halfway(self.request, user, target, typed, then="admin:login_code")
        if settings.REQUIRE_TOTP:
            return _halfway(self.request, user, target, typed, then="admin:login_set_up")
        return redirect(_begin(self.request, user, target, typed))


def _begin(request: HttpRequest, user: User, target: str, typed: str) -> str:
    """Begin a session under a new key; return the URL to go on at: the target, or a form that was not sent."""
    begin_session(request, user)
    for leftover in (HALFWAY, NEW_KEY, unsent.FIELD):
        request.session.pop(leftover, None)
    request.session[OPENED_FROM] = client_address(request) or ""
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:200]
    return reverse("admin:unsent") if unsent.keep_for(request, typed) else target


# ---------------------------------------------------------------------- halfway


@dataclass(frozen=True)
class Halfway:
    """Whose password was right, when, and where that user wanted to go; stored in the guest's session."""

    user_pk: int
    # changes with the password, so that a new password ends this as it ends sessions
    password_was: str
    backend: str
    at: str
    target: str
    typed: str


def _halfway(
    request: HttpRequest, user: User, target: str, typed: str, *, then: str
) -> HttpResponse:
    """Remember whose password was right, in a new session in which nobody is logged in."""
    request.session.flush()
    halfway = Halfway(
        user_pk=user.pk,
        password_was=user.get_session_auth_hash(),
        backend=user.backend,
        at=timezone.now().isoformat(),
        target=target,
        typed=typed,
    )
    request.session[HALFWAY] = asdict(halfway)
    return redirect(then)


def _read_halfway(request: HttpRequest) -> tuple[Halfway, Any] | None:
    """Return what is remembered and its user; None when it is too long ago or no longer true."""
    kept = request.session.get(HALFWAY)
    if kept is None:
        return None
    halfway = Halfway(**kept)
    user = get_user_model().objects.filter(pk=halfway.user_pk, is_active=True).first()
    is_recent = timezone.now() - datetime.fromisoformat(halfway.at) <= LONGEST_PAUSE
    if (
        user is None
        or not is_recent
        or not constant_time_compare(halfway.password_was, user.get_session_auth_hash())
    ):
        return None
    user.backend = halfway.backend
    return halfway, user


class HalfwayView(AdminPage, FormView):
    """A page only for users whose password was right."""

    form_class = CodeForm
    halfway: Halfway
    user: User

    @method_decorator(sensitive_post_parameters("code"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = _read_halfway(request)
        if found is None:
            return redirect("admin:login")
        self.halfway, self.user = found
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(person=self.user, **kwargs)

    def let_in(self, device: Any) -> str:
        """Begin the session of the user, whom this device has verified; return the URL to go on at."""
        self.user.otp_device = device  # type: ignore[attr-defined]  # django-otp reads it
        return _begin(self.request, self.user, self.halfway.target, self.halfway.typed)


# ---------------------------------------------------------------------- the code


class TwoFactorView(HalfwayView):
    """Asks users with two-factor for the code."""

    template_name = "admin/login_code.html"
    extra_context = {"title": gettext_lazy("Two-factor authentication")}

    def form_valid(self, form: CodeForm) -> HttpResponse:
        device = code_accepted(form, self.user)
        return redirect(self.let_in(device)) if device else self.form_invalid(form)


class SetUpView(HalfwayView):
    """Makes users set up two-factor before they get in, where the site requires it."""

    template_name = "admin/login_set_up.html"
    extra_context = {"title": gettext_lazy("Set up two-factor authentication")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pairing = two_factor.pairing(self.user, key_in(self.request))
        return super().get_context_data(pairing=pairing, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        codes = turned_on(self.request, form, self.user)
        if codes is None:
            return self.form_invalid(form)
        target = self.let_in(two_factor.phone_of(self.user))
        return codes_page(self.request, codes, target)
