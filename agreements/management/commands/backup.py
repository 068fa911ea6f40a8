"""Backs the register up while it goes on: database, uploaded files, and a manifest with their checksums."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from agreements.management.single_run import SingleRunCommand
from agreements.upkeep.backups import BackupError, back_up
from agreements.upkeep.backups.manifest import DOCUMENTS


class Command(SingleRunCommand):
    help = (
        "Back up the database and the uploaded files into a new folder, with a manifest. The register goes on "
        "meanwhile. PostgreSQL needs pg_dump of its own version or a later one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the number of agreements, of rows and of uploaded files."""
        try:
            manifest = back_up(options["folder"].absolute(), at=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        rows = manifest.rows
        uploaded = sum(name.startswith(f"{DOCUMENTS}/") for name in manifest.files)
        self.stdout.write(
            f"Backed up into {options['folder']}. Agreements: {rows['agreements_agreement']}, "
            f"rows of all tables: {sum(rows.values())}, uploaded files: {uploaded}."
        )
