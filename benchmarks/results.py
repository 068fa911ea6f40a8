"""Stores the measurements in a file: cases that run again replace their earlier results.

A result is identified by database, size, server and case, as in `sqlite/10000/ours/list warm`.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILE = HERE / "results.json"

Json = dict[str, Any]
Measured = dict[str, Json]


def key(database: str, size: int, server: str, case: str) -> str:
    return f"{database}/{size}/{server}/{case}"


def read(file: Path = FILE) -> Json:
    """Return the stored results, empty where there is no file."""
    if not file.exists():
        return {"about": {}, "measured": {}}
    kept: Json = json.loads(file.read_text())
    return kept


def merged(kept: Json, about: Json, measured: Measured) -> Json:
    """Return the results to store after another run: its own, and the earlier ones of cases it left out.

    Remarks on the earlier run are dropped.
    """
    return {"about": about, "measured": kept["measured"] | measured}


def write(results: Json, file: Path = FILE) -> None:
    file.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
