"""The register as Django knows it: its name in the admin, and the checks it brings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    """One application: agreements, their parties, and the evidence for both."""

    name = "agreements"
    verbose_name = _("Register of agreements")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the system checks."""
        from agreements import checks  # noqa: F401  (models must be loaded first)
