"""Loads the records that come with the register; you can repeat it safely, and `make run` calls it."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from agreements.exchange.seeding import FixtureError, Outcome, Result, seed
from agreements.exchange.state_seeding import seed_states
from agreements.management.dry_run import DryRunCommand

SHIPPED = ("areas.json", "azernews.json", "further.json")


class Command(DryRunCommand):
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
        parser.add_argument(
            "--states",
            action="store_true",
            help="only enter the states of the world, and complete those that the register has",
        )
        super().add_arguments(parser)

    def handle(
        self,
        *args: object,
        fixtures: list[Path],
        states: bool,
        dry_run: bool,
        verbosity: int,
        **options: object,
    ) -> None:
        """Prints how many records, and how many states, were created, changed, unchanged, kept and refused.

        Names each refused record with the reason, and with `--verbosity 2` each kept one as well.
        """
        if fixtures and states:
            raise CommandError("Name fixtures or give --states, not both.")
        if not states:
            shipped = [settings.BASE_DIR / "fixtures" / name for name in SHIPPED]
            try:
                results = seed(fixtures or shipped, dry_run=dry_run)
            except FixtureError as error:
                raise CommandError(str(error)) from error
            self._report("Records", results, dry_run=dry_run, verbosity=verbosity)
        if not fixtures:
            # after the records, so that their states only get the names they lack
            entered = seed_states(dry_run=dry_run)
            self._report("States", entered, dry_run=dry_run, verbosity=verbosity)

    def _report(self, what: str, results: list[Result], *, dry_run: bool, verbosity: int) -> None:
        for result in results:
            if result.outcome == Outcome.REFUSED:
                self.stderr.write(f"Refused: {result}")
            elif result.outcome == Outcome.KEPT and verbosity > 1:
                self.stdout.write(f"Kept: {result}")
        counts = Counter(result.outcome for result in results)
        numbers = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        ending = " (dry run: nothing was written)." if dry_run else "."
        self.stdout.write(f"{what}: {numbers}{ending}")
