"""Writes the measurements for people: one table, the comparison with Datasette, and the targets."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.results import HERE, Measured, key
from benchmarks.verdicts import COMPARED, LABELS, faster, figure, told

FILE = HERE / "RESULTS.md"

_NOTES = """\
gunicorn runs as docs/operating.md says for production (`--preload`, 3 workers), over plain http on this machine, so that no
redirect to https stands in the way, and with `--timeout 900`. No proxy, no compression. A *cold* answer follows a
change of a published record, one for each repetition; a *warm* one is the same page asked again. Cold pages, and
those of Datasette, are asked five times, warm ones twenty, files three times, fewer where they take long; "times"
says how often it was. A time runs from the request to the last byte, connection included; an answer that pauses for
240 s is an error. Memory is the most that one worker held meanwhile: RSS counts in full what the workers share since
`--preload` (code and columns), PSS by each one's share, so that the PSS of all add up to what is used.

Datasette serves the very same SQLite file: the table `agreements_agreement` with the published rows, sorted by the
first day of signature and with facets on two columns, `kind` and `stage`; ours has nine facets, some of them over
trees. It searches in our own full-text table (`fts_table`, `fts_pk`). Its filtered page narrows by stage, an area and
a party through their tables (`_through`): a status of the day, a tree of areas and a country with its ministries
cannot be asked for there, so ours does more. It keeps no answers, so that cold and warm are one. Its limits on time
and size are lifted and its suggestions of facets are off. *As installed* it is what `pip install datasette` gives: it
suggests facets at every page, and gives up what takes too long (a facet after 0.2 s, a page after a second). Its CSV
holds the columns of one table, ours the joined names of parties, areas, signatories and sources too; at 1,000,000 it is
not measured, for its stream asks page by page and would take longer than all the rest. It pages by keys; its last page
is a statement with an offset. It has no statistics page, no answer 304 and no admin. The bare loop is
`benchmarks/bare_csv.py`."""

_WHY = """\
A cold page costs 50 to 80 ms of Python here whatever it shows, most of it for drawing. So where Datasette has few rows
to look at, it is ahead until the page is asked again: its filtered page and its search for a rare word find some
hundred rows by the register's own indexes and count two facets among them; ours counts nine, each as if its own
choice had not been made, and draws them. A common word stands in most agreements: their keys all have to come out
of the full-text index, twice, for those with the word in their title go first. PostgreSQL reads the entries themselves,
which hold their texts; for a word that nine in ten hold it reads the table from end to end (PLANS.md). Asked again, every
page is answered from what is kept: one query of sixteen rows. On SQLite, where each request opens
the file anew, that takes two milliseconds longer than on PostgreSQL.

Memory is that of a worker which has made the file and little else. Columns and answers of searches that it keeps besides
come on top: in the table below the workers that had searched before hold up to twice as much, at any length of a file."""


def ms(seconds: float | None) -> str:
    """Format a time for comparison: in milliseconds, or in seconds from ten seconds up."""
    if seconds is None:
        return ""
    if seconds >= 10:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def table(measured: Measured) -> list[str]:
    """Return one table of all results, ordered by database, size, server and case."""
    head = "| database | agreements | server | case | median | p95 | times | per second | MB (RSS/PSS) | errors | note |"
    lines = [head, "| --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"]
    for name in sorted(measured, key=_order):
        database, size, server, case = name.split("/", 3)
        cells = [
            LABELS.get(database, database),
            f"{int(size):,}",
            server,
            case,
            *_figures(measured[name]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _order(name: str) -> tuple[str, int, str, str]:
    database, size, server, case = name.split("/", 3)
    return database, int(size), server, case


def _figures(result: dict[str, Any]) -> list[str]:
    memory = f"{result['rss_mb']:g}/{result['pss_mb']:g}" if "rss_mb" in result else ""
    note = " ".join(str(result.get("note", "")).replace("|", "/").split())[:120]
    rate = f"{result['per_second']:,.1f}" if "per_second" in result else ""
    return [
        ms(result.get("median")),
        ms(result.get("p95")),
        str(result.get("times", "")),
        rate,
        memory,
        str(result.get("errors", "")),
        note,
    ]


def comparison(measured: Measured) -> Iterator[str]:
    """Yield lines that say how many times as fast as Datasette we are; below 1 we are slower."""
    sizes = sorted({int(name.split("/")[1]) for name in measured})
    yield "| agreements | case | Datasette | as installed | ours, SQLite | times | ours, PostgreSQL | times |"
    yield "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for size in sizes:
        for case, other in COMPARED.items():
            theirs = figure(measured, key("sqlite", size, "datasette", other))
            if theirs is None:
                continue
            installed = figure(measured, key("sqlite", size, "datasette as installed", other))
            cells = [f"{size:,}", case, ms(theirs), ms(installed)]
            for database in LABELS:
                mine = figure(measured, key(database, size, "ours", case))
                cells += [ms(mine), _times(faster(measured, database, size, case))]
            yield f"| {' | '.join(cells)} |"


def _times(times: float | None) -> str:
    if times is None:
        return ""
    return f"{times:,.1f}" if times >= 1 else f"**{times:.2f}: we lose**"


def targets(measured: Measured) -> Iterator[str]:
    yield "| target | at | verdict |"
    yield "| --- | --- | --- |"
    for verdict in told(measured):
        yield f"| {verdict.target} | {verdict.where} | {verdict} |"


def text(results: dict[str, Any]) -> str:
    """Return the text of RESULTS.md."""
    measured: Measured = results["measured"]
    parts: list[Iterable[str]] = [
        ["# What was measured", "", *_machine(results["about"]), "", _NOTES, ""],
        ["## Targets", "", *targets(measured), ""],
        ["Where we miss one, and where we lose below:", "", _WHY, ""],
        ["## Beside Datasette", "", *comparison(measured), ""],
        ["## Everything", "", *table(measured)],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _machine(about: dict[str, Any]) -> list[str]:
    if not about:
        return ["Nothing has been measured yet."]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    load = ", ".join(map(str, about["load"]))
    machine = f"{about['cores']} cores of {about['processor']}, {about['memory_gb']} GB of memory"
    register = f"Registers of `manage.py generate_register` with seed {about['seed']}."
    told = f"On {about['day']}, {machine}, load {load} at the beginning. {versions}. {register}"
    # remarks that someone added to results.json about this run
    return [told, "", about["remarks"]] if "remarks" in about else [told]


def write(results: dict[str, Any], file: Path = FILE) -> None:
    file.write_text(text(results))
