"""Erases a person's name from the whole register; for registers too large for the page in the admin."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.curation.erasure.erasing import ErasureRefusedError, Found, erase, look
from agreements.curation.erasure.names import Name, NameRefusedError
from agreements.domain.permissions import ERASE_NAME
from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models.erasures import LONGEST_REPLACEMENT


class Command(SingleRunCommand, DryRunCommand):
    """Without `--erase` it lists every place; documents are kept unless their numbers are given."""

    help = (
        "Erase a person's name from records, versions, logs, the search and imports; without --erase only say where "
        "it stands. "
        "The name is read from standard input, one spelling on each line, so that no shell keeps it in its history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--erase", action="store_true", help="erase the name; this cannot be undone"
        )
        parser.add_argument(
            "--replacement",
            default="",
            help=f"what stands in its place, at most {LONGEST_REPLACEMENT} characters (default: [name erased])",
        )
        parser.add_argument("--reason", default="", help="why, without the name; required to erase")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="who asked for it, an administrator"
        )
        parser.add_argument(
            "--remove-document",
            type=int,
            action="append",
            default=[],
            metavar="NUMBER",
            help="remove the document with this number in the list; may be repeated",
        )

    def handle(self, *args: object, **options: Any) -> None:
        """Prints where the name stands, file by file, then what was done; progress on stderr."""
        try:
            spellings = options.get("spellings") or self._read()
            name = Name(spellings, options["replacement"] or _("[name erased]"))
        except NameRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["dry_run"] or not options["erase"]:
            with self.records_bar(total=None, verbosity=options["verbosity"]) as bar:
                self._print(look(name, progress=bar.update))
            self.stdout.write("Dry run: nothing was written.")
            return
        by = self._administrator(options["by"]) if options["by"] else None
        try:
            with self.records_bar(total=None, verbosity=options["verbosity"]) as bar:
                done, found = erase(
                    name,
                    by=by,
                    reason=options["reason"],
                    at=timezone.now(),
                    remove_documents=options["remove_document"],
                    progress=bar.update,
                )
        except ErasureRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._print(found)
        self.stdout.write(
            f"Erased in {done.places} places; {done.import_files} import files and {done.documents_removed} documents "
            f"removed, {done.documents_kept} documents kept."
        )

    def _administrator(self, name: str) -> User:
        found = User.objects.filter(username=name).first()
        if found is None:
            raise CommandError(f"There is no account named {name}.")
        if not found.has_perm(ERASE_NAME):
            raise CommandError(f"{name} is no administrator.")
        return found

    def _read(self) -> list[str]:

        return sys.stdin.read().splitlines()

    def _print(self, found: Found) -> None:
        for where, rows in sorted(found.rows.items()):
            self.stdout.write(f"{where}: {rows} rows")
        for run in found.imports:
            self.stdout.write(f"Import file {run.pk}: {run.file_name}")
        for document in found.documents:
            why = (
                "contains the name"
                if document.is_readable
                else "no program can read it: look at it"
            )
            self.stdout.write(
                f"Document {document.version}, {document.ref} {document.file_name}: {why}"
            )
        for account in found.accounts:
            self.stdout.write(f"Account {account} has the name and is left alone.")
