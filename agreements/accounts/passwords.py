"""A forgotten password: a link by mail where the site sends mail, and otherwise whom to ask.

The pages belong to the login and are open to everybody. They say the same whether or not an address is known.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import (
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import audit
from agreements.session_store import end_sessions


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
        audit.note("password_link_asked")
        return super().post(request, *args, **kwargs)


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
