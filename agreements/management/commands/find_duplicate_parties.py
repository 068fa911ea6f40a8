"""Compares the names of all parties and stores similar pairs for staff to review; for cron or after imports."""

from django.utils import timezone
from tqdm import tqdm

from agreements.curation.duplicate_parties import (
    Counts,
    note_comparison,
    refresh_country,
    remove_pairs_across_countries,
)
from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models import Party


class Command(SingleRunCommand, DryRunCommand):
    """Takes one country at a time, each in a transaction, so memory holds the names of one country only."""

    help = (
        "Find parties of one country whose names are the same or nearly so; the list of parties has a filter for "
        "them. Pairs that staff marked as different stay so. A second run changes nothing."
    )

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        """Prints how many pairs were created, changed, removed and left; progress on stderr."""
        countries = Party.objects.order_by().values_list("country", flat=True).distinct()
        codes = sorted(map(str, countries))
        counts = Counts()
        for code in tqdm(codes, unit="country", file=self.stderr, disable=not codes):
            counts += refresh_country(code, dry_run=dry_run)
        counts += remove_pairs_across_countries(dry_run=dry_run)
        if not dry_run:
            note_comparison(timezone.now())
        ending = " (dry run: nothing was written)." if dry_run else "."
        self.stdout.write(
            f"Pairs: {counts['created']} created, {counts['changed']} changed, "
            f"{counts['removed']} removed, {counts['unchanged']} unchanged{ending}"
        )
