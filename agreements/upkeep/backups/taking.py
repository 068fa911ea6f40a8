"""Takes a backup while the register goes on: the database first, then the files, then the manifest.

Files are never deleted with their records, so every file that the copied database names is still there when the files
are copied; those uploaded in the meantime are copied too, and do no harm.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.client import DatabaseClient

from agreements.upkeep.backups.manifest import (
    DATABASES,
    DOCUMENTS,
    BackupError,
    Manifest,
    applied,
    counted,
    tables,
)


def back_up(folder: Path, *, at: datetime, using: str = "default") -> Manifest:
    """Write a backup into a new folder, which only its owner can read. Raises `BackupError`.

    It is written next to the folder and renamed when it is complete.
    """
    if folder.exists():
        raise BackupError(f"{folder} exists already: name a folder that does not.")
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        partial.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise BackupError(
            f"{partial} is left from a backup that did not finish, or one is running: "
            "remove it once none is."
        ) from error
    try:
        connection = connections[using]
        copy = partial / DATABASES[connection.vendor]
        if connection.vendor == "sqlite":
            migrations, rows = _copy_sqlite(connection, copy)
        else:
            migrations, rows = _dump_postgresql(connection, copy)
        copy.chmod(0o600)
        _copy_documents(partial / DOCUMENTS)
        manifest = Manifest.of(
            partial, vendor=connection.vendor, migrations=migrations, rows=rows, at=at
        )
        manifest.write(partial)
        partial.rename(folder)
    except OSError as error:
        raise BackupError(f"The backup was not finished: {error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _copy_sqlite(connection: Any, copy: Path) -> tuple[list[str], dict[str, int]]:
    """Copy one state of the database; writers go on meanwhile."""
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)
        # in one file, without a log next to it
        target.execute("PRAGMA journal_mode = DELETE")
        done = target.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [name for (name,) in done]
        there = {name for (name,) in target.execute("SELECT name FROM sqlite_master")}
        names = [model._meta.db_table for model in tables() if model._meta.db_table in there]
        rows = {
            name: target.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in names
        }
    return migrations, rows


def _dump_postgresql(connection: Any, dump: Path) -> tuple[list[str], dict[str, int]]:
    """Dump the state that a snapshot sees, in which the rows are counted too."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        migrations, rows = applied(connection), counted(connection.alias)
        run(
            "pg_dump",
            connection,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={dump}",
        )
    return migrations, rows


def run(program: str, connection: Any, *options: str) -> None:
    """Run one of PostgreSQL's programs on this database. The password is in its environment, which others cannot read.

    Raises `BackupError` with the line in which the program says what went wrong; what follows it may be the whole
    statement that failed.
    """
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *options, *arguments[1:-1], f"--dbname={arguments[-1]}"]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command,
            # in English, so that the line that says "error:" is found
            env={**os.environ, **(environment or {}), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{program} is not on this machine: install PostgreSQL's client programs."
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it exited with {done.returncode}"]
        why = next((line for line in said if "error:" in line), said[-1])
        raise BackupError(
            f"{program} failed: {why.removeprefix(f'{program}: error: ').rstrip('.')}."
        )


def _copy_documents(target: Path) -> None:
    """Copy the uploaded files, readable by their owner alone."""
    target.mkdir(mode=0o700)
    source = Path(settings.DOCUMENTS_ROOT)
    if not source.is_dir():
        return
    for folder, _folders, names in os.walk(source):
        inside = target / Path(folder).relative_to(source)
        inside.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            # an unfinished upload may vanish meanwhile
            with suppress(FileNotFoundError):
                copied = shutil.copyfile(Path(folder) / name, inside / name, follow_symlinks=False)
                copied.chmod(0o600)
