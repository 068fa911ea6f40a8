"""A forgotten password: a link by mail where the site sends mail, and otherwise whom to ask.

The pages belong to the login and are open to everybody. They say the same whether or not an address is known.
"""

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import (
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.security import security_log
from agreements.security.client_address import client_address
from agreements.security.sessions import end_sessions

AN_HOUR = 60 * 60
# An hour. A ministry stands behind one address of the network.
MOST_TO_AN_ADDRESS = 3
MOST_FROM_A_CLIENT = 10


def sends_mail() -> bool:
    """Whether the operator has told the site how to send mail."""
    return bool(settings.MAIL_SERVER)


class ForgottenView(PasswordResetView):
    """Mails a link to choose a new password; tells whom to ask where no mail is sent."""

    email_template_name = "admin/password_mail.txt"
    subject_template_name = "admin/password_mail_subject.txt"
    success_url = reverse_lazy("admin:password_reset_done")
    title = gettext_lazy("Forgotten password")

    @property
    def extra_email_context(self) -> dict[str, Any]:  # type: ignore[override]
        """Links begin with the site's own address, whatever name the request came in by."""
        address = urlsplit(settings.BASE_URL)
        return {"protocol": address.scheme, "domain": address.netloc, "site_name": "MoU Tracker"}

    def get_template_names(self) -> list[str]:
        return ["admin/password_forgotten.html" if sends_mail() else "admin/password_ask.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sends_mail():
            return self.get(request)
        security_log.note("password_link_asked")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the link, or nothing where too many were asked for: the visitor is told the same."""
        asked = {
            "address": (form.cleaned_data["email"].casefold(), MOST_TO_AN_ADDRESS),
            "client": (client_address(self.request) or "", MOST_FROM_A_CLIENT),
        }
        # both are counted, whichever of them is over
        over = [whose for whose, (name, most) in asked.items() if _asked(whose, name) > most]
        if over:
            security_log.note_refusal("password_link_refused", too_many_for=over)
            return HttpResponseRedirect(str(self.success_url))
        return super().form_valid(form)


def _asked(whose: str, name: str) -> int:
    """Count and return how often this name has asked within the hour that began when it asked first.

    Where the cache is not shared each process of the server counts for itself; a cache that is away counts nothing.
    """
    cache = caches["counters"]
    key = f"password-link:{whose}:{sha256(name.encode()).hexdigest()}"
    cache.add(key, 0, timeout=AN_HOUR)
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1


class SentView(PasswordResetDoneView):
    template_name = "admin/password_sent.html"
    title = gettext_lazy("Look into your mail")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)


class ChooseView(PasswordResetConfirmView):
    """Takes the new password of whoever followed the link; a second step is still asked for at the login."""

    template_name = "admin/password_choose.html"
    success_url = reverse_lazy("admin:login")
    title = gettext_lazy("Choose a new password")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(form.user)
        messages.success(self.request, _("Your password is changed. Log in with the new one."))
        return response
