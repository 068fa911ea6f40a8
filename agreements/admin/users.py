"""The accounts of the staff: an administrator adds colleagues, gives them roles and closes unused accounts.

You can only grant rights you hold yourself, and only manage accounts that hold no more than yours: otherwise setting a
superuser's password would make you one. Superusers keep Django's own screen.

An administrator also lets in colleagues who typed too many wrong passwords, and turns two-factor off for those who have
lost their phone. `agreements.staff.accounts` and django-axes define what a lockout is; no screen shows the keys and
codes of two-factor.
"""

from typing import Any, ClassVar

from axes.helpers import get_failure_limit
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Exists, ManyToManyField, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from agreements.admin.entry import MomentInput
from agreements.admin.screens import Pages
from agreements.models import ProviderAccount
from agreements.security import security_log, two_factor
from agreements.security.initial_passwords import mark_as_initial
from agreements.security.lockouts import attempts_against, wait_for_name
from agreements.security.sessions import end_sessions
from agreements.staff.accounts.password_again import refuse_others


def permissions_of(account: User | AnonymousUser) -> QuerySet[Permission]:
    """Return the rights of an account other than a superuser's, from its groups and its own; of closed ones too."""
    return Permission.objects.filter(Q(group__user=account) | Q(user=account)).distinct()


def may_manage(user: User | AnonymousUser, account: User) -> bool:
    """Return whether this user may change that account, its roles and its password; one query unless a superuser."""
    if user.is_superuser:
        return True
    beyond = permissions_of(account).exclude(pk__in=permissions_of(user).values("pk"))
    return not account.is_superuser and not beyond.exists()


def grantable_groups(user: User | AnonymousUser) -> QuerySet[Group]:
    """Return the groups this user may put others in: those that grant nothing beyond the user's own rights."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=permissions_of(user).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


class SetPasswordForm(AdminPasswordChangeForm):
    """Sets the password of a colleague, who must choose another at the next login."""

    def save(self, commit: bool = True) -> User:
        account: User = super().save(commit)
        mark_as_initial(account)
        return account


class OwnAccountForm(UserChangeForm):
    """The form of the user's own account, which asks for the password before it changes the e-mail address."""

    request: HttpRequest
    current_password = forms.CharField(
        label=_("Your password"),
        required=False,
        strip=False,
        help_text=_("Only needed to change your e-mail address."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "email" in self.changed_data and not self.errors:
            refuse_others(self.request, self, "current_password")
        return cleaned


# Their screens would show every colleague's key.
admin.site.unregister([User, StaticDevice, TOTPDevice])


@admin.register(User)
class AccountAdmin(Pages, UserAdmin):
    pages: ClassVar = {
        "end_lockout": "<int:pk>/lockout/",
        "sign_on": "<int:pk>/sign-on/",
        "two_factor": "<int:pk>/second-step/",
    }
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups",)}),
        (_("Password"), {"fields": ("password1", "password2")}),
    )
    # with a password: it is the only way to log in
    add_form = UserCreationForm
    change_password_form = SetPasswordForm
    # for everyone but superusers
    managed_fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups", "is_active")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    login_fieldsets = (
        (_("Single sign-on"), {"fields": ("sign_on",)}),
        (_("Two-factor login"), {"fields": ("two_factor",)}),
        (_("Wrong passwords"), {"fields": ("lockout",)}),
    )
    filter_horizontal = ("user_permissions",)
    formfield_overrides: ClassVar = {DateTimeField: {"widget": MomentInput}}
    list_display = (
        "username",
        "email",
        "first_name",
        "last_name",
        "roles",
        "is_active",
        "has_two_factor",
    )
    list_filter = ("groups", "is_active", "is_superuser")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        phones = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        accounts = super().get_queryset(request).prefetch_related("groups")
        return accounts.annotate(has_phone=Exists(phones))

    @admin.display(description=_("roles"))
    def roles(self, account: User) -> str:
        return ", ".join(group.name for group in account.groups.all())

    @admin.display(description=_("two-factor"), boolean=True, ordering="has_phone")
    def has_two_factor(self, account: Any) -> bool:
        return account.has_phone

    @admin.display(description=_("Two-factor"))
    def two_factor(self, account: Any) -> SafeString | str:
        if not account.has_phone:
            return gettext("Off. Members of staff turn it on themselves under “My account”.")
        url = self.url_of("two_factor", account.pk)
        return format_html('{} <a href="{}">{}</a>', gettext("On."), url, gettext("Phone lost?"))

    @admin.display(description=_("Connected"))
    def sign_on(self, account: User) -> SafeString | str:
        connected = "; ".join(map(str, ProviderAccount.objects.filter(user=account)))
        if not connected:
            return gettext("No.")
        url = self.url_of("sign_on", account.pk)
        return format_html('{} <a href="{}">{}</a>', connected, url, gettext("Disconnect"))

    @admin.display(description=_("Lockout"))
    def lockout(self, account: User) -> SafeString | str:
        most, until = get_failure_limit(None, None), wait_for_name(account.username)
        here = attempts_against(account.username).filter(failures_since_start__gte=most)
        if until is None and not here.exists():
            return gettext("None.")
        said = gettext(
            "Too many wrong passwords. This name cannot log in from where they were typed."
        )
        url = self.url_of("end_lockout", account.pk)
        return format_html('{} <a href="{}">{}</a>', said, url, gettext("End the lockout"))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        is_superuser = request.user.is_superuser
        shown = super().get_fieldsets(request, obj) if is_superuser else self.managed_fieldsets
        own = (_("To change your e-mail address"), {"fields": ("current_password",)})
        asks = obj == request.user and self.has_change_permission(request, obj)
        return (*shown, *([own] if asks else []), *self.login_fieldsets)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None or obj != request.user:
            return super().get_form(request, obj, change=change, **kwargs)
        form = super().get_form(request, obj, change=change, **{**kwargs, "form": OwnAccountForm})
        return type("OwnAccountForm", (form,), {"request": request})

    @method_decorator(sensitive_post_parameters())
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Send users who want to change their own password to the page that asks for the old one."""
        account = self.get_object(request, unquote(id))
        if account == request.user and self.has_change_permission(request, account):
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        readonly = (*super().get_readonly_fields(request, obj), "sign_on", "two_factor", "lockout")
        return readonly if request.user.is_superuser else (*readonly, "last_login", "date_joined")

    # Letting a colleague in again

    def end_lockout_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget the wrong passwords typed under this name, after asking who typed them."""
        account, title = self._managed(request, pk), gettext("End the lockout")
        if request.method != "POST":
            return self.page(request, "user/lockout_end", title=title, colleague=account)
        removed, _each = attempts_against(account.username).delete()
        if removed:
            security_log.note("lockout_ended", of=account.username)
            self.log_change(request, account, [{"changed": {"fields": [gettext("lockout")]}}])
        return self._done(request, account, gettext("%(user)s can log in again."))

    def two_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Turn two-factor off for a colleague and end their logins, after a page that asks who requested it."""
        account, title = self._managed(request, pk), gettext("Phone lost?")
        if account == request.user:
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, "user/two_factor_reset", title=title, colleague=account)
        if two_factor.turn_off(account):
            security_log.note_of(account, "second_step_reset")
            self.log_change(request, account, [{"changed": {"fields": [gettext("two-factor")]}}])
        end_sessions(account)
        said = gettext("%(user)s now logs in with their password only.")
        return self._done(request, account, said)

    def sign_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Disconnect a colleague from single sign-on and end their logins, after a page that says what follows."""
        account, title = self._managed(request, pk), gettext("Disconnect from single sign-on")
        if account == request.user:
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, "user/sign_on_end", title=title, colleague=account)
        removed, _each = ProviderAccount.objects.filter(user=account).delete()
        if removed:
            security_log.note_of(account, "sign_on_disconnected")
            self.log_change(
                request, account, [{"changed": {"fields": [gettext("single sign-on")]}}]
            )
        end_sessions(account)
        return self._done(request, account, gettext("%(user)s is no longer connected."))

    def _managed(self, request: HttpRequest, pk: int) -> User:
        account = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        return account

    def _done(self, request: HttpRequest, account: User, said: str) -> HttpResponse:
        messages.success(request, said % {"user": account.username})
        return redirect(self.url_of("change", account.pk))

    # Rights

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        if db_field.name == "groups":
            kwargs["queryset"] = grantable_groups(request.user).order_by("pk")
            kwargs["label"] = _("Role")
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = _(
                "Each role includes the ones above it. Without a role, a colleague can log in but sees nothing."
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Make every account added here staff, because nobody else can log in, with a password to be changed."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
        if not change:
            mark_as_initial(obj)
