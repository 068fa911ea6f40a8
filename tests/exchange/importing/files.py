"""Files for imports: written by hand for a test, or exported from the register; and what an import makes of them."""

import io
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl

from agreements.exchange.exporting.csv import stream_csv
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.json import stream_json
from agreements.exchange.exporting.xlsx import write_xlsx
from agreements.exchange.importing import runs
from agreements.exchange.importing.planning import Incoming
from agreements.models import Agreement, Import

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = date(2026, 11, 21)


def csv_file(folder: Path, *lines: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    """Write these lines as a file, as somebody would send it."""
    path = folder / name
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def workbook(folder: Path, rows: Iterable[Sequence[Any]], name: str = "file.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    path = folder / name
    book.save(path)
    return path


def exported(folder: Path, form: str) -> Path:
    """Write the whole register in one of its own formats."""
    path = folder / f"agreements.{form}"
    agreements = Agreement.objects.order_by("ref")
    extract = Extract(agreements, "All agreements", "", DAY)
    if form == "csv":
        lines = stream_csv(agreements, day=DAY)
        path.write_text("".join(lines), encoding="utf-8", newline="")
    elif form == "json":
        path.write_text("".join(stream_json(extract)), encoding="utf-8")
    else:
        with path.open("wb") as file:
            write_xlsx(extract, file)
    return path


def begun(path: Path, *, by: Any = None, **wishes: Any) -> tuple[Import, Incoming]:
    """Return an import of this file that has no preview yet."""
    how = {name: str(wishes.pop(name, "")) for name in ("profile", "encoding")}
    run, file = runs.begun(path, name=path.name, by=by, at=AT, **how)
    for name, value in wishes.items():
        setattr(run, name, value)
    return run, file


def looked_at(path: Path, *, by: Any = None, **wishes: Any) -> tuple[Import, runs.Outcome]:
    """Preview an import of this file and return it with its outcome; nothing is written."""
    run, file = begun(path, by=by, **wishes)
    return run, runs.look(run, file)


def imported(path: Path, *, by: Any = None, **wishes: Any) -> Import:
    """Import this file, which must contain something new."""
    run, file = begun(path, by=by, **wishes)
    runs.look(run, file)
    runs.apply(run, file)
    return run


def counts(run: Import) -> dict[str, int]:
    """Return the number of rows for each outcome, without zeros."""
    names = ("created", "changed", "unchanged", "kept", "refused")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def remedies(outcome: runs.Outcome) -> str:
    """Return the problems of all refused rows, as one text."""
    problems = [problem for statement in outcome.refused for problem in statement.problems]
    return "\n".join(
        f"{problem.row}|{problem.column}|{problem.value}|{problem.remedy}" for problem in problems
    )


# Registers that are hard to write and to read again

AWKWARD = (
    "=1+1", "'=1+1", "''@x", "-5", "+49 30", "@home", "\tindented", "a, b", 'the "quoted" one', "two\nlines", "win\r\ndows",
    "Şəki və Qəbələ", "مذكرة تفاهم", "semi; colon", "[party]", "x [witness]", "0012", "1e5", "TRUE", "2023-08", "NA", "nul",
    "_x0041_", "<r>text</r>", "bell\x07 here", "emoji 🙂", "ß ı İ", " ",
)  # fmt: skip


def awkward(random_of: random.Random, *, allow: Any = lambda text: True) -> str:
    """Return a text that a writer or reader of files may misinterpret."""
    choice = random_of.choice([text for text in AWKWARD if allow(text)])
    return f"{choice} {random_of.randint(1, 999)}" if random_of.random() < 0.5 else choice


def as_file(content: str | bytes) -> io.BytesIO:
    return io.BytesIO(content.encode() if isinstance(content, str) else content)
