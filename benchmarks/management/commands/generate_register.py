"""Fills an empty register with made-up records for measurements; never on a public site."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from benchmarks.generating import RegisterNotEmptyError, generate


def a_number(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of agreements: write 1 or more.")


class Command(BaseCommand):
    """Exists only with GENERATED_RECORDS=1, which a public site refuses."""

    help = (
        "Fill an empty register with N published agreements and a few unpublished ones, with everything that "
        "belongs to them. The same N and seed give the same rows on either database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "published", metavar="N", type=a_number, help="the number of published agreements"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="another number gives another register (default: 1)"
        )

    def handle(
        self, *args: object, published: int, seed: int, verbosity: int, **options: object
    ) -> None:
        """Prints how many rows were written, and the seconds; progress on a terminal's stderr."""
        began = time.monotonic()
        is_shown = verbosity > 0 and sys.stderr.isatty()
        with tqdm(unit=" agreements", file=sys.stderr, disable=not is_shown) as bar:
            try:
                made = generate(
                    published,
                    seed=seed,
                    advance=bar.update,
                    progress=bar.set_postfix_str,
                )
            except RegisterNotEmptyError as error:
                raise CommandError(str(error)) from error
        counts = ", ".join(
            f"{number} {table.model._meta.verbose_name_plural}"
            for table, number in made.rows.items()
        )
        self.stdout.write(f"Generated: {counts}, in {time.monotonic() - began:.0f} s.")
