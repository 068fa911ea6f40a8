"""Logged-in browsers, stored so that people can see their own sessions and end them.

`agreements.security.sessions` writes them; a guest has none, except in the middle of logging in.
"""

from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.module_loading import import_string


class StaffSession(AbstractBaseSession):
    """Django's session with the person it belongs to; deleting the row logs that browser out."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")
