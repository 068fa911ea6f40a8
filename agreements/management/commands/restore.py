"""Makes a register of a backup: into an empty database, which may be PostgreSQL where the backup is of SQLite."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agreements.upkeep.backups import BackupError, findings, restore


class Command(BaseCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL and the empty folder DOCUMENTS_ROOT, migrate it "
        "to this release, and verify it."
    )
    # An empty database is what it expects.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that manage.py backup wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what is wrong with the restored register, if anything is, and then exits with 1."""
        try:
            manifest = restore(options["folder"].absolute())
        except BackupError as error:
            raise CommandError(f"{error} Nothing was restored.") from error
        wrong = list(findings(manifest))
        for finding in wrong:
            self.stderr.write(finding)
        if wrong:
            raise CommandError("The register was restored, but is not whole: see above.")
        self.stdout.write(
            f"Restored and verified: {manifest.rows['agreements_agreement']} agreements, as of "
            f"{manifest.taken_at}."
        )
