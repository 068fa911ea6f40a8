"""The accounts of the staff: an administrator adds colleagues, gives them roles and closes what is no longer used.

Nobody gives rights that they do not hold, nor touches an account that holds more than theirs: otherwise a new password
for a superuser would make a superuser. Superusers keep Django's own screen.
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
    """Return what an account that is no superuser may do, by its groups and by itself; closed ones too."""
    return Permission.objects.filter(Q(group__user=account) | Q(user=account)).distinct()


def may_manage(user: Any, account: User) -> bool:
    """Whether this person may change that account, its roles and its password; one query for others than superusers."""
    if user.is_superuser:
        return True
    beyond = permissions_of(account).exclude(pk__in=permissions_of(user).values("pk"))
    return not account.is_superuser and not beyond.exists()


def grantable_groups(user: Any) -> QuerySet[Group]:
    """Return the groups that this person may put others in: those that allow nothing beyond their own rights."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=permissions_of(user).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(LockedOut, LostPhone, UserAdmin):
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (_("What this person may do"), {"fields": ("groups",)}),
        (_("Password"), {"fields": ("password1", "password2")}),
    )
    # with a password: there is no other way in
    add_form = UserCreationForm
    # for those who are no superusers
    managed_fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("What this person may do"), {"fields": ("groups", "is_active")}),
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
                "Each may do what those above it may. Without a role one logs in and sees nothing."
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or may_manage(request.user, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever is added here is staff: nobody else logs in anywhere."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
