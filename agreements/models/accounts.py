"""Passwords that somebody else has set, which their owner must replace at the next login.

`agreements.security.initial_passwords` writes these rows; the login reads them.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class InitialPassword(models.Model):
    """While the row exists, somebody else set this person's password and still knows it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("initial password")
        verbose_name_plural = _("initial passwords")

    def __str__(self) -> str:
        return f"{self.user}"
