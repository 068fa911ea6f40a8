"""What was measured, in a file: a part of the cases that is run again takes the place of its former results.

A result is known by database, size, server and case, as in `sqlite/10000/ours/list warm`.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILE = HERE / "results.json"

Measured = dict[str, dict[str, Any]]


def key(database: str, size: int, server: str, case: str) -> str:
    return f"{database}/{size}/{server}/{case}"


def read(file: Path = FILE) -> dict[str, Any]:
    """Return what was kept, nothing yet where there is no file."""
    if not file.exists():
        return {"about": {}, "measured": {}}
    kept: dict[str, Any] = json.loads(file.read_text())
    return kept


def merged(kept: dict[str, Any], about: dict[str, Any], measured: Measured) -> dict[str, Any]:
    """Return what is kept after another run: its results, and the former ones of cases that it left out.

    What somebody remarked on the run before is not said of this one.
    """
    return {"about": about, "measured": kept["measured"] | measured}


def write(results: dict[str, Any], file: Path = FILE) -> None:
    file.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
