"""Forms that were sent after the login had ended: kept while the user logs in again, then offered to be resent.

The admin's guard packs what a guest posted, the login page passes it on, and after the login `show_unsent` offers to
resend it with one click. What our own page posted with an outdated CSRF token is offered the same way. Files cannot be
kept; forms with passwords or codes are not kept on purpose.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

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
from django.views.decorators.http import require_safe

from agreements.security import security_log, sent_forms
from agreements.security.sent_forms import SentForm
from agreements.security.sessions import owner_of
from agreements.staff.accounts.pages import admin_page

FIELD = sent_forms.FIELD
SALT = sent_forms.SALT
KEPT_FOR = timedelta(hours=12)
# The packed form goes through the login page, whose other fields need little.
LONGEST = settings.GUEST_BODY_SIZE * 9 // 10


@dataclass(frozen=True)
class UnsentForm(SentForm):
    """A form with the id of the user who typed it."""

    typed_by: int | None


# Packing


def packed(request: HttpRequest) -> str:
    """Return what was posted as a signed text; empty if nothing was typed or it must not be kept."""
    form = SentForm.of(request)
    if form is None:
        return ""
    # the user who is logged in, or whose login has ended, as long as that is known
    typed_by = request.user.pk or owner_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    text = signing.dumps(asdict(form) | {"typed_by": typed_by}, salt=SALT, compress=True)
    return text if len(text) <= LONGEST else ""


def unpacked(text: str) -> UnsentForm | None:
    """Return the packed form; None for a text that we did not pack ourselves, or too long ago."""
    try:
        form = signing.loads(text, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return UnsentForm(**form)


# Sending again


def keep_for(request: HttpRequest, text: str) -> bool:
    """Offer the packed form to the user who has just logged in; return whether there is one to offer.

    Somebody else's form is dropped: it would be saved under the wrong name.
    """
    form = unpacked(text)
    if form and form.typed_by not in {None, request.user.pk}:
        messages.warning(request, _("A form that another user had filled in here was not saved."))
        return False
    if form:
        request.session[FIELD] = text
    return form is not None


def forget(request: HttpRequest) -> None:
    """Drop what was offered: the user has sent it, or something else."""
    request.session.pop(FIELD, None)


@require_safe
def show_unsent(request: HttpRequest) -> HttpResponse:
    """Offer the form that was not saved, to send with one click or to discard."""
    form = unpacked(request.session.get(FIELD, ""))
    if form is None:
        return redirect("admin:index")
    return admin_page(request, "unsent", _("Not saved yet"), form_again=form)


# Sent with an outdated token


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse forms that did not come from our own pages; offer the user the others again.

    Logging in changes the token, so a form opened before has an outdated one. Browsers report truthfully which site a
    form came from, so a form from ours is no forgery; one without that report is refused.
    """
    security_log.note_refusal("csrf_failed", reason=reason)
    own = f"{request.scheme}://{request.get_host()}"
    is_ours = request.headers.get("Origin") in {own, *settings.CSRF_TRUSTED_ORIGINS}
    if not (is_ours and request.path.startswith(reverse("admin:index"))):
        return render(request, "403_csrf.html", status=403)
    if request.path in {reverse("admin:login"), reverse("admin:sign_on")}:
        # again, with a valid token; a user who has since logged in is redirected from there
        target = request.POST.get(REDIRECT_FIELD_NAME, "")
        is_safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        return redirect_to_login(
            target if is_safe else reverse("admin:index"), reverse("admin:login")
        )
    text = packed(request)
    if not admin.site.has_permission(request):
        return admin.site.log_in_again(request, text)  # type: ignore[attr-defined]
    if text and keep_for(request, text):
        return redirect("admin:unsent")
    return render(request, "403_csrf.html", status=403)
