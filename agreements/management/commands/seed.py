"""Loads the records that come with the register; you can repeat it safely, and `make run` calls it."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agreements.exchange.seeding import FixtureError, Outcome, Result, seed
from agreements.management.options import add_dry_run

SHIPPED = ("areas.json", "azernews.json", "further.json")


class Command(BaseCommand):
    """Creates what is missing, updates what nobody has edited, and leaves the rest alone."""

    help = (
        "Load the records that come with the register. Records that staff have edited or removed since "
        "stay as they are. A second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "fixtures",
            nargs="*",
            type=Path,
            help="fixtures to load, in this order, instead of those that come with the register",
        )
        add_dry_run(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many records were created, changed, unchanged, kept and refused.

        Names each refused record with the reason, and with `--verbosity 2` each kept one as well.
        """
        fixtures = options["fixtures"] or [
            settings.BASE_DIR / "fixtures" / name for name in SHIPPED
        ]
        try:
            results = seed(fixtures, dry_run=options["dry_run"])
        except FixtureError as error:
            raise CommandError(str(error)) from error
        for result in results:
            self._explain(result, verbosity=options["verbosity"])
        self.stdout.write(_summary(results, dry_run=options["dry_run"]))

    def _explain(self, result: Result, *, verbosity: int) -> None:
        if result.outcome == Outcome.REFUSED:
            self.stderr.write(f"Refused: {result}")
        elif result.outcome == Outcome.KEPT and verbosity > 1:
            self.stdout.write(f"Kept: {result}")


def _summary(results: list[Result], *, dry_run: bool) -> str:
    counts = Counter(result.outcome for result in results)
    numbers = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
    return f"Records: {numbers}{' (dry run: nothing was written)' if dry_run else ''}."
