"""Clears the document store of files that nothing in the register or its history names any more."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from agreements.models.documents import document_storage
from agreements.upkeep.orphaned_files import orphaned_files, remove


class Command(BaseCommand):
    """Files outlive their records, which the history can bring back; this is the only thing that deletes any."""

    help = (
        "Remove the uploaded files that no row and no version in the history names: what broken-off uploads left, "
        "and what was forgotten when the history was pruned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="name the files, and remove nothing"
        )
        parser.add_argument(
            "--older-than",
            type=int,
            default=1,
            metavar="DAYS",
            help="leave files of the last days alone, whose record may just be being saved (default: 1)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints every file, then how many there were and their size together."""
        if options["older_than"] < 0:
            raise CommandError("--older-than takes 0 or more.")
        storage, count, size = document_storage(), 0, 0
        before = timezone.now() - timedelta(days=options["older_than"])
        for name in orphaned_files(older_than=before):
            count, size = count + 1, size + storage.size(name)
            self.stdout.write(name)
            if not options["dry_run"]:
                remove(name)
        ending = " would be removed (dry run)." if options["dry_run"] else " removed."
        self.stdout.write(f"{count} files, {filesizeformat(size)},{ending}")
