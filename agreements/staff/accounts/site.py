"""The admin's site: the guard that lets only staff in, and the pages for login, account, Help and following.

`agreements.apps.RegisterAdminConfig` makes this the admin's site, so every screen is registered with it as usual.
"""

from functools import partial, update_wrapper
from http.client import FOUND
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from agreements.curation.work_queue import Asked
from agreements.security import security_log
from agreements.security.people import logged_in
from agreements.security.sessions import SIGNED_ON
from agreements.staff import unsaved
from agreements.staff.accounts import account, login, passwords, sign_on, unsent
from agreements.staff.accounts.pages import Context, admin_page
from agreements.staff.home import following
from agreements.staff.home.find import find
from agreements.staff.home.first_page import greeting, home_of
from agreements.staff.home.help import show_guide


class StaffSite(AdminSite):
    """Django's admin with two-factor at the login, an account page, and a guard that loses nothing users typed."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the URLs of the pages around the register's screens, before Django's own."""
        for_guests = (
            ("login/code/", login.TwoFactorView, "login_code"),
            ("login/set-up/", login.RequiredSetUpView, "login_set_up"),
            ("login/password/", login.InitialPasswordView, "login_password"),
            ("sign-on/", sign_on.StartView, "sign_on"),
            ("sign-on/back/", sign_on.BackView, "sign_on_back"),
            ("password/", passwords.ForgottenView, "password_reset"),
            ("password/sent/", passwords.SentView, "password_reset_done"),
            ("password/<uidb64>/<token>/", passwords.ChooseView, "password_reset_confirm"),
        )
        for_staff = (
            ("unsent/", unsent.show_unsent, "unsent"),
            ("account/", account.AccountView.as_view(), "account"),
            ("account/set-up/", account.TurnOnView.as_view(), "account_set_up"),
            ("account/off/", account.TurnOffView.as_view(), "account_off"),
            ("account/codes/", account.NewCodesView.as_view(), "account_codes"),
            ("account/sign-on/", sign_on.ConnectView.as_view(), "account_sign_on"),
            ("account/confirm/", sign_on.ConfirmView.as_view(), "account_confirm"),
            ("account/sessions/", account.end_other_sessions, "account_sessions"),
            # replaces Django's own page, which comes later in the list
            ("password_change/", account.PasswordView.as_view(), "password_change"),
            ("find/", partial(find, site=self), "find"),
            ("following/", following.following, "following"),
            ("following/agreements/<int:pk>/", following.follow_one, "follow_agreement"),
            ("following/<int:pk>/stop/", following.unfollow, "unfollow"),
            ("following/reviews/", following.review_mails, "review_mails"),
            ("following/calendar/", following.new_calendar, "calendar_address"),
            ("following/calendar/revoke/", following.revoke_calendar, "calendar_revoke"),
            ("help/", partial(show_guide, name="help"), "help"),
            ("help/importing/", partial(show_guide, name="help_importing"), "help_importing"),
        )
        return [
            # the pages for guests make their own checks
            *(path(route, view.as_view(), name=name) for route, view, name in for_guests),
            *(path(route, self.admin_view(view), name=name) for route, view, name in for_staff),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: Context | None = None) -> TemplateResponse:
        """Show the staff home: what waits and what is due, above the register's screens."""
        user, now = logged_in(request), timezone.localtime()
        context = {
            "title": greeting(user.get_short_name() or user.get_username(), now),
            "now": now,
            "home": home_of(Asked(user, now.date())),
        }
        return super().index(request, {**context, **(extra_context or {})})

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Context | None = None) -> Any:
        return login.StaffLoginView.as_view()(request)

    def each_context(self, request: HttpRequest) -> Context:
        """Return what every page shows, with the name of the single sign-on provider where there is one."""
        name = settings.OIDC_NAME if settings.OIDC_ISSUER else ""
        own = {"sign_on_name": name, **unsaved.context_for(request)}
        return {**super().each_context(request), **own}

    def logout(self, request: HttpRequest, extra_context: Context | None = None) -> Any:
        """Log out, have the browser drop what it kept of the pages, and offer to log out of the provider too.

        The session's cookie goes with the logout itself. Clear-Site-Data would take the cookies of every other site on
        the domain with it.
        """
        log_out_url = request.session.get(SIGNED_ON, "")
        response = super().logout(request, {**(extra_context or {}), "log_out_url": log_out_url})
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let only staff through to the view, and keep what a guest posted until after the login."""
        guarded = super().admin_view(view, cacheable)

        def guard(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if reason := _why_refused(request):
                context = {"reasons": [reason], "instead": request.path}
                return render(request, "400.html", context, status=400)
            if request.method == "POST":
                if self.has_permission(request):
                    unsent.forget(request)
                elif text := unsent.packed(request):
                    return self.log_in_again(request, text)
            response = guarded(request, *args, **kwargs)
            # a form that was refused is shown again instead
            if request.method == "POST" and response.status_code == FOUND:
                unsaved.note_saved(request)
            return response

        return update_wrapper(guard, guarded)

    def log_in_again(self, request: HttpRequest, text: str) -> HttpResponse:
        """Refuse what was posted, and show a login form that keeps it."""
        security_log.note_refusal("login_needed")
        response = admin_page(
            request,
            "login",
            _("Log in to continue"),
            status=403,
            form=login.StaffLoginForm(request),
            next=request.get_full_path(),
            unsent=text,
        )
        add_never_cache_headers(response)
        return response


def _why_refused(request: HttpRequest) -> str:
    """Return what is wrong with the parameters where Django, or the database, would fail; empty if nothing is."""
    # The one character that PostgreSQL cannot store in a text.
    if any("\0" in text for name, texts in request.GET.lists() for text in (name, *texts)):
        return _("It contains a null character, which the register does not accept.")
    # Django would look for a column with an empty name.
    if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
        return _("%(parameter)s is empty. Leave it out.") % {"parameter": TO_FIELD_VAR}
    return ""
