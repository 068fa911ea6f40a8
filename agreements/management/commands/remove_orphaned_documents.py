"""Removes files from the document store that neither the register nor its history uses."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models.documents import document_storage
from agreements.upkeep.orphaned_files import orphaned_files, remove


class Command(SingleRunCommand, DryRunCommand):
    """Files outlive their records, because the history can restore those; only this command deletes any."""

    help = (
        "Remove uploaded files that neither a row nor a version in the history uses: leftovers of interrupted "
        "uploads, and files of versions that were pruned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than",
            type=int,
            default=1,
            metavar="DAYS",
            help="keep files of the last DAYS days, whose record may be about to be saved (default: 1)",
        )

    def handle(self, *args: object, older_than: int, dry_run: bool, **options: object) -> None:
        """Prints every file, then their number and total size."""
        if older_than < 0:
            raise CommandError("--older-than takes 0 or more.")
        storage, count, size = document_storage(), 0, 0
        before = timezone.now() - timedelta(days=older_than)
        for name in orphaned_files(older_than=before):
            count, size = count + 1, size + storage.size(name)
            self.stdout.write(name)
            if not dry_run:
                remove(name)
        ending = " would be removed (dry run)." if dry_run else " removed."
        self.stdout.write(f"{count} files, {filesizeformat(size)},{ending}")
