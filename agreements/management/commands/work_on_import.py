"""Reads or imports one uploaded file. The admin starts this command, as a process with limits."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from agreements.exchange.importing.working import supervise


class Command(BaseCommand):
    """Does what is recorded on the import; there is no need to start it by hand."""

    help = "Work on one uploaded import, as the admin asks. Not for use by hand: see import_agreements."
    # a person is waiting for it
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="number of the import")
        parser.add_argument("user", type=int, help="number of the user for whom it works")

    def handle(self, *args: object, run: int, user: int, **options: object) -> None:
        supervise(run, user)
