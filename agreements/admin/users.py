"""The accounts of the staff: an administrator adds colleagues, gives them roles and closes unused accounts.

You can only grant rights you hold yourself, and only manage accounts that hold no more than yours: otherwise setting a
superuser's password would make you one. Superusers keep Django's own screen.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.admin.lockouts import LOCKOUT, LockedOut
from agreements.admin.lost_phones import TWO_FACTOR, LostPhone


def permissions_of(account: Any) -> QuerySet[Permission]:
    """Return the rights of an account other than a superuser's, from its groups and its own; of closed ones too."""
    return Permission.objects.filter(Q(group__user=account) | Q(user=account)).distinct()


def may_manage(user: Any, account: User) -> bool:
    """Return whether this user may change that account, its roles and its password; one query unless a superuser."""
    if user.is_superuser:
        return True
    beyond = permissions_of(account).exclude(pk__in=permissions_of(user).values("pk"))
    return not account.is_superuser and not beyond.exists()


def grantable_groups(user: Any) -> QuerySet[Group]:
    """Return the groups this user may put others in: those that grant nothing beyond the user's own rights."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=permissions_of(user).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(LockedOut, LostPhone, UserAdmin):
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups",)}),
        (_("Password"), {"fields": ("password1", "password2")}),
    )
    # with a password: it is the only way to log in
    add_form = UserCreationForm
    # for everyone but superusers
    managed_fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups", "is_active")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ("user_permissions",)
    list_display = ("username", "email", "first_name", "last_name", "roles", "is_active")
    list_filter = ("groups", "is_active", "is_superuser")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, account: User) -> str:
        return ", ".join(group.name for group in account.groups.all())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return (*self.managed_fieldsets, TWO_FACTOR, LOCKOUT)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return readonly if request.user.is_superuser else (*readonly, "last_login", "date_joined")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = grantable_groups(request.user).order_by("pk")
            kwargs["label"] = _("Role")
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = _(
                "Each role includes the ones above it. Without a role, a colleague can log in but sees nothing."
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make every account added here staff: nobody else can log in."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
