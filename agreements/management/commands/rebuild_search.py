"""Brings the search index up to date; for use after rows were written without the application."""

from django.db import connections

from agreements.counting.register_version import renew
from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models import Agreement, SearchWord
from agreements.models.derived import refresh_derived_columns
from agreements.search import Refreshed, rebuild_full_text, refresh, refresh_vocabulary


class Command(SingleRunCommand, DryRunCommand):
    """Goes through all agreements in chunks, a transaction each, so the site stays up during a run."""

    help = (
        "Bring the search index up to date with the register. Saving a record does so automatically; run this "
        "after SQL or a restored backup. A second run changes nothing."
    )

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        """Prints how many entries were created, changed and unchanged, and words added and dropped; progress on stderr."""
        if not dry_run:
            rebuild_full_text(Agreement.objects.db)
        words_before = SearchWord.objects.count()
        everything = Agreement.objects.count()
        total = Refreshed()
        for chunk in refresh(Agreement.objects.all(), dry_run=dry_run):
            total += chunk
            progress = f"\r{total.seen} of {everything} agreements"
            self.stderr.write(progress, style_func=str, ending="")
        if total.seen:
            self.stderr.write("")
        entries = f"Entries: {total.created} created, {total.changed} changed, {total.unchanged} unchanged"
        columns = refresh_derived_columns(dry_run=dry_run)
        entries += f". Spellings and sort keys: {columns} changed"
        if dry_run:
            self.stdout.write(f"{entries} (dry run: nothing was written).")
            return
        dropped = refresh_vocabulary(SearchWord.objects.all())
        renew(connections[Agreement.objects.db])  # answers to searches are cached, too
        added = SearchWord.objects.count() - words_before + dropped
        self.stdout.write(f"{entries}. Words: {added} added, {dropped} dropped.")
