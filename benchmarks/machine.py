"""What the results depend on apart from our code: the machine, the versions and the seed."""

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.options import Options
from benchmarks.results import Json


def about(options: Options, versions: dict[str, str]) -> Json:
    """Return this in the format stored with the results; `versions` are those of the application's environment."""
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "seed": options.seed,
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "processor": _processor(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "versions": {
            "Python": platform.python_version(),
            "Datasette": version("datasette"),
            "SQLite": sqlite3.sqlite_version,
            **versions,
        },
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")
