"""The registers to measure: generated once from a seed, and copied for cases that change them."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from benchmarks.options import ROOT, Options

PYTHON_OF = Path(".venv/bin/python")
PYTHON = ROOT / PYTHON_OF


@dataclass(frozen=True)
class Register:
    """A register of a given size in a database."""

    database: str
    size: int
    url: str
    options: Options
    # the release that runs, with its environment in .venv
    code: Path = ROOT

    @property
    def file(self) -> Path:
        """The file of a register on SQLite."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def environment(self) -> dict[str, str]:
        """The variables the application runs with: only those of a local site, so that it needs no HTTPS."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "mou_tracker.settings",
            "DOCUMENTS_ROOT": str(self.options.folder / "documents"),
            "STATIC_ROOT": str(self.options.folder / "static"),
            "GENERATED_RECORDS": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python with the application's settings; a failure ends the benchmark with its message."""
        ran = subprocess.run(
            [str(self.code / PYTHON_OF), *arguments],
            cwd=self.code,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {ran.stderr.strip()[-2000:]}")
        return ran.stdout


def register(database: str, size: int, options: Options, *, name: str = "") -> Register:
    """Return the location of the register of this size, or of the one with the given name."""
    if database == "sqlite":
        return Register(
            database, size, f"sqlite:///{options.folder / f'{name or size}.sqlite3'}", options
        )
    server = urlsplit(options.postgres)
    url = urlunsplit((server.scheme, server.netloc, f"/bench_{name or size}", server.query, ""))
    return Register(database, size, url, options)


def prepared(found: Register) -> None:
    """Create the register's database unless it exists, and migrate it."""
    found.options.folder.mkdir(parents=True, exist_ok=True)
    if found.database == "postgresql" and not _exists(found):
        _postgres(found.options, f'CREATE DATABASE "{_name(found)}"')
    found.manage("migrate", "--verbosity", "0")


def made(found: Register) -> float | None:
    """Generate and migrate the register unless it exists; return the seconds that took, None if it existed."""
    prepared(found)
    if _holds_agreements(found):
        return None
    began = time.perf_counter()
    found.manage("generate_register", str(found.size), "--seed", str(found.options.seed))
    return time.perf_counter() - began


@contextmanager
def scratch(original: Register) -> Iterator[Register]:
    """Yield a copy of a register that no server uses, and delete it afterwards."""
    copy = register(original.database, original.size, original.options, name="scratch")
    _remove(copy)
    if original.database == "sqlite":
        with (
            closing(sqlite3.connect(original.file)) as source,
            closing(sqlite3.connect(copy.file)) as to,
        ):
            source.backup(to)
    else:
        _postgres(original.options, f'CREATE DATABASE "{_name(copy)}" TEMPLATE "{_name(original)}"')
    try:
        yield copy
    finally:
        _remove(copy)


def _remove(copy: Register) -> None:
    if copy.database == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{copy.file}{ending}").unlink(missing_ok=True)
    else:
        _postgres(copy.options, f'DROP DATABASE IF EXISTS "{_name(copy)}"')


def _name(found: Register) -> str:
    return urlsplit(found.url).path.removeprefix("/")


def _exists(found: Register) -> bool:
    names = _postgres(found.options, "SELECT datname FROM pg_database").split()
    return _name(found) in names


def _holds_agreements(found: Register) -> bool:
    script = "from agreements.models import Agreement; print(Agreement.objects.exists())"
    return found.manage("shell", "--no-imports", "--command", script).strip().endswith("True")


def _postgres(options: Options, statement: str) -> str:
    """Run a statement outside any transaction, with the driver of the application's environment."""
    script = (
        "import sys, psycopg\n"
        "with psycopg.connect(sys.argv[1], autocommit=True) as server:\n"
        "    rows = server.execute(sys.argv[2])\n"
        "    print(*(row[0] for row in rows) if rows.description else ())"
    )
    ran = subprocess.run(
        [str(PYTHON), "-c", script, options.postgres, statement],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SystemExit(f"PostgreSQL at POSTGRES_URL: {ran.stderr.strip().splitlines()[-1]}")
    return ran.stdout
