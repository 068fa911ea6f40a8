"""Writes the register's own Word template of briefs to a file, for an operator to change."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from agreements.briefs.shipped_template import shipped_template


class Command(BaseCommand):
    """Never overwrites a file, which may hold somebody's changes."""

    help = "Write the register's own Word template of briefs to a new file. Name it in BRIEF_TEMPLATE after changing it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the new file, such as brief.docx")

    def handle(self, *args: object, file: str, **options: object) -> None:
        try:
            with Path(file).open("xb") as new:
                new.write(shipped_template())
        except FileExistsError as there:
            raise CommandError(f"{file} exists already. Choose another name.") from there
        except OSError as trouble:
            raise CommandError(f"{file} cannot be written: {trouble.strerror}.") from trouble
        self.stdout.write(f"Written: {file}")
