"""Logging in through the single sign-on provider, and connecting a local account to it.

A person is found by the provider's identifier, never by e-mail. Their roles follow from their groups at every login;
without a role there is no login and no account. Superusers log in locally: nobody at the provider can become one.
"""

import re

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView, View

from agreements.domain.permissions import StaffRole
from agreements.models import ProviderAccount
from agreements.security import security_log
from agreements.security.password_again import is_fresh
from agreements.security.people import logged_in
from agreements.security.sessions import AUTH_TIME, SIGNED_ON, end_sessions
from agreements.staff.accounts import provider, unsent
from agreements.staff.accounts.login import begin
from agreements.staff.accounts.pages import AdminPage, AsksPassword, Context, admin_page
from agreements.staff.accounts.password_again import PasswordAgainForm
from agreements.staff.accounts.provider import Login, SignOnError

BACKEND = "django.contrib.auth.backends.ModelBackend"
LONGEST_NAME = 140


class NoRoleError(SignOnError):
    says = gettext_lazy(
        "You are in none of the groups that may work in this register. Ask your administrator to add you to one."
    )


class ClosedAccountError(SignOnError):
    says = gettext_lazy("Your account in this register is closed. Ask an administrator.")


class SuperuserError(SignOnError):
    says = gettext_lazy("Superusers log in with their password.")


class TakenError(SignOnError):
    says = gettext_lazy("This account is already connected to another one. Ask an administrator.")


class OtherPersonError(SignOnError):
    says = gettext_lazy("You logged in there as somebody else. Nothing was confirmed.")


class NotFreshError(SignOnError):
    says = gettext_lazy(
        "It did not say that you gave your password there just now, so nothing was confirmed. Tell the operator."
    )


# Logging in


@method_decorator(never_cache, name="dispatch")
class SignOnView(View):
    """A page of the login, where the site has a provider."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            return super().dispatch(request, *args, **kwargs)
        except SignOnError as error:
            return _refused(request, error)


class StartView(SignOnView):
    """Sends people to the provider, and remembers where they wanted to go and the form they had not sent."""

    def post(self, request: HttpRequest) -> HttpResponse:
        target = request.POST.get(REDIRECT_FIELD_NAME, "")
        hosts, secure = {request.get_host()}, request.is_secure()
        is_safe = url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=secure)
        form = unsent.unpacked(text := request.POST.get(unsent.FIELD, ""))
        if form and form.typed_by is None:
            # anybody could fill the table of sessions with them
            messages.warning(
                request, _("What you had typed could not be kept. Go back to send it again.")
            )
            form = None
        return _leave(
            request,
            target=target if is_safe else reverse("admin:index"),
            typed=text if form else "",
        )


class BackView(SignOnView):
    """Lets in people who come back from the provider."""

    def get(self, request: HttpRequest) -> HttpResponse:
        login = provider.finish(request)
        if connecting := login.started.get("connecting"):
            return _connect(request, login, connecting)
        if confirming := login.started.get("confirming"):
            return _confirm(request, login, confirming)
        user = _admitted(login)
        user.backend = BACKEND
        security_log.note("sign_on", user=user.get_username(), subject=login.subject)
        target = begin(request, user, login.started["target"], login.started["typed"])
        request.session[SIGNED_ON] = login.log_out_url
        request.session[AUTH_TIME] = login.auth_time
        return redirect(target)


def _leave(request: HttpRequest, *, fresh: bool = False, **started: object) -> HttpResponse:
    """Show a page that goes on to the provider by itself.

    A redirect would be part of submitting the form, which the Content-Security-Policy allows to our own site only, and
    providers redirect further to hosts that nobody can list.
    """
    url = provider.begin(request, fresh=fresh, **started)
    page = admin_page(request, "sign_on", _("Continue to log in"), url=url)
    page["Refresh"] = f"0; url={url}"
    return page


def _refused(request: HttpRequest, error: SignOnError) -> HttpResponse:
    security_log.note_refusal("sign_on_refused", why=error.why)
    return admin_page(
        request, "sign_on_refused", _("You are not logged in"), status=error.status, says=error.says
    )


# Accounts and roles


def _admitted(login: Login) -> User:
    """Return the person's account with their current roles, name and address; the first login creates it."""
    roles = {settings.OIDC_ROLES[group] for group in login.groups & settings.OIDC_ROLES.keys()}
    account = _account(login)
    if account is None and roles:
        account = _new_account(login)
    if account is None:
        raise NoRoleError(f"no role: {login.subject}")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=account.user_id)
        if not (user.is_active and user.is_staff):
            raise ClosedAccountError(f"closed account: {user.username}")
        if user.is_superuser:
            raise SuperuserError(f"superuser: {user.username}")
        given, own = Q(name__in=roles), Q(user=user) & ~Q(name__in=list(StaffRole))
        user.groups.set(Group.objects.filter(given | own).distinct())
        _update(user, login)
    if not roles:
        end_sessions(user)
        raise NoRoleError(f"no role: {user.username}")
    return user


def _account(login: Login) -> ProviderAccount | None:
    accounts = ProviderAccount.objects.filter(issuer=settings.OIDC_ISSUER, subject=login.subject)
    return accounts.first()


def _new_account(login: Login) -> ProviderAccount | None:
    """Make an account without a password; if two logins make it at the same moment, return the other's."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(_free_name(login), is_staff=True)
            return ProviderAccount.objects.create(
                user=user, issuer=settings.OIDC_ISSUER, subject=login.subject
            )
    except IntegrityError:
        return _account(login)


def _free_name(login: Login) -> str:
    """Return a username like the provider's that nobody has in any capitalisation."""
    wanted = login.text("preferred_username") or login.text("email") or login.subject
    name = User.normalize_username(re.sub(r"[^\w.@+-]", "", wanted)[:LONGEST_NAME]) or "staff"
    if User.objects.filter(username__iexact=name).exists():
        return f"{name}-{get_random_string(8).lower()}"
    return name


def _update(user: User, login: Login) -> None:
    """Take over the name, and the e-mail address if the provider has verified it."""
    said = {"first_name": login.text("given_name"), "last_name": login.text("family_name")}
    if login.claims.get("email_verified") is True and _is_email(
        address := login.text("email", 254)
    ):
        said["email"] = address
    changed = {name: text for name, text in said.items() if text and getattr(user, name) != text}
    for name, text in changed.items():
        setattr(user, name, text)
    if changed:
        user.save()


def _is_email(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


# Connecting a local account


class ConnectView(AdminPage, AsksPassword):
    """Connects the user's local account to the provider, or disconnects it, after asking for the password."""

    form_class = PasswordAgainForm
    template_name = "admin/account_sign_on.html"

    @method_decorator([sensitive_post_parameters("current_password"), never_cache])
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        user = logged_in(request)
        if not settings.OIDC_ISSUER or user.is_superuser or not user.has_usable_password():
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except SignOnError as error:
            return _refused(request, error)

    def get_context_data(self, **kwargs: object) -> Context:
        is_connected = is_connected_to_provider(logged_in(self.request))
        title = (
            _("Disconnect from single sign-on")
            if is_connected
            else _("Connect with single sign-on")
        )
        return super().get_context_data(title=title, is_connected=is_connected, **kwargs)

    def form_valid(self, form: PasswordAgainForm) -> HttpResponse:
        user = logged_in(self.request)
        if not is_connected_to_provider(user):
            return _leave(self.request, connecting=user.pk)
        user.provider_accounts.filter(issuer=settings.OIDC_ISSUER).delete()
        security_log.note_of(user, "sign_on_disconnected")
        messages.success(self.request, _("You now log in with your password only."))
        return redirect("admin:account")


def is_connected_to_provider(user: User) -> bool:
    """Whether this account can log in through the present provider; one query."""
    return ProviderAccount.objects.filter(user=user, issuer=settings.OIDC_ISSUER).exists()


def _connect(request: HttpRequest, login: Login, connecting: int) -> HttpResponse:
    """Connect the account that started this, if it is still logged in and neither side is connected yet."""
    user = logged_in(request)
    if user.pk != connecting or not admin.site.has_permission(request) or user.is_superuser:
        raise provider.NotStartedHereError("connecting another account")
    try:
        with transaction.atomic():
            ProviderAccount.objects.create(
                user=user, issuer=settings.OIDC_ISSUER, subject=login.subject
            )
            security_log.note_of(user, "sign_on_connected", subject=login.subject)
    except IntegrityError as error:
        raise TakenError(f"already connected: {login.subject}") from error
    said = _(
        "Your account is connected. After your next login with %(name)s, it decides your roles."
    )
    messages.success(request, said % {"name": settings.OIDC_NAME})
    return redirect("admin:account")


# Confirming who is at the keyboard


class ConfirmView(AdminPage, TemplateView):
    """Sends users who have no password here to the provider, to give theirs there once more."""

    template_name = "admin/account_confirm.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        user = logged_in(request)
        if user.has_usable_password() or not is_connected_to_provider(user):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except SignOnError as error:
            return _refused(request, error)

    def get_context_data(self, **kwargs: object) -> Context:
        return super().get_context_data(title=_("Confirm that it is you"), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        return _leave(request, fresh=True, confirming=logged_in(request).pk)


def _confirm(request: HttpRequest, login: Login, confirming: int) -> HttpResponse:
    """Note when the person gave their password to the provider, if it is the user who began this."""
    user, account = logged_in(request), _account(login)
    if user.pk != confirming or not admin.site.has_permission(request):
        raise provider.NotStartedHereError("confirming for another account")
    if account is None or account.user_id != user.pk:
        raise OtherPersonError(f"confirmed by another person: {login.subject}")
    if not is_fresh(login.auth_time):
        raise NotFreshError(f"auth_time: {login.auth_time}")
    request.session.cycle_key()
    request.session[AUTH_TIME] = login.auth_time
    security_log.note("sign_on_confirmed")
    messages.success(request, _("Confirmed. Within five minutes, do again what asked for it."))
    return redirect("admin:account")
