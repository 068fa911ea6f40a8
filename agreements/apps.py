"""The app configuration: its name in the admin, what it registers at start, and the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.signals import request_finished
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    """The register's only app."""

    name = "agreements"
    verbose_name = _("Register of agreements")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the signal receivers and checks: history, security log, register version and column store."""
        # imported here because they need the models
        from agreements.briefs import checks  # noqa: F401
        from agreements.counting.column_store import tidy_up
        from agreements.counting.register_version.migrating import after_migrate, before_migrate
        from agreements.curation.history import recording  # noqa: F401
        from agreements.notifications import account_notices, review_notices  # noqa: F401
        from agreements.security import security_log  # noqa: F401
        from agreements.serving import deploy_checks  # noqa: F401
        from agreements.serving.query_planner import gather_statistics
        from agreements.serving.statement_timeout import limit_migrations, unlimit_migrations

        pre_migrate.connect(limit_migrations, sender=self, dispatch_uid="migrations_limited")
        pre_migrate.connect(before_migrate, sender=self, dispatch_uid="revision_dropped")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="revision_installed")
        post_migrate.connect(gather_statistics, sender=self, dispatch_uid="statistics_gathered")
        post_migrate.connect(unlimit_migrations, sender=self, dispatch_uid="migrations_unlimited")
        request_finished.connect(tidy_up, dispatch_uid="memory_given_back")


class RegisterAdminConfig(AdminConfig):
    """Django's admin behind a login with two-factor authentication, as `admin.site` everywhere."""

    default_site = "agreements.staff.accounts.site.StaffSite"
