"""Drops SQLite's triggers before the schema changes, and creates all triggers again afterwards; `apps` connects both."""

from typing import Any

from django.db import connections

from agreements.counting.register_version.triggers import are_missing, install, start, uninstall
from agreements.models import RevisionShard
from agreements.search import install_full_text


def before_migrate(using: str, plan: list[Any], **kwargs: Any) -> None:
    """SQLite cannot rename a table that a trigger on another table names."""
    if plan and connections[using].vendor == "sqlite" and _has_revision(using):
        uninstall(connections[using])


def after_migrate(using: str, plan: list[Any] | None = None, **kwargs: Any) -> None:
    """No plan means `flush`, which empties the tables and leaves the triggers.

    The plan may be empty when somebody goes back to the previous release after a failed migration.
    """
    connection = connections[using]
    search_changed = install_full_text(connection)
    if not _has_revision(using):
        return
    if plan is None:
        start(connection)
    elif plan or search_changed or are_missing(connection):
        install(connection)


def _has_revision(using: str) -> bool:
    tables = connections[using].introspection.table_names()
    return RevisionShard._meta.db_table in tables
