"""Measures imports of another register's file: `python -m benchmarks.imports` writes IMPORTS.md.

The generated file has five parties in every row, most of them unknown to the register. Each case runs as a process of
its own on a fresh copy of the records that come with the register, so its figures include the start of Python and
Django. PostgreSQL's server works in other processes, and only the wall clock counts what it does.
"""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from benchmarks.options import ROOT, Options, read
from benchmarks.registers import PYTHON, Register, prepared, register, scratch
from benchmarks.results import HERE

FILE = HERE / "IMPORTS.md"
PROFILE = Path("benchmarks/imports.toml")
LARGE, SMALL = 10_000, 2_000
_PARTIES_A_ROW = 5
# what a profile adds that says where every fact stands
_SOURCE = """
[source]
publisher = { always = "Treaty office" }
title = { always = "List of agreements" }
url = { always = "https://treaties.example/list" }
where = "No."
"""
_HEADINGS = (
    "No.", "Title", "Type", "Status", "Date of signature", "Entry into force", "Parties", "Fields of cooperation"
)  # fmt: skip
_TYPES = ("Memorandum of understanding", "Agreement", "Protocol", "Joint declaration")
_STATES = (
    "Azerbaijan", "Georgia", "Kazakhstan", "Uzbekistan", "Germany", "France", "Italy", "Spain", "Poland", "Hungary",
    "Romania", "Bulgaria", "Ukraine", "Pakistan", "India", "China", "Japan", "Egypt", "Morocco", "Brazil", "Norway",
    "Sweden", "Finland", "Latvia", "Estonia", "Kenya", "Ghana", "Peru", "Chile", "Mexico",
)  # fmt: skip
_BODIES = (
    "Ministry of Foreign Affairs", "Ministry of Labour and Social Protection", "Ministry of Economy",
    "Ministry of Education", "Ministry of Health", "Ministry of Energy", "Ministry of Agriculture",
    "Ministry of Transport", "Ministry of Justice", "Ministry of Finance", "Ministry of Culture", "Customs Service",
    "Statistical Committee", "Agency for Civil Aviation", "Food Safety Agency", "National Archive", "Tax Service",
    "Migration Service", "Office for Standards",
)  # fmt: skip
_AREAS = (
    "Labour",
    "Health",
    "Education",
    "Energy",
    "Transport",
    "Trade",
    "Agriculture",
    "Mediation",
    "Archives",
)
_TOPICS = (
    "social protection",
    "labour migration",
    "vocational training",
    "customs",
    "food safety",
    "statistics",
)
_FIRST_DAY, _DAYS = date(1991, 10, 18), 12_000
# How an administrator uploads the file: prints the numbers of the import and of the user.
_UPLOAD = """
import sys
from pathlib import Path
from django.contrib.auth import get_user_model
from django.core.files import File
from django.utils import timezone
from agreements.domain.choices import ImportWork
from agreements.exchange.importing import runs
by = get_user_model().objects.create_superuser("benchmark")
with Path({file!r}).open("rb") as content:
    run = runs.stored(
        File(content, "imported.csv"), profile={profile!r}, encoding="", by=by, at=timezone.now()
    )
run.work, run.creates_parties = ImportWork.PREVIEW, True
run.save()
print(run.pk, by.pk)
"""


@dataclass(frozen=True)
class Cost:
    """What a process cost: seconds of the processor and of the clock, and its peak of resident memory."""

    processor: float
    wall: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.processor:.1f} s | {self.wall:.1f} s | {self.megabytes:.0f} MB"


def main() -> None:
    options = read(sys.argv[1:])
    parties = len(_STATES) * (1 + len(_BODIES))
    how = (
        f"`python -m benchmarks.imports`: rows with {_PARTIES_A_ROW} parties each, of {parties} distinct ones. Time of the "
        "processor (without PostgreSQL's server), time on the clock, and peak of resident memory, each with the start of "
        "the process."
    )
    lines = [
        "# Importing files",
        "",
        how,
        "",
        "| | database | processor | clock | memory |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for database in options.databases:
        for case, cost in measured(database, options):
            lines.append(f"| {case} | {database} | {cost} |")
            print(lines[-1], flush=True)  # noqa: T201 - progress
    FILE.write_text("\n".join(lines) + "\n")


def measured(database: str, options: Options) -> Iterator[tuple[str, Cost]]:
    """Yield each case that was chosen, with its cost on this database."""
    seeded = register(database, 0, options, name="seeded")
    prepared(seeded)
    seeded.manage("seed", "--verbosity", "0")
    large = written(options, LARGE)
    small = written(options, SMALL)
    for what, profile in (("", PROFILE), (", each fact with its source", cited(options))):
        command = ("import_agreements", "--profile", str(profile), "--create-parties", "-v0")
        if options.wants(case := f"importing {LARGE:,} rows{what}"):
            with scratch(seeded) as copy:
                yield case, cost_of(copy, *command, str(large))
                undo = cost_of(copy, "undo_import", "1", "-v0")
                yield f"undoing the import of {LARGE:,} rows{what}", undo
        if options.wants(case := f"dry run of {SMALL:,} rows{what}"):
            with scratch(seeded) as copy:
                yield case, cost_of(copy, *command, "--dry-run", str(small))
    if options.wants(case := f"preview of {SMALL:,} rows in the admin"):
        with scratch(seeded) as copy:
            script = _UPLOAD.format(file=str(small), profile=str(PROFILE))
            said = copy.manage("shell", "--no-imports", "--command", script)
            yield case, cost_of(copy, "work_on_import", *said.split())


def cost_of(found: Register, *arguments: str) -> Cost:
    """Run a management command and return its cost; a failure ends the benchmark with its message."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        env=found.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stderr.read() if process.stderr else ""
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {said.strip()[-2000:]}")
    wall = time.perf_counter() - began
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024 / 1e6)


# The file


def cited(options: Options) -> Path:
    """Write the profile with a source of every fact, and return where it is."""
    path = options.folder / "imports-cited.toml"
    path.write_text((ROOT / PROFILE).read_text() + _SOURCE)
    return path


def written(options: Options, rows: int) -> Path:
    """Write a file of this many rows, the same for the same seed, and return where it is."""
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"imported-{rows}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_HEADINGS)
        table.writerows(_rows(Random(options.seed), rows))  # noqa: S311 - the same in every run
    return path


def _rows(draws: Random, count: int) -> Iterator[tuple[str, ...]]:
    parties = [*_STATES, *(f"{body} of {state}" for body in _BODIES for state in _STATES)]
    for number in range(1, count + 1):
        chosen = draws.sample(parties, _PARTIES_A_ROW)
        kind, topic = draws.choice(_TYPES), draws.choice(_TOPICS)
        signed = _FIRST_DAY + timedelta(days=draws.randrange(_DAYS))
        in_force = signed + timedelta(days=30 + draws.randrange(700))
        is_in_force = draws.random() < 0.7
        yield (
            f"{signed.year}/{number:05d}",
            f"{kind} between {chosen[0]} and {chosen[1]} on cooperation in the field of {topic}",
            kind,
            "In force" if is_in_force else "Signed",
            f"{signed:%d.%m.%Y}",
            f"{in_force:%d.%m.%Y}" if is_in_force else "",
            "; ".join(chosen),
            ", ".join(draws.sample(_AREAS, 1 + draws.randrange(2))),
        )


if __name__ == "__main__":
    main()
