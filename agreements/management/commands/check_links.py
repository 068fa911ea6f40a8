"""Checks whether the pages behind sources and documents still exist; for cron, about once a week."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models import LinkCheck
from agreements.upkeep.link_checking import Answer, OfflineError, check_links, due, note_urls


class Command(SingleRunCommand, DryRunCommand):
    """The site stays up during a run."""

    help = (
        "Check whether the page at every URL of sources and documents still exists, and record the result for "
        "staff and the public. Exits with 1, and records nothing, if no server answered at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--limit", type=int, metavar="N", help="check N URLs at most")
        parser.add_argument(
            "--older-than",
            type=int,
            default=0,
            metavar="DAYS",
            help="skip what was checked in the last DAYS days",
        )

    def handle(
        self, *args: object, limit: int | None, older_than: int, dry_run: bool, **options: object
    ) -> None:
        """Prints how many work, broke, work again, are still broken or refuse us; progress on stderr."""
        if (limit is not None and limit < 1) or older_than < 0:
            raise CommandError("--limit takes 1 or more, --older-than 0 or more.")
        before = timezone.now() - timedelta(days=min(older_than, 36_500))
        with transaction.atomic():
            added, forgotten = note_urls()
            waiting = due(before).count()
            if dry_run:
                transaction.set_rollback(True)
        wanted = waiting if limit is None else min(limit, waiting)
        noted = f"URLs: {added} new, {forgotten} no longer used, {waiting} due"
        if dry_run:
            self.stdout.write(f"{noted}; {wanted} would be checked (dry run: nothing was written).")
            return
        self.stdout.write(f"{noted}.")
        counts = dict.fromkeys(("work", "work again", "broke", "still broken", "refuse us"), 0)
        problems = dict(LinkCheck.objects.dead().values_list("url", "link_problem"))
        try:
            with tqdm(total=wanted, unit="page", file=self.stderr, disable=not wanted) as progress:
                for url, answer in check_links(before=before, limit=wanted, now=timezone.now):
                    counts[_outcome(answer, was_dead=url in problems)] += 1
                    progress.update()
        except OfflineError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "Checked: " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "."
        )


def _outcome(answer: Answer, *, was_dead: bool) -> str:
    if answer.is_unreadable:
        return "refuse us"
    if answer.is_alive:
        return "work again" if was_dead else "work"
    return "still broken" if was_dead else "broke"
