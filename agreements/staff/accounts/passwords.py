"""Forgotten passwords: a link by e-mail where the site sends mail, otherwise whom to ask.

The pages belong to the login and are open to everybody. They say the same whether or not an e-mail address is known.
"""

from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain.choices import MailKind
from agreements.notifications.outbox import post
from agreements.security import security_log
from agreements.security.client_address import client_address
from agreements.security.initial_passwords import chosen_by_owner
from agreements.security.lockouts import remember_browser
from agreements.security.sessions import end_sessions
from agreements.staff.accounts.pages import AdminPage

AN_HOUR = 60 * 60
# Per hour. A whole ministry may share one IP address.
MOST_TO_AN_ADDRESS = 3
MOST_FROM_A_CLIENT = 10


class ForgottenView(AdminPage, auth_views.PasswordResetView):
    """Mails a link for a new password; where the site sends no mail, says whom to ask."""

    success_url = reverse_lazy("admin:password_reset_done")
    title = gettext_lazy("Forgot your password?")

    def get_template_names(self) -> list[str]:
        return [
            "admin/password_forgotten.html" if settings.MAIL_SERVER else "admin/password_ask.html"
        ]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.MAIL_SERVER:
            return self.get(request)
        security_log.note("password_link_asked")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Post the link, or nothing after too many requests; the visitor sees the same page.

        Whether somebody has this address is looked up after the answer: until then a request does the same for all.
        """
        to, client = form.cleaned_data["email"], client_address(self.request) or ""
        name = to.casefold()
        limits = (("address", name, MOST_TO_AN_ADDRESS), ("client", client, MOST_FROM_A_CLIENT))
        # counts both, even if the first is over its limit
        over = [whose for whose, who, most in limits if _asked(whose, who) > most]
        if over:
            security_log.note_refusal("password_link_refused", too_many_for=over)
        else:
            post(MailKind.PASSWORD_LINK, to=to)
        return HttpResponseRedirect(str(self.success_url))


def _asked(whose: str, name: str) -> int:
    """Count this request and return how many this name made in the hour since its first.

    Where the cache is not shared each process counts for itself; a cache that is down counts nothing.
    """
    cache = caches["counters"]
    key = f"password-link:{whose}:{sha256(name.encode()).hexdigest()}"
    cache.add(key, 0, timeout=AN_HOUR)
    try:
        return int(cache.incr(key) or 1)
    except ValueError:
        return 1


class SentView(AdminPage, auth_views.PasswordResetDoneView):
    template_name = "admin/password_sent.html"
    title = gettext_lazy("Check your e-mail")


class ChooseView(AdminPage, auth_views.PasswordResetConfirmView):
    """Accepts a new password from anyone who followed the link; the login still asks for a code."""

    template_name = "admin/password_choose.html"
    success_url = reverse_lazy("admin:login")
    title = gettext_lazy("Choose a new password")

    @transaction.atomic
    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(form.user)
        chosen_by_owner(form.user)
        # the link came to the owner's own mailbox
        remember_browser(response, form.user.get_username())
        said = _("Your password has been changed. Log in with the new one.")
        messages.success(self.request, said)
        return response
