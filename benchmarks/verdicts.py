"""The register's performance targets, whether the measurements meet them, and by how much."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Json, Measured, key

DATABASES = ("sqlite", "postgresql")
DATASETTES = {"datasette": "Datasette", "datasette as installed": "Datasette as installed"}

# Our cases, each with the Datasette case that comes closest to it.
COMPARED = {
    **{
        f"{page} {state}": page
        for page in (
            "list", "filtered", "search rare", "search common", "search two words", "detail", "last page",
        )
        for state in ("cold", "warm")
    },
    "csv all": "csv all",
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A target and its measurement: `figure` and `limit` in `unit`; it is met at or below the limit, or at or above
    it.
    """

    target: str
    where: str
    figure: float | None
    limit: float
    unit: str
    at_least: bool = False

    @property
    def is_met(self) -> bool | None:
        """None if nothing was measured."""
        if self.figure is None:
            return None
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        wanted = f"{sign} {self.limit:g} {self.unit}"
        if self.figure is None:
            return f"not measured (wanted {wanted})"
        word = "met" if self.is_met else "missed"
        figure = f"{self.figure:,.0f}" if self.figure >= 1000 else f"{self.figure:.3g}"
        return f"{word}: {figure} {self.unit} (wanted {wanted})"


def figure(measured: Measured, name: str, what: str = "median") -> float | None:
    """Return a figure of a result; None if it is missing or if some of its responses were errors."""
    result = measured.get(name)
    if result is None or what not in result or (result.get("errors") and what == "median"):
        return None
    return float(result[what])


def ratio(over: float | None, under: float | None) -> float | None:
    """Return the ratio of the two; None if one is unknown or zero."""
    return over / under if over is not None and under else None


def faster(
    measured: Measured, database: str, size: int, case: str, whose: str = "datasette"
) -> float | None:
    """Return how many times as fast as Datasette we answer a case; below 1 we are slower."""
    other = COMPARED[case]
    theirs = figure(measured, key("sqlite", size, whose, other))
    return ratio(theirs, figure(measured, key(database, size, "ours", case)))


def verdicts(measured: Measured) -> Iterator[Verdict]:
    """Yield the verdict on every target, in the order of the report."""
    for database in DATABASES:
        yield from _against_datasette(measured, database)
        yield from _by_themselves(measured, database)
    bare = figure(measured, key("sqlite", 100_000, "bare loop", "csv all"))
    csv = figure(measured, key("sqlite", 100_000, "ours", "csv all"))
    yield Verdict(
        "CSV of all, compared with the bare csv loop",
        "100,000, SQLite",
        ratio(csv, bare),
        3,
        "times",
    )


def _against_datasette(measured: Measured, database: str) -> Iterator[Verdict]:
    where = f"100,000, {LABELS[database]}"
    for case, limit in (
        ("list warm", 20),
        ("list cold", 3),
        ("filtered cold", 5),
        ("search rare warm", 5),
        ("search common warm", 5),
        ("search two words warm", 5),
        ("search rare cold", 5),
        ("search common cold", 5),
        ("search two words cold", 5),
    ):
        for whose, named in DATASETTES.items():
            times = faster(measured, database, 100_000, case, whose)
            target = f"{case}, times as fast as {named}"
            yield Verdict(target, where, times, limit, "times", at_least=True)


def _by_themselves(measured: Measured, database: str) -> Iterator[Verdict]:
    label = LABELS[database]

    def ours(size: int, case: str, what: str = "median") -> float | None:
        return figure(measured, key(database, size, "ours", case), what)

    million = f"1,000,000, {label}"
    yield Verdict(
        "CSV of all, memory per worker (PSS)",
        million,
        ours(1_000_000, "csv all", "pss_mb"),
        150,
        "MB",
    )
    growth = ratio(ours(1_000_000, "list warm"), ours(10_000, "list warm"))
    yield Verdict("list warm, compared with 10,000", million, growth, 2, "times")
    yield Verdict("list cold with all facets", million, ours(1_000_000, "list cold"), 1, "s")
    for size in (100_000, 1_000_000):
        pages = ratio(ours(size, "last page cold"), ours(size, "list cold"))
        yield Verdict("last page, compared with the first", f"{size:,}, {label}", pages, 3, "times")
    inside = ours(100_000, "if-none-match inside")
    yield Verdict(
        "If-None-Match, inside the application",
        f"100,000, {label}",
        inside and inside * 1000,
        3,
        "ms",
    )
    errors = ours(100_000, "list at 32 clients while staff save", "errors")
    yield Verdict("32 clients while staff save, errors", f"100,000, {label}", errors, 0, "errors")
    made = ours(1_000_000, "generation")
    yield Verdict("generation", million, made, 600, "s")


LABELS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def told(measured: Json) -> list[Verdict]:
    return list(verdicts(measured))
