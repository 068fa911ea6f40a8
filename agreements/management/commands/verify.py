"""Verifies that the register is whole: migrations, triggers, references, search, uploaded files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agreements.upkeep.backups import BackupError, Manifest, findings


class Command(BaseCommand):
    help = (
        "Verify the register: migrations and triggers are there, references lead somewhere, the search is up to "
        "date, and every uploaded file is as it was uploaded. Writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--backup",
            type=Path,
            metavar="FOLDER",
            help="also compare the number of rows with this backup, and check the backup's own files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints each finding and exits with 1, or says that the register is whole."""
        manifest = None
        try:
            if folder := options["backup"]:
                manifest = Manifest.read(folder)
                manifest.check(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        wrong = list(findings(manifest))
        for finding in wrong:
            self.stdout.write(finding)
        if wrong:
            raise CommandError(f"Findings: {len(wrong)}.")
        self.stdout.write("The register is whole.")
