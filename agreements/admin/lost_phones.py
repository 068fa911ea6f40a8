"""Turns two-factor off for a colleague who has lost their phone; only an administrator can do it.

The account screen mixes this in. No screen shows the keys and codes themselves.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from agreements.security import security_log, two_factor
from agreements.security.sessions import end_sessions

# Their screens would show every colleague's key.
admin.site.unregister([StaticDevice, TOTPDevice])

TWO_FACTOR = (gettext_lazy("Two-factor login"), {"fields": ("two_factor",)})


class LostPhone(admin.ModelAdmin):
    """Shows for each account whether two-factor is on, with a link to turn it off."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        phones = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(has_phone=Exists(phones))

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*super().get_list_display(request), "has_two_factor")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None else (*fieldsets, TWO_FACTOR)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "two_factor")

    @admin.display(description=gettext_lazy("two-factor"), boolean=True, ordering="has_phone")
    def has_two_factor(self, user: Any) -> bool:
        return bool(user.has_phone)

    @admin.display(description=gettext_lazy("Two-factor"))
    def two_factor(self, user: Any) -> SafeString | str:
        if not user.has_phone:
            return _("Off. Members of staff turn it on themselves under “My account”.")
        url = reverse("admin:auth_user_two_factor", args=[user.pk])
        return format_html('{} <a href="{}">{}</a>', _("On."), url, _("Phone lost?"))

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.turn_off))
        own = path("<int:pk>/second-step/", page, name="auth_user_two_factor")
        return [own, *super().get_urls()]

    def turn_off(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Turn two-factor off for a colleague and end their logins, after a page that asks who requested it."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user) or user == request.user:
            raise PermissionDenied
        if request.method == "POST":
            return self._turned_off(request, user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Phone lost?"),
            "colleague": user,
            "opts": self.opts,
        }
        return render(request, "admin/two_factor_reset.html", context)

    def _turned_off(self, request: HttpRequest, user: User) -> HttpResponse:
        if two_factor.turn_off(user):
            security_log.note("second_step_reset", of=user.username)
            self.log_change(request, user, [{"changed": {"fields": [str(_("two-factor"))]}}])
        end_sessions(user)
        text = _("%(user)s now logs in with their password only.")
        messages.success(request, text % {"user": user.username})
        return redirect("admin:auth_user_change", user.pk)
