"""The admin as a place that one logs in to: who gets past its door, and the pages around the login and one's account.

`agreements.apps.RegisterAdminConfig` makes this the admin's site, so every screen is registered with it as usual.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from agreements.security import security_log
from agreements.staff.accounts import account, login, passwords, unsent
from agreements.staff.home.first_page import FirstPage
from agreements.staff.home.following import following_urls
from agreements.staff.home.help import help_urls

View = Callable[..., Any]


class StaffSite(FirstPage):
    """Django's admin with a second step at the login, an account page, and a door that loses nothing typed."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            *self._login_urls(),
            *self._account_urls(),
            *following_urls(self),
            *help_urls(self),
            *super().get_urls(),
        ]

    def _login_urls(self) -> list[URLPattern]:
        """For those who are not in yet: each view decides for itself whom it serves."""
        return [
            path("login/code/", login.SecondStepView.as_view(), name="login_code"),
            path("login/set-up/", login.SetUpView.as_view(), name="login_set_up"),
            path("password/", passwords.ForgottenView.as_view(), name="password_reset"),
            path("password/sent/", passwords.SentView.as_view(), name="password_reset_done"),
            path(
                "password/<uidb64>/<token>/",
                passwords.ChooseView.as_view(),
                name="password_reset_confirm",
            ),
        ]

    def _account_urls(self) -> list[URLPattern]:
        def staff(view: type[Any]) -> View:
            return self.admin_view(view.as_view())

        return [
            path("unsent/", staff(unsent.UnsentView), name="unsent"),
            path("account/", staff(account.AccountView), name="account"),
            path("account/set-up/", staff(account.TurnOnView), name="account_set_up"),
            path("account/off/", staff(account.TurnOffView), name="account_off"),
            path("account/codes/", staff(account.NewCodesView), name="account_codes"),
            path("account/sessions/", staff(account.EndSessionsView), name="account_sessions"),
            # instead of Django's page of this name, which stands behind it
            path("password_change/", staff(account.PasswordView), name="password_change"),
        ]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return login.StaffLoginView.as_view()(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let staff alone through to the view, and carry what a guest posted through the login."""
        guarded = super().admin_view(view, cacheable)

        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if _holds_null(request):
                reason = _("It holds a null character, which no text of the register has.")
                context = {"reasons": [reason], "instead": request.path}
                return render(request, "400.html", context, status=400)
            if request.method == "POST":
                if self.has_permission(request):
                    unsent.forget(request)
                elif text := unsent.packed(request):
                    return self.log_in_again(request, text)
            return guarded(request, *args, **kwargs)

        return update_wrapper(door, guarded)

    def log_in_again(self, request: HttpRequest, text: str) -> HttpResponse:
        """Refuse what was posted, with a login form that carries it."""
        security_log.note_refusal("login_needed")
        context = {
            **self.each_context(request),
            "title": _("Log in to go on"),
            "form": login.StaffLoginForm(request),
            "next": request.get_full_path(),
            "unsent": text,
        }
        response = render(request, "admin/login.html", context, status=403)
        add_never_cache_headers(response)
        return response


def _holds_null(request: HttpRequest) -> bool:
    """Whether the query of the address holds the one character that PostgreSQL keeps in no text."""
    return any("\0" in text for name, values in request.GET.lists() for text in (name, *values))
