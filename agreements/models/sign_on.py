"""Which account of the single sign-on provider belongs to which account of the register.

`agreements.staff.accounts.sign_on` finds people by it, never by their e-mail address, which may later be somebody else's.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models


class ProviderAccount(models.Model):
    """The provider's permanent name for a person: its issuer URL and its identifier for them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_accounts"
    )
    issuer = models.CharField(max_length=500)
    # OpenID Connect Core 1.0, section 2: at most 255 ASCII characters
    subject = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_subject"),
            models.UniqueConstraint(fields=["issuer", "user"], name="one_subject_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.issuer})"
