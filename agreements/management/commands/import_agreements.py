"""Imports a file of agreements: the register's own CSV, XLSX or JSON, or another register's with a profile."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from agreements.domain.permissions import IMPORT_AGREEMENTS
from agreements.exchange.importing import profiles, runs
from agreements.exchange.importing.refusals import ImportRefusedError, RegisterChangedError
from agreements.management.options import add_dry_run
from agreements.models import Import

MOST_PARTIES_NAMED = 20
MOST_PROBLEMS_TOLD = 100
# If the register changes between preview and writing, the preview is made once more.
TRIES = 2


class Command(BaseCommand):
    """Previews the whole file first, and writes only if no row is refused or `--partial` is given."""

    help = (
        "Import agreements from a CSV, XLSX or JSON file. New records are drafts. A second run changes nothing, and an "
        "import can be undone in the admin. See docs/importing.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--profile",
            default="",
            help="what the columns mean: register, the name of a shipped profile "
            f"({', '.join(profiles.shipped())}) or the path of a .toml file; by default detected from the header",
        )
        add_dry_run(parser)
        parser.add_argument(
            "--partial", action="store_true", help="import the other rows if some are refused"
        )
        parser.add_argument(
            "--create-parties", action="store_true", help="create the parties that are unknown"
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="overwrite what staff have changed since the last import",
        )
        parser.add_argument(
            "--encoding", default="", help="of a CSV, if it is not detected: utf-8, cp1252 …"
        )
        parser.add_argument(
            "--user", default="", help="whose rights apply, and whose name goes into the history"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many records were created, changed, unchanged, kept and refused; fails if any was refused."""
        by = _user(options["user"])
        try:
            run = self._import(options, by)
        except ImportRefusedError as error:
            raise CommandError(str(error)) from error
        if run.refused:
            sys.exit(1)

    def _import(self, options: dict[str, Any], by: User | None, tries: int = TRIES) -> Import:
        path, at = options["file"], timezone.now()
        run, file = runs.begun(
            path, name=path.name, profile=options["profile"], encoding=options["encoding"], by=by, at=at
        )  # fmt: skip
        run.is_partial = options["partial"]
        run.overwrites = options["overwrite"]
        run.creates_parties = options["create_parties"]
        with self._progress("Reading", options, None) as bar:
            outcome = runs.look(run, file, progress=bar.update)
        is_whole = not run.refused or run.is_partial
        is_written = bool(run.writes) and is_whole and not options["dry_run"]
        if is_written:
            try:
                with self._progress("Writing", options, sum(outcome.counts.values())) as bar:
                    runs.apply(run, file, progress=bar.update)
            except RegisterChangedError:
                if tries == 1:
                    raise
                return self._import(options, by, tries - 1)
        self._report(run, outcome, options, written=is_written)
        return run

    def _progress(self, what: str, options: dict[str, Any], total: int | None) -> "tqdm[Any]":
        is_shown = options["verbosity"] > 0 and sys.stderr.isatty()
        return tqdm(desc=what, total=total, unit=" records", file=sys.stderr, disable=not is_shown)

    # Output

    def _report(
        self, run: Import, outcome: runs.Outcome, options: dict[str, Any], *, written: bool
    ) -> None:
        self._say_refusals(run, outcome)
        for line in run.notes:
            if line["kind"] != "new party":
                self.stderr.write(_as_text(line), style_func=str)
        self._say_parties(run)
        self.stdout.write(self._summary(run, options, written=written))

    def _say_refusals(self, run: Import, outcome: runs.Outcome) -> None:
        problems = [problem for planned in outcome.refused for problem in planned.problems]
        for problem in problems[:MOST_PROBLEMS_TOLD]:
            where = f"Row {problem.row}" + (f", {problem.column}" if problem.column else "")
            value = f" “{problem.value}”" if problem.value else ""
            self.stderr.write(f"Refused: {where}:{value} {problem.remedy}")
        if len(problems) > MOST_PROBLEMS_TOLD or run.refused > len(outcome.refused):
            self.stderr.write(
                f"Only the first {MOST_PROBLEMS_TOLD} reasons are shown, of {run.refused} refused records."
            )

    def _say_parties(self, run: Import) -> None:
        new = [line["text"] for line in run.notes if line["kind"] == "new party"]
        if new:
            shown, more = new[:MOST_PARTIES_NAMED], len(new) - MOST_PARTIES_NAMED
            text = "; ".join([*shown, f"and {more} more"] if more > 0 else shown)
            self.stderr.write(f"New parties ({len(new)}): {text}", style_func=str)
        if run.unknown_parties:
            self.stderr.write(
                f"Unknown parties: {len(run.unknown_parties)}. --create-parties creates them; a profile's [parties.known] "
                "maps a spelling to a known party."
            )

    def _summary(self, run: Import, options: dict[str, Any], *, written: bool) -> str:
        numbers = ", ".join(
            f"{getattr(run, name)} {name}"
            for name in ("created", "changed", "unchanged", "kept", "refused")
        )
        if written:
            return f"Agreements: {numbers}. Import {run.pk}."
        if options["dry_run"]:
            return f"Agreements: {numbers} (dry run: nothing was written)."
        return f"Agreements: {numbers}{' (nothing was written)' if run.refused else ''}."


def _user(name: str) -> User | None:
    """Return the user with that name; None without one: on the command line the operator may do everything."""
    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user named “{name}”.")
    if not user.has_perm(IMPORT_AGREEMENTS):
        raise CommandError(f"{name} may not import. An administrator can grant this right.")
    return user


def _as_text(line: dict[str, Any]) -> str:
    label = "Unusual" if line["kind"] == "oddity" else "Note"
    if "count" not in line:
        return f"{label}: {line['text']}"
    rows = ", ".join(map(str, line["rows"]))
    more = ", …" if line["count"] > len(line["rows"]) else ""
    return f"{label}: {line['text']}: {line['count']} (rows {rows}{more})"
