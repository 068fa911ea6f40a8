"""Ends lockouts: an administrator lets in somebody who typed too many wrong passwords, before the hour is over.

The screen of the accounts mixes this in. `agreements.staff.accounts` and django-axes define what a lockout is.
"""

from typing import Any

from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agreements.security import security_log

LOCKOUT = (gettext_lazy("Wrong passwords"), {"fields": ("lockout",)})


class LockedOut(admin.ModelAdmin):
    """Shows for each account whether it is locked out after too many wrong passwords, with a link to unlock it."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None else (*fieldsets, LOCKOUT)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "lockout")

    @admin.display(description=gettext_lazy("Lockout"))
    def lockout(self, user: Any) -> SafeString | str:
        if not _attempts_against(user).filter(failures_since_start__gte=_most()).exists():
            return _("None.")
        address = reverse("admin:auth_user_end_lockout", args=[user.pk])
        return format_html(
            '{} <a href="{}">{}</a>',
            _("Too many wrong passwords were typed; this name is locked where they came from."),
            address,
            _("End the lockout"),
        )

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.end_lockout))
        own = path("<int:pk>/lockout/", page, name="auth_user_end_lockout")
        return [own, *super().get_urls()]

    def end_lockout(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget the wrong passwords typed under this name, after asking whose they were."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            return self._ended(request, user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("End the lockout"),
            "colleague": user,
            "opts": self.opts,
        }
        return render(request, "admin/lockout_end.html", context)

    def _ended(self, request: HttpRequest, user: User) -> HttpResponse:
        removed, _each = _attempts_against(user).delete()
        if removed:
            security_log.note("lockout_ended", of=user.username)
            self.log_change(request, user, [{"changed": {"fields": [str(_("lockout"))]}}])
        messages.success(request, _("%(user)s can log in again.") % {"user": user.username})
        return redirect("admin:auth_user_change", user.pk)


def _attempts_against(user: User) -> QuerySet[Any]:
    """Return the wrong passwords that still count against this name."""
    attempts = AccessAttempt.objects.filter(username=user.get_username())
    lasting = get_cool_off()
    return attempts.filter(attempt_time__gt=timezone.now() - lasting) if lasting else attempts


def _most() -> int:
    return int(get_failure_limit(None, None))
