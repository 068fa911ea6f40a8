"""Upgrades a register that an earlier release filled, and measures it: `make bench-upgrade` writes UPGRADE.md.

The earlier release runs from its own commit in its own environment, so it has really written the database itself. The
migrations since then pass through the state of every release in between. While they run, a reader requests rows of
every table again and again; its longest wait is what visitors would notice.
"""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg

from benchmarks.options import ROOT, Options, read
from benchmarks.registers import PYTHON_OF, Register, made, register, scratch
from benchmarks.results import HERE

FILE = HERE / "UPGRADE.md"
SIZE = 100_000
# The last commit of the first edition, whose newest migration is 0015.
RELEASE = "2609a11"
# What `migrate --verbosity 2` prints about each migration.
_APPLIED = re.compile(r"Applying (\S+?)\.(\S+)\.\.\. OK \(([0-9.]+)s\)")
_PAUSE = 0.01


def main() -> None:
    options = read(sys.argv[1:])
    how = (
        f"`make bench-upgrade`: a register of {SIZE:,} agreements that release {RELEASE} generated. Seconds of each "
        "migration, of the whole command, and the longest wait of a reader meanwhile."
    )
    lines = [
        "# Upgrading from the first edition",
        "",
        how,
        "",
        "| | " + " | ".join(options.databases) + " |",
        "| --- |" + " ---: |" * len(options.databases),
    ]
    code = released(options.folder / f"release-{RELEASE}")
    columns = [upgraded(database, code, options) for database in options.databases]
    lines += (
        f"| {what} | " + " | ".join(f"{one[what]:.2f} s" for one in columns) + " |"
        for what in columns[0]
    )
    FILE.write_text("\n".join(lines) + "\n")


def released(folder: Path) -> Path:
    """Return the folder with the earlier release and its environment, installed from its own lock file."""
    if not (folder / PYTHON_OF).exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(
            ["git", "archive", RELEASE], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)
        subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=folder, check=True)
        locked = ["--no-deps", "--require-hashes", "--requirement", "requirements/base.txt"]
        subprocess.run(
            [PYTHON_OF, "-m", "pip", "install", "--quiet", *locked], cwd=folder, check=True
        )
    return folder


def upgraded(database: str, code: Path, options: Options) -> dict[str, float]:
    """Return how many seconds each step took; stops the benchmark if a row is missing afterwards or `verify` complains."""
    old = replace(register(database, SIZE, options, name=f"{RELEASE}_{SIZE}"), code=code)
    made(old)
    with scratch(old) as copy:
        new = replace(copy, code=ROOT)
        with _reader(new) as reader:
            tables = reader.tables
            before = counts(new, tables)
            began = time.perf_counter()
            said = new.manage("migrate", "--verbosity", "2")
            seconds = time.perf_counter() - began
        if (after := counts(new, tables)) != before:
            raise SystemExit(f"Rows before and after differ: {before.items() ^ after.items()}")
        applied = {f"{app} {name}": float(took) for app, name, took in _APPLIED.findall(said)}
        found = applied | {"the whole command": seconds, "a reader's longest wait": reader.longest}
        print(database, found, flush=True)  # noqa: T201 - progress: verifying takes longer
        new.manage("verify")
    return found


def counts(found: Register, tables: list[str]) -> dict[str, int]:
    """Return the number of rows of each table."""
    with closing(_connected(found)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in tables
        }


@dataclass
class Reader:
    """Reads some rows of each table in turn, each in a transaction of its own."""

    tables: list[str]
    longest: float = 0.0
    stopped: Event = field(default_factory=Event)

    def read(self, connection: Any) -> None:
        while not self.stopped.wait(_PAUSE):
            for table in self.tables:
                began = time.perf_counter()
                connection.execute(f"SELECT * FROM {table} LIMIT 25").fetchall()  # noqa: S608
                self.longest = max(self.longest, time.perf_counter() - began)


@contextmanager
def _reader(found: Register) -> Iterator[Reader]:
    with closing(_connected(found)) as connection:
        reader = Reader(_tables(found, connection))
        thread = Thread(target=reader.read, args=(connection,))
        thread.start()
        try:
            yield reader
        finally:
            reader.stopped.set()
            thread.join()


def _connected(found: Register) -> Any:
    if found.database == "sqlite":
        return sqlite3.connect(
            found.file, isolation_level=None, check_same_thread=False, timeout=60
        )
    return psycopg.connect(found.url, autocommit=True, prepare_threshold=None)


def _tables(found: Register, connection: Any) -> list[str]:
    """Return the tables with records and accounts, without those of the triggers and of the migrations."""
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        if found.database == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    left_out = (
        "_revisionshard",
        "_touchedagreement",
        "_fts",
        "django_",
        "sqlite_",
        "auth_permission",
    )
    rows = connection.execute(names).fetchall()
    return sorted(name for (name,) in rows if not any(part in name for part in left_out))


if __name__ == "__main__":
    main()
