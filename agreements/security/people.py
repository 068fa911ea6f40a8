"""The user making a request, on pages that only logged-in users reach."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest


def logged_in(request: HttpRequest) -> User:
    """Return the request's user; call it only behind the admin's guard, which lets no guest through."""
    return cast(User, request.user)
