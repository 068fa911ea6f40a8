"""Imports a file of agreements: the register's own CSV, XLSX or JSON, or another register's with a profile."""

import gc
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from agreements.domain.choices import PLANNED_OUTCOMES
from agreements.domain.permissions import IMPORT_AGREEMENTS
from agreements.exchange.importing import profiles, runs
from agreements.exchange.importing.planning import Incoming
from agreements.exchange.importing.readers import where
from agreements.exchange.importing.refusals import ImportRefusedError, RegisterChangedError
from agreements.exchange.importing.refused_rows import write_refused
from agreements.exchange.importing.remarks import FEW
from agreements.exchange.importing.report import LOOKS_ALIKE, ODDITY, QUESTION
from agreements.management.dry_run import DryRunCommand
from agreements.models import Import

FLAGS = {
    "--partial": "import the other rows if some are refused",
    "--create-parties": "create unknown parties",
    "--overwrite": "overwrite what staff have changed since the last import",
}
MOST_PARTIES_NAMED = 20
MOST_PROBLEMS_TOLD = 100


class Command(DryRunCommand):
    """Previews the whole file first, and writes only if no row is refused or `--partial` is given."""

    help = (
        "Import agreements from a CSV, XLSX, ODS or JSON file. New records are drafts. A second run changes nothing, and an "
        "import can be undone in the admin. See docs/importing.md."
    )
    # they load every page of the register, which takes longer than a preview
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--profile",
            default="",
            help="what the columns mean: register, the name of a profile, shipped "
            f"({', '.join(profiles.shipped())}) or kept in the admin, or the path of a .toml file; by default detected "
            "from the header",
        )
        super().add_arguments(parser)
        for flag, meaning in FLAGS.items():
            parser.add_argument(flag, action="store_true", help=meaning)
        parser.add_argument(
            "--encoding", default="", help="of a CSV, if it is not detected: utf-8, cp1252 …"
        )
        parser.add_argument(
            "--refused",
            type=Path,
            help="write the refused rows, with the reasons, to this CSV file",
        )
        parser.add_argument(
            "--user", default="", help="whose rights apply, and whose name goes into the history"
        )

    def handle(self, *args: object, user: str, **options: Any) -> None:
        """Prints how many records were created, changed, unchanged, kept and refused; fails if any was refused."""
        by = _user(user)
        # what is loaded by now stays: the collector would go through it again for every few hundred rows
        gc.freeze()
        try:
            try:
                run = self._import(options, by)
            except RegisterChangedError:  # between preview and writing; it gets a new preview once
                run = self._import(options, by)
        except ImportRefusedError as error:
            raise CommandError(str(error)) from error
        finally:
            gc.unfreeze()
        if run.refused or _questions(run):
            sys.exit(1)

    def _import(self, options: dict[str, Any], by: User | None) -> Import:
        path, verbosity, at = options["file"], options["verbosity"], timezone.now()
        run, file = runs.begun(
            path, name=path.name, profile=options["profile"], encoding=options["encoding"], by=by, at=at
        )  # fmt: skip
        run.is_partial = options["partial"]
        run.overwrites = options["overwrite"]
        run.creates_parties = options["create_parties"]
        with self.records_bar(label="Reading", total=None, verbosity=verbosity) as bar:
            outcome = runs.look(run, file, progress=bar.update)
        if options["refused"] and run.refused:
            self._write_refused(options["refused"], file, outcome)
        is_whole = not run.refused or run.is_partial
        is_whole = is_whole and not _questions(run)
        is_written = bool(run.writes) and is_whole and not options["dry_run"]
        if is_written:
            total = outcome.counts.total()
            with self.records_bar(label="Writing", total=total, verbosity=verbosity) as bar:
                runs.apply(run, file, progress=bar.update)
        self._explain(run, outcome, verbosity, file.table.sheets)
        if is_written:
            ending = f". Import {run.pk}."
        elif options["dry_run"]:
            ending = " (dry run: nothing was written)."
        else:
            ending = "." if is_whole else " (nothing was written)."
        numbers = ", ".join(f"{getattr(run, name)} {name}" for name in PLANNED_OUTCOMES)
        self.stdout.write(f"Agreements: {numbers}{ending}")
        return run

    def _write_refused(self, path: Path, file: Incoming, outcome: runs.Outcome) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as refused:
                count = write_refused(file.table, outcome, refused)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written ({error.strerror}), so nothing was imported."
            ) from error
        self.stderr.write(f"{path} has {count} refused rows.", style_func=str)

    def _explain(
        self, run: Import, outcome: runs.Outcome, verbosity: int, sheets: list[str]
    ) -> None:
        """Print each reason for which rows were refused once, and what is worth knowing."""
        for (column, value, remedy), rows in list(outcome.rows_of.items())[:MOST_PROBLEMS_TOLD]:
            told = _rows(rows, sheets)
            place = f"{told}, {column}" if column else told
            self.stderr.write(f"Refused: {place}:{f' “{value}”' if value else ''} {remedy}")
        if (more := len(outcome.rows_of) - MOST_PROBLEMS_TOLD) > 0:
            self.stderr.write(f"And {more} more reasons. --refused FILE writes all refused rows.")
        new_parties = [line["text"] for line in run.notes if line["kind"] == "new party"]
        for line in run.notes:
            if line["kind"] != "new party":
                self.stderr.write(_as_text(line, sheets), style_func=str)
        if new_parties:
            named = new_parties if verbosity > 1 else new_parties[:MOST_PARTIES_NAMED]
            more = len(new_parties) - len(named)
            ending = f"; and {more} more (--verbosity 2 lists them)" if more else ""
            text = "; ".join(named) + ending
            self.stderr.write(f"New parties ({len(new_parties)}): {text}", style_func=str)
        if run.unknown_parties:
            remedy = "A profile's [parties.known] maps a spelling to a known party."
            if not run.creates_parties:
                remedy = f"--create-parties creates them; {remedy[0].lower()}{remedy[1:]}"
            self.stderr.write(f"Unknown parties: {len(run.unknown_parties)}. {remedy}")


def _questions(run: Import) -> list[str]:
    """Return what must be answered in the profile before anything is written."""
    return [line["text"] for line in run.notes if line["kind"] == QUESTION]


def _rows(rows: list[int], sheets: list[str]) -> str:
    shown = ", ".join(where(row, sheets) for row in rows[:FEW])
    if len(rows) == 1:
        return f"Row {shown}"
    return f"{len(rows)} rows ({shown}{', …' if len(rows) > FEW else ''})"


def _user(name: str) -> User | None:
    """Return the user with that name, or None if no name is given: at the command line the operator may do everything."""
    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user named “{name}”.")
    if not user.has_perm(IMPORT_AGREEMENTS):
        raise CommandError(f"{name} may not import. An administrator can grant this right.")
    return user


def _as_text(line: dict[str, Any], sheets: list[str]) -> str:
    label = {ODDITY: "Unusual", LOOKS_ALIKE: "Unusual", QUESTION: "Question"}.get(
        line["kind"], "Note"
    )
    if "count" not in line:
        return f"{label}: {line['text']}"
    if line["kind"] == QUESTION:
        return f"{label}: {line['text']} {line['remedy']} Cells: {_rows_of(line, sheets)}"
    return f"{label}: {line['text']}: {_rows_of(line, sheets)}"


def _rows_of(line: dict[str, Any], sheets: list[str]) -> str:
    rows = ", ".join(where(row, sheets) for row in line["rows"])
    more = ", …" if line["count"] > len(line["rows"]) else ""
    return f"{line['count']} (rows {rows}{more})"
