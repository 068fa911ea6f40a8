"""The admin's site: the guard that lets only staff in, and the pages for login, account, Help and following.

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
    """Django's admin with two-factor at the login, an account page, and a guard that loses nothing users typed."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            *self._login_urls(),
            *self._account_urls(),
            *following_urls(self),
            *help_urls(self),
            *super().get_urls(),
        ]

    def _login_urls(self) -> list[URLPattern]:
        """Pages for people who are not logged in yet: each view decides whom it serves."""
        return [
            path("login/code/", login.TwoFactorView.as_view(), name="login_code"),
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
            # replaces Django's own page, which comes later in the list
            path("password_change/", staff(account.PasswordView), name="password_change"),
        ]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return login.StaffLoginView.as_view()(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let only staff through to the view, and keep what a guest posted until after the login."""
        guarded = super().admin_view(view, cacheable)

        def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # The one character that PostgreSQL cannot store in a text.
            if any("\0" in text for name, texts in request.GET.lists() for text in (name, *texts)):
                reason = _("It contains a null character, which the register does not accept.")
                context = {"reasons": [reason], "instead": request.path}
                return render(request, "400.html", context, status=400)
            if request.method == "POST":
                if self.has_permission(request):
                    unsent.forget(request)
                elif text := unsent.packed(request):
                    return self.log_in_again(request, text)
            return guarded(request, *args, **kwargs)

        return update_wrapper(guard, guarded)

    def log_in_again(self, request: HttpRequest, text: str) -> HttpResponse:
        """Refuse what was posted, with a login form that holds on to it."""
        security_log.note_refusal("login_needed")
        context = {
            **self.each_context(request),
            "title": _("Log in to continue"),
            "form": login.StaffLoginForm(request),
            "next": request.get_full_path(),
            "unsent": text,
        }
        response = render(request, "admin/login.html", context, status=403)
        add_never_cache_headers(response)
        return response
