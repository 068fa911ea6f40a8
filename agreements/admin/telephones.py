"""A colleague's second step when the telephone is lost: an administrator takes it away on the colleague's account.

The screen of the accounts mixes this in. Keys and codes themselves are on no screen.
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

SECOND_STEP = (gettext_lazy("Second step of the login"), {"fields": ("second_step",)})


class LostTelephone(admin.ModelAdmin):
    """Says of each account whether it has a second step, with the way to take it away."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        telephones = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(has_telephone=Exists(telephones))

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*super().get_list_display(request), "has_second_step")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None else (*fieldsets, SECOND_STEP)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "second_step")

    @admin.display(description=gettext_lazy("second step"), boolean=True, ordering="has_telephone")
    def has_second_step(self, user: Any) -> bool:
        return bool(user.has_telephone)

    @admin.display(description=gettext_lazy("Second step"))
    def second_step(self, user: Any) -> SafeString | str:
        if not user.has_telephone:
            return _("Off. Each member of staff turns it on under “My account”.")
        address = reverse("admin:auth_user_second_step", args=[user.pk])
        return format_html('{} <a href="{}">{}</a>', _("On."), address, _("Telephone lost?"))

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.take_away))
        own = path("<int:pk>/second-step/", page, name="auth_user_second_step")
        return [own, *super().get_urls()]

    def take_away(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take away a colleague's second step and logins, after asking whether it is really they who ask for it."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user) or user == request.user:
            raise PermissionDenied
        if request.method == "POST":
            return self._taken_away(request, user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Telephone lost?"),
            "colleague": user,
            "opts": self.opts,
        }
        return render(request, "admin/two_factor_reset.html", context)

    def _taken_away(self, request: HttpRequest, user: User) -> HttpResponse:
        if two_factor.turn_off(user):
            security_log.note("second_step_reset", of=user.username)
            self.log_change(request, user, [{"changed": {"fields": [str(_("second step"))]}}])
        end_sessions(user)
        text = _("%(user)s logs in with the password alone now.")
        messages.success(request, text % {"user": user.username})
        return redirect("admin:auth_user_change", user.pk)
