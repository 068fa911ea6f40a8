"""Asks whether the pages behind sources and documents are still there; for cron, once a week or so."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from agreements.models import LinkCheck
from agreements.upkeep.link_checking import Answer, OfflineError, check_links, due, note_addresses


class Command(BaseCommand):
    """The site is served meanwhile, and a second run beside this one asks other addresses."""

    help = (
        "Ask every address of sources and documents whether its page is still there, and keep the answer for "
        "staff and public. Exits with 1 if no server answered at all, with nothing recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many are due, and ask and write nothing"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="ask N addresses at most")
        parser.add_argument(
            "--older-than",
            type=int,
            default=0,
            metavar="DAYS",
            help="leave out what was asked within these days",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many are alive, died, came back, have a problem still and refuse us; progress on stderr."""
        limit, days = options["limit"], options["older_than"]
        if (limit is not None and limit < 1) or days < 0:
            raise CommandError("--limit takes 1 or more, --older-than 0 or more.")
        before = timezone.now() - timedelta(days=min(days, 36_500))
        with transaction.atomic():
            added, forgotten = note_addresses()
            waiting = due(before).count()
            if options["dry_run"]:
                transaction.set_rollback(True)
        wanted = waiting if limit is None else min(limit, waiting)
        noted = f"Addresses: {added} new, {forgotten} no longer named, {waiting} due"
        if options["dry_run"]:
            self.stdout.write(f"{noted}; {wanted} would be asked (dry run: nothing was written).")
            return
        self.stdout.write(f"{noted}.")
        self._ask(before, wanted)

    def _ask(self, before: Any, wanted: int) -> None:
        counts = {
            "alive": 0,
            "came back": 0,
            "died": 0,
            "have a problem still": 0,
            "not shown to us": 0,
        }
        problems = dict(LinkCheck.objects.dead().values_list("url", "link_problem"))
        try:
            with tqdm(total=wanted, unit="page", file=self.stderr, disable=not wanted) as progress:
                for url, answer in check_links(before=before, limit=wanted, now=timezone.now):
                    counts[_outcome(answer, was_dead=url in problems)] += 1
                    progress.update()
        except OfflineError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "Asked: " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "."
        )


def _outcome(answer: Answer, *, was_dead: bool) -> str:
    if answer.is_unreadable:
        return "not shown to us"
    if answer.is_alive:
        return "came back" if was_dead else "alive"
    return "have a problem still" if was_dead else "died"
