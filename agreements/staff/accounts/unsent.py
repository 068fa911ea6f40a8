"""A form that was filled in while the login ran out: carried through logging in again, and offered to its writer.

The site's guard packs what a guest posted, the login page hands it on, and after the login the page `UnsentView`
sends it again at a click. What was posted with an outdated token from our own page is offered the same way. Files
cannot be carried, and neither are forms with passwords or codes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from agreements.security import security_log
from agreements.security.sessions import owner_of

FIELD = "unsent"
SALT = "agreements.staff.accounts.unsent"
KEPT_FOR = timedelta(hours=12)
# The packed form passes through the login page and lies in the session: half of what a request may hold.
LONGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2


@dataclass(frozen=True)
class UnsentForm:
    """Where it was to go, what was typed, the files that have to be chosen again, and the id of who typed it."""

    path: str
    fields: list[list[str]]
    files: list[list[str]]
    typed_by: int | None


# Packing


def packed(request: HttpRequest) -> str:
    """Return what was posted as a signed text; empty where nothing was typed or it must not be carried."""
    fields = [[name, value] for name, values in request.POST.lists() for value in values]
    typed = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
    if not typed or any(_is_secret(name) for name, _value in typed):
        return ""
    form = {
        "path": request.get_full_path(),
        "fields": typed,
        "files": [[name, file.name] for name, files in request.FILES.lists() for file in files],
        "typed_by": _writer(request),
    }
    text = signing.dumps(form, salt=SALT, compress=True)
    return text if len(text) <= LONGEST else ""


def _is_secret(name: str) -> bool:
    return name == "code" or "password" in name


def _writer(request: HttpRequest) -> int | None:
    """Return who typed it: who is logged in, or whose login has run out; None when that cannot be told any more."""
    return request.user.pk or owner_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def unpacked(text: str) -> UnsentForm | None:
    """Return the form that was packed; None for what we did not pack ourselves, or too long ago."""
    try:
        form = signing.loads(text, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return UnsentForm(**form)


# Sending again


def keep_for(request: HttpRequest, text: str) -> bool:
    """Offer the packed form to the person who just logged in; return whether there is one to offer.

    Somebody else's is dropped: it would be saved under the wrong name.
    """
    form = unpacked(text)
    if form and form.typed_by not in {None, request.user.pk}:
        messages.warning(
            request,
            _("What was typed here under another login was not saved, for that was not yours."),
        )
        return False
    if form:
        request.session[FIELD] = text
    return form is not None


def forget(request: HttpRequest) -> None:
    """Drop what was offered: the person has sent it, or something else."""
    if FIELD in request.session:
        del request.session[FIELD]


class UnsentView(TemplateView):
    """The form that was not sent, to be sent at a click or left."""

    template_name = "admin/unsent.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = unpacked(request.session.get(FIELD, ""))
        if form is None:
            return redirect("admin:index")
        context = {
            **admin.site.each_context(request),
            "title": _("Not saved yet"),
            "form_again": form,
        }
        return self.render_to_response(context)


# Sent with an outdated token


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse what no page of ours sent; offer what our own page sent to its writer once more.

    Logging in changes the token, so a form opened before carries an outdated one. A browser says truly which site a
    form came from, so what came from ours is no forgery, and what says nothing of it is refused.
    """
    security_log.note_refusal("csrf_failed", reason=reason)
    if not (_is_ours(request) and request.path.startswith(reverse("admin:index"))):
        return render(request, "403_csrf.html", status=403)
    if request.path == reverse("admin:login"):
        return _back_to_login(request)
    text = packed(request)
    if not admin.site.has_permission(request):
        return admin.site.log_in_again(request, text)  # type: ignore[attr-defined]
    if text and keep_for(request, text):
        return redirect("admin:unsent")
    return render(request, "403_csrf.html", status=403)


def _is_ours(request: HttpRequest) -> bool:
    own = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") in {own, *settings.CSRF_TRUSTED_ORIGINS}


def _back_to_login(request: HttpRequest) -> HttpResponse:
    """Show the login page with a token that is valid; who has logged in meanwhile is led on by it."""
    target = request.POST.get(REDIRECT_FIELD_NAME, "")
    is_safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect_to_login(target if is_safe else reverse("admin:index"), reverse("admin:login"))
