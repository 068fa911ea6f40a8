"""Brings the search index up to date; for use after rows were written without the application."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from agreements.counting.register_version import renew
from agreements.management.options import add_dry_run
from agreements.models import Agreement, SearchWord
from agreements.search import Refreshed, rebuild_full_text, refresh, refresh_vocabulary


class Command(BaseCommand):
    """Goes through all agreements in chunks, a transaction each, so the site stays up meanwhile."""

    help = (
        "Bring the search index up to date with the register. Saving a record does so by itself; run this "
        "after SQL or a restored backup. A second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_dry_run(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many entries were created, changed and unchanged, and words added and dropped; progress on stderr."""
        dry_run = options["dry_run"]
        if not dry_run:
            rebuild_full_text(Agreement.objects.db)
        words_before = SearchWord.objects.count()
        counts = self._refresh(dry_run=dry_run)
        entries = (
            f"Entries: {counts.created} created, {counts.changed} changed, "
            f"{counts.unchanged} unchanged"
        )
        if dry_run:
            self.stdout.write(f"{entries} (dry run: nothing was written).")
            return
        dropped = refresh_vocabulary(SearchWord.objects.all())
        renew(connections[Agreement.objects.db])  # answers to searches are cached, too
        added = SearchWord.objects.count() - words_before + dropped
        self.stdout.write(f"{entries}. Words: {added} added, {dropped} dropped.")

    def _refresh(self, *, dry_run: bool) -> Refreshed:
        everything = Agreement.objects.count()
        total = Refreshed()
        for chunk in refresh(Agreement.objects.all(), dry_run=dry_run):
            total += chunk
            progress = f"\r{total.seen} of {everything} agreements"
            self.stderr.write(progress, style_func=str, ending="")
        if total.seen:
            self.stderr.write("")
        return total
