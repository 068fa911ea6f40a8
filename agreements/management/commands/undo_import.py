"""Undoes a whole import, for one that is too large to undo in the admin."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils import timezone

from agreements.exchange.importing.obstacles import obstacles
from agreements.exchange.importing.undoing import UndoRefusedError, undo
from agreements.management.dry_run import DryRunCommand
from agreements.models import Import


class Command(DryRunCommand):
    """Removes what the import created and restores what it changed, unless somebody has worked on it since."""

    help = (
        "Undo an import by its number. If anybody has edited its records since, nothing is undone, and the "
        "first of these records are listed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("number", type=int, help="as import_agreements and the admin show it")

    def handle(
        self, *args: object, number: int, dry_run: bool, verbosity: int, **options: object
    ) -> None:
        """Prints how many records were removed and restored; fails if a record prevents undoing."""
        run = Import.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no import {number}.")
        if dry_run:
            self._preview(run)
            return
        with self.records_bar(total=run.writes, verbosity=verbosity) as bar:
            try:
                undone = undo(run, by=None, at=timezone.now(), progress=bar.update)
            except UndoRefusedError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(
            f"Agreements: {undone.removed} removed, {undone.put_back} restored. "
            f"Unused parties removed: {undone.parties}, sources: {undone.sources}."
        )

    def _preview(self, run: Import) -> None:
        in_the_way = obstacles(run, by=None)
        for obstacle in in_the_way:
            self.stderr.write(f"{obstacle.ref}: {obstacle.reason}")
        if in_the_way:
            raise CommandError("The import cannot be undone (dry run: nothing was written).")
        self.stdout.write(
            f"Nothing prevents undoing {run.writes} record{'s' * (run.writes != 1)} "
            "(dry run: nothing was written)."
        )
