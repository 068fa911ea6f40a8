"""Compares the names of all parties and keeps which are alike, for staff to go through; for cron, or after an import."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from agreements.curation.duplicate_parties import (
    Counts,
    refresh_country,
    remove_pairs_across_countries,
)
from agreements.models import Party


class Command(BaseCommand):
    """One country after the other, each a transaction: memory holds the names of one."""

    help = (
        "Find parties of one country whose names are the same or nearly so; the list of parties has a filter for "
        "them. What staff said are different bodies stays so. A second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be found, and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many pairs were created, changed, removed and left; progress on stderr."""
        dry_run = options["dry_run"]
        codes = sorted(
            map(str, Party.objects.order_by().values_list("country", flat=True).distinct())
        )
        counts = Counts()
        for code in tqdm(codes, unit="country", file=self.stderr, disable=not codes):
            counts += refresh_country(code, dry_run=dry_run)
        counts += remove_pairs_across_countries(dry_run=dry_run)
        ending = " (dry run: nothing was written)." if dry_run else "."
        self.stdout.write(
            f"Pairs: {counts['created']} created, {counts['changed']} changed, "
            f"{counts['removed']} removed, {counts['unchanged']} unchanged{ending}"
        )
