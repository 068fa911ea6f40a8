"""The register as Django knows it: its name in the admin, the checks it brings, and the admin's own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    """One application: agreements, their parties, and the evidence for both."""

    name = "agreements"
    verbose_name = _("Register of agreements")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the system checks, which records are kept in every version, and the log of logins."""
        from agreements import audit, checks, history  # noqa: F401  (models must be loaded first)


class RegisterAdminConfig(AdminConfig):
    """Django's admin behind a login with a second step; `admin.site` is that site for everybody."""

    default_site = "agreements.accounts.site.StaffSite"
