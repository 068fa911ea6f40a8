"""If the site requires two-factor authentication, users who logged in without it count as guests.

Their logins date from before the operator required it. All code that reads `request.user` sees a guest. Logins through
the single sign-on provider stay: two-factor is up to the provider there.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from agreements.security.sessions import SIGNED_ON


class TwoFactorMiddleware(MiddlewareMixin):
    """Runs after django-otp's middleware, which knows whether a code was entered in this session."""

    def process_request(self, request: HttpRequest) -> None:
        if settings.REQUIRE_TOTP:
            user = request.user
            request.user = SimpleLazyObject(lambda: _verified_or_guest(request, user))  # type: ignore[assignment]


def _verified_or_guest(request: HttpRequest, user: Any) -> Any:
    is_verified = user.is_authenticated and (user.is_verified() or SIGNED_ON in request.session)
    return user if is_verified else AnonymousUser()
