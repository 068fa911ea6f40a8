"""Makes a register of a backup, on a new machine: into an empty database of either kind, and an empty document store."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from agreements.upkeep.backups.databases import copy_rows, opened
from agreements.upkeep.backups.manifest import (
    DATABASES,
    DOCUMENTS,
    BackupError,
    Manifest,
)
from agreements.upkeep.backups.taking import run


def restore(folder: Path, *, using: str = "default") -> Manifest:
    """Restore the backup in this folder, and migrate it to this release. Raises `BackupError` before it writes anything.

    A backup of SQLite can be restored into PostgreSQL if both are of this release.
    """
    manifest = Manifest.read(folder)
    manifest.check(folder)
    connection = connections[using]
    _refuse_what_is_there(connection)
    copy = folder / DATABASES[manifest.vendor]
    if manifest.vendor == connection.vendor == "sqlite":
        _restore_sqlite(connection, copy)
    elif manifest.vendor == connection.vendor:
        run(
            "pg_restore",
            connection,
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(copy),
        )
    elif manifest.vendor == "sqlite":
        _move(connection, copy, manifest)
    else:
        raise BackupError(
            "This backup was taken from PostgreSQL and can be restored only there: set DATABASE_URL "
            "to an empty PostgreSQL database."
        )
    call_command("migrate", database=using, verbosity=0)
    _restore_documents(folder / DOCUMENTS)
    return manifest


def _refuse_what_is_there(connection: Any) -> None:
    if connection.introspection.table_names():
        raise BackupError(
            "The database is not empty, and restoring would overwrite it: set DATABASE_URL to a new one."
        )
    documents = Path(settings.DOCUMENTS_ROOT)
    if documents.is_dir() and any(documents.iterdir()):
        raise BackupError(
            f"{documents} is not empty: set DOCUMENTS_ROOT to a new folder, or move its files away."
        )


def _restore_sqlite(connection: Any, copy: Path) -> None:
    connection.close()
    target = Path(connection.settings_dict["NAME"])
    for left in (target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        left.unlink(missing_ok=True)
    shutil.copyfile(copy, target)
    target.chmod(0o600)


def _move(connection: Any, copy: Path, manifest: Manifest) -> None:
    ours = MigrationLoader(None).disk_migrations
    if manifest.migrations != sorted(f"{app}.{name}" for app, name in ours):
        raise BackupError(
            "The backup is of another release. Restore it into SQLite first, which migrates it; then "
            "back that up and restore the backup into PostgreSQL."
        )
    call_command("migrate", database=connection.alias, verbosity=0)
    with opened(copy) as source:
        copy_rows(source, connection.alias)


def _restore_documents(source: Path) -> None:
    target = Path(settings.DOCUMENTS_ROOT)
    shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
