"""Writes the measurements for people: one table, the comparison with Datasette, and the targets."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.results import HERE, Json, Measured, key
from benchmarks.verdicts import COMPARED, LABELS, faster, figure, told

FILE = HERE / "RESULTS.md"

_NOTES = """\
gunicorn runs with `--preload` and 3 sync workers rather than as in `deploy/`, and over plain http on this machine,
so that no redirect to https gets in the way, and with `--timeout 900`. There is no proxy and no compression. A *cold*
answer is the first one after a change to a published record, with one change for each repetition; a *warm* one is the
same page requested again. Cold pages, and those of Datasette, are requested five times, warm ones twenty and files three
times, or fewer if they take long; "times" gives the number. A time runs from the request to the last byte, including the
connection; an answer that pauses for 240 s counts as an error. Memory is the most that any one worker held during the
measurement. RSS counts in full what the workers share through `--preload` (code and columns); PSS counts only each
worker's share of it, so that the PSS of all workers add up to what is really used.

Datasette serves the very same SQLite file: the table `agreements_agreement` with the published rows, sorted by the
first day of signature, with facets on two columns, `kind` and `stage`; our page has nine facets, some of them over trees.
Datasette searches in our own full-text table (`fts_table`, `fts_pk`). Its filtered page filters by stage, an area and
a party through their tables (`_through`); it cannot filter by the status on a day, by a tree of areas or by a country
with its ministries, so our page does more. It caches no answers, so cold and warm are the same. Its limits on time
and size are lifted and its suggested facets are turned off. *As installed* is what `pip install datasette` gives: it
suggests facets on every page and gives up on whatever takes too long (a facet after 0.2 s, a page after a second). Its CSV
has the columns of one table, while ours also has the joined names of parties, areas, signatories and sources. At 1,000,000
its CSV is not measured, because it is streamed page by page and would take longer than everything else together.
Datasette pages by keys, so its last page is measured as a statement with an offset. It has no statistics page, no 304
answers and no admin. The bare loop is `benchmarks/bare_csv.py`."""

_WHY = """\
A cold page costs 50 to 80 ms of Python here whatever it shows, most of it for rendering. So where Datasette has few rows
to look at, it is ahead until the page is requested again: its filtered page and its search for a rare word find about a
hundred rows through the register's own indexes and count two facets among them, while ours counts and renders nine
facets, each as if nothing had been chosen in it. A common word occurs in most agreements: all their keys have to come
out of the full-text index, and twice, because agreements with the word in their title come first. PostgreSQL reads the
entries themselves, which hold their texts; for a word that occurs in nine out of ten, it reads the table from end to
end (PLANS.md). When a page is requested again, it comes from the cache and costs one query of sixteen rows. On SQLite,
where each request opens the file again, that takes two milliseconds longer than on PostgreSQL.

Memory is that of a worker that has produced the file and little else. Columns and search results that a worker caches
come on top: in the table below, the workers that had searched before hold up to twice as much, however long the file."""


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


def _figures(result: Json) -> list[str]:
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


def text(results: Json) -> str:
    """Return the text of RESULTS.md."""
    measured: Measured = results["measured"]
    parts: list[Iterable[str]] = [
        ["# What was measured", "", *_machine(results["about"]), "", _NOTES, ""],
        ["## Targets", "", *targets(measured), ""],
        [
            "Why we miss some of these targets, and lose some of the comparisons below:",
            "",
            _WHY,
            "",
        ],
        ["## Compared with Datasette", "", *comparison(measured), ""],
        ["## Everything", "", *table(measured)],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _machine(about: Json) -> list[str]:
    if not about:
        return ["Nothing has been measured yet."]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    load = ", ".join(map(str, about["load"]))
    machine = f"{about['cores']} cores of {about['processor']}, {about['memory_gb']} GB of memory"
    register = f"Registers of `manage.py generate_register` with seed {about['seed']}."
    told = f"On {about['day']}, {machine}, load {load} at the beginning. {versions}. {register}"
    # remarks that somebody has added to results.json about this run
    return [told, "", about["remarks"]] if "remarks" in about else [told]


def write(results: Json, file: Path = FILE) -> None:
    file.write_text(text(results))
