"""Reads or imports one uploaded file. The admin starts this command, as a process with limits."""

import gc
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from agreements.exchange.importing.working import supervise


class Command(BaseCommand):
    """Carries out the task recorded on the import; there is no need to start it by hand."""

    help = "Process one uploaded import for the admin. To import a file yourself, use import_agreements."
    # a person is waiting for it
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="number of the import")
        parser.add_argument("user", type=int, help="number of the user for whom it runs")

    def handle(self, *args: object, run: int, user: int, **options: object) -> None:
        # what is loaded by now stays: the worker's collector need not go through it again and again
        gc.freeze()
        supervise(run, user)
