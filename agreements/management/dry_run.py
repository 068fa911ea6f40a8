"""The base of the commands that write; with `--dry-run` they only say what they would do."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from tqdm import tqdm


class DryRunCommand(BaseCommand):
    """A command with `--dry-run`, with which it writes nothing."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, but write nothing"
        )

    def records_bar(
        self, *, total: int | None, verbosity: int, label: str | None = None
    ) -> "tqdm[object]":
        """Return a bar that counts records on stderr; it is hidden from files and with `--verbosity 0`."""
        is_hidden = verbosity == 0 or not sys.stderr.isatty()
        return tqdm(desc=label, total=total, unit=" records", file=sys.stderr, disable=is_hidden)
