"""What a backup contains: its files with their checksums, the rows of each table, and the migrations applied."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.migrations.recorder import MigrationRecorder

NAME = "manifest.json"
DOCUMENTS = "documents"
FORMAT = 1
# The name of the database's file, by vendor.
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class BackupError(Exception):
    """Why a backup cannot be taken or restored, in a sentence for the operator."""


@dataclass(frozen=True)
class Manifest:
    """`files` maps each file's path in the backup to its SHA-256, `rows` each table to its number of rows.

    `migrations` are those applied, as `app.name`; `taken_at` is an ISO 8601 moment with its zone, `release` the release
    that took it.
    """

    format: int
    release: str
    taken_at: str
    vendor: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, str]

    @classmethod
    def of(
        cls, folder: Path, *, vendor: str, migrations: list[str], rows: dict[str, int], at: datetime
    ) -> Self:
        files = {path.relative_to(folder).as_posix(): checksum(path) for path in files_in(folder)}
        return cls(FORMAT, settings.RELEASE, at.isoformat(), vendor, migrations, rows, files)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises `BackupError` if there is no manifest, or one of another format."""
        try:
            held = json.loads((folder / NAME).read_text())
            manifest = cls(**held)
        except FileNotFoundError as error:
            raise BackupError(
                f"{folder} is not a complete backup: it has no {NAME}, which is written last."
            ) from error
        except (TypeError, ValueError) as error:
            raise BackupError(f"{folder / NAME} is damaged, or of a later release.") from error
        if manifest.format != FORMAT:
            raise BackupError(
                f"The backup has format {manifest.format}; this release reads format {FORMAT}. "
                f"Restore it with release {manifest.release}, which took it."
            )
        return manifest

    def write(self, folder: Path) -> None:
        path = folder / NAME
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")
        path.chmod(0o600)

    def check(self, folder: Path) -> None:
        """Raises `BackupError` naming a file that is missing, changed or unknown."""
        there = {path.relative_to(folder).as_posix(): path for path in files_in(folder)}
        for name, expected in self.files.items():
            if name not in there:
                raise BackupError(f"The backup is damaged: {name} is missing.")
            if checksum(there[name]) != expected:
                raise BackupError(f"The backup is damaged: {name} has changed since it was taken.")
        for name in there.keys() - self.files.keys():
            raise BackupError(f"{name} does not belong to the backup: remove it first.")


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """Yield every file in the folder and below, but for the manifest, sorted by path."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / NAME)


def tables() -> list[type[models.Model]]:
    """Return every model with a table, those of links between models included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def counted(database: str) -> dict[str, int]:
    """Return the number of rows of each table that exists; one query per table.

    Before an upgrade has migrated, its new tables are missing.
    """
    there = set(connections[database].introspection.table_names())
    return {
        model._meta.db_table: model._base_manager.using(database).count()
        for model in tables()
        if model._meta.db_table in there
    }


def applied(connection: Any) -> list[str]:
    """Return the applied migrations as `app.name`, sorted."""
    done = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in done)
