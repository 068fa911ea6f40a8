"""Drops SQLite's triggers before the schema changes, and makes all again after it; `apps` connects both."""

from typing import Any

from django.db import connections

from agreements.counting.register_version.triggers import are_missing, install, start, uninstall
from agreements.models import RevisionShard
from agreements.search import install_full_text


def before_migrate(using: str, plan: list[Any], **kwargs: Any) -> None:
    """On SQLite a table that is renamed must not be named by a trigger of another."""
    if plan and connections[using].vendor == "sqlite" and _has_revision(using):
        uninstall(connections[using])


def after_migrate(using: str, plan: list[Any] | None = None, **kwargs: Any) -> None:
    """Without a plan it was `flush`, which empties the tables and leaves the triggers.

    An empty plan may be that of who goes back to the release before, after a migration that failed.
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
