"""The user making a request, on pages that only logged-in users can reach."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest


def logged_in(request: HttpRequest) -> User:
    """Return the request's user; call this only behind the admin's login check."""
    return cast(User, request.user)
