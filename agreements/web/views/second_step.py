"""Where the site demands a second step, a login without one counts for nothing.

Such logins are left over from before the operator demanded it. Whatever asks who is there sees a guest.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject


class SecondStepMiddleware:
    """Stands behind django-otp's middleware, which knows whether the session took the second step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.REQUIRE_TOTP:
            user = request.user
            request.user = SimpleLazyObject(lambda: _verified_or_guest(user))  # type: ignore[assignment]
        return self.get_response(request)


def _verified_or_guest(user: Any) -> Any:
    return user if user.is_authenticated and user.is_verified() else AnonymousUser()
