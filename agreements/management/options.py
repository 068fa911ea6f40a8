"""Options that several commands share."""

from argparse import ArgumentParser


def add_dry_run(parser: ArgumentParser) -> None:
    """Add `--dry-run`, with which a command writes nothing."""
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen, but write nothing"
    )
