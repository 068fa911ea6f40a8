"""Which sizes, databases and cases to measure, from the command line or the environment."""

import os
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgresql")
POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True)
class Options:
    sizes: tuple[int, ...]
    databases: tuple[str, ...]
    cases: str
    folder: Path
    postgres: str
    seed: int = 1

    def wants(self, case: str) -> bool:
        """Whether this case was chosen: its name contains one of the given words."""
        return not self.cases or any(part in case for part in self.cases.split(","))


def read(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Return the options; the command line overrides the environment."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    wanted = {
        "sizes": ("10000 100000 1000000", "how many published agreements, separated by blanks"),
        "databases": (" ".join(DATABASES), "sqlite, postgresql or both"),
        "cases": ("", "parts of the names of cases, separated by commas; all by default"),
        "bench-folder": ("var/bench", "where the registers lie that are measured"),
        "postgres-url": (POSTGRES, "a PostgreSQL server on which databases may be made"),
    }
    for name, (default, meaning) in wanted.items():
        variable = name.replace("-", "_").upper()
        parser.add_argument(f"--{name}", default=environment.get(variable) or default, help=meaning)
    given = parser.parse_args(arguments)
    databases = tuple(given.databases.split())
    if not set(databases) <= set(DATABASES):
        parser.error(f"there is no database of that name: write {' or '.join(DATABASES)}")
    return Options(
        sizes=tuple(int(size) for size in given.sizes.split()),
        databases=databases,
        cases=given.cases,
        folder=(ROOT / given.bench_folder).resolve(),
        postgres=given.postgres_url,
    )
