"""Whether a register is whole: its migrations and triggers, its references, its search, its uploaded files."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import Storage
from django.db import IntegrityError, connections
from django.db.migrations.executor import MigrationExecutor

from agreements.counting.register_version import are_missing
from agreements.models import Agreement, DocumentVersion, Import
from agreements.models.derived import refresh_derived_columns
from agreements.models.documents import document_storage
from agreements.search import Refreshed, refresh
from agreements.serving.outages import disk_trouble
from agreements.upkeep.backups.manifest import Manifest, counted

# the tables that migrating and serving write by themselves
_BOOKKEEPING = ("django_", "auth_permission", "agreements_revisionshard", "agreements_touched")


def findings(manifest: Manifest | None = None, *, using: str = "default") -> Iterator[str]:
    """Yield what is wrong, a sentence each; nothing if the register is whole.

    With the manifest of a backup, the rows are compared with those that were backed up.
    """
    if trouble := disk_trouble():
        yield f"{trouble} Free some space on it, or make it writable."
    connection = connections[using]
    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        yield f"Migrations not applied: {missing}. Run manage.py migrate."
        return
    if are_missing(connection):
        yield "Triggers are missing from the database. Run manage.py migrate."
    yield from _broken_references(connection)
    yield from _stale_search()
    yield from _damaged_files()
    if manifest:
        yield from _different_rows(manifest, using)


def _broken_references(connection: Any) -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(1)")
            if (said := cursor.fetchone()[0]) != "ok":
                yield f"The database is damaged: {said}. Restore the last backup."
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield f"A row names another one that does not exist: {error}"


def _stale_search() -> Iterator[str]:
    counts = sum(refresh(Agreement.objects.all(), dry_run=True), Refreshed())
    if counts.written:
        yield f"Search entries out of date: {counts.written}. Run manage.py rebuild_search."
    if rows := refresh_derived_columns(dry_run=True):
        yield f"Rows whose spellings or sort keys are out of date: {rows}. Run manage.py rebuild_search."


def _damaged_files() -> Iterator[str]:
    storage = document_storage()
    for model in (DocumentVersion, Import):
        rows = model._default_manager.exclude(file="").order_by("pk")
        for name, expected in rows.values_list("file", "sha256").iterator():
            if trouble := _trouble_with(storage, name, expected):
                yield trouble


def _trouble_with(storage: Storage, name: str, expected: str) -> str:
    try:
        with storage.open(name) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return f"The file {name} is missing or cannot be read. Restore it from a backup."
    if found != expected:
        return f"The file {name} has changed since it was uploaded. Restore it from a backup."
    return ""


def _different_rows(manifest: Manifest, using: str) -> Iterator[str]:
    now = counted(using)
    for table, rows in manifest.rows.items():
        if table in now and now[table] != rows and not table.startswith(_BOOKKEEPING):
            yield f"{table} has {now[table]} rows; the backup has {rows}."
