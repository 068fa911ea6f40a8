"""The cases that are measured: what is requested, how often, and what must happen first."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

from benchmarks import bare_csv, registers, servers
from benchmarks.clients import at_once
from benchmarks.memory import watched
from benchmarks.options import Options
from benchmarks.registers import Register
from benchmarks.results import HERE, Json, Measured, key
from benchmarks.servers import Server, Staff
from benchmarks.timing import repeated, told

TIMES = 5
# Each worker caches pages by itself, so a page is requested this often before it counts as cached.
WARMING = 4 * servers.WORKERS
SECONDS_AT_ONCE = 3.0
SECONDS_WHILE_SAVING = 6.0
CLIENTS = (1, 8, 32)
IMPORTED = 10_000
LARGEST_CSV_OF_DATASETTE = 100_000
PLANS = HERE / "PLANS.md"
_PAGE = 25
_LATEST = "2026-06-30"

Say = Callable[[str], object]


class Cases:
    """The cases for one register; each adds to `measured`."""

    def __init__(self, register: Register, say: Say) -> None:
        self.register, self.options = register, register.options
        self.measured: Measured = {}
        self._say = say

    def run(self) -> Measured:
        """Measure the chosen cases, one server at a time with nothing else running."""
        self._generation()
        if self.options.wants("import"):
            self._import()
        with servers.ours(self.register) as server, servers.staff(self.register) as staff:
            facts = staff.order("about")
            self._pages(server, staff, facts)
            self._conditional(server, staff)
            self._staff_pages(server, staff)
            self._many_at_once(server, staff, facts)
            # last, because a worker may still be producing a large file that nobody is waiting for
            self._files(server)
        if self.register.database == "sqlite":
            self._bare_loop()
            self._datasette(facts)
            self._datasette_as_installed(facts)
        elif self.options.wants("plans"):
            self.register.run("-m", "benchmarks.plans", str(PLANS))
        return self.measured

    def _keep(self, server: str, case: str, result: Json) -> None:
        name = key(self.register.database, self.register.size, server, case)
        self.measured[name] = result
        self._say(f"{name}: {result}")

    # Before a server runs

    def _generation(self) -> None:
        seconds = registers.made(self.register)
        if seconds is not None:
            self._keep("ours", "generation", {"median": round(seconds, 1), "times": 1})

    def _import(self) -> None:
        """Import this many rows of our own CSV as new records into a copy."""
        with registers.scratch(self.register) as copy:
            rows = self.options.folder / "import.csv"
            with servers.ours(copy) as server:
                lines = _first_rows(server)
            rows.write_text(_as_new(lines))
            began = time.perf_counter()
            said = copy.manage("import_agreements", str(rows), "--partial", "--create-parties")
            seconds = round(time.perf_counter() - began, 1)
        note = said.strip().splitlines()[-1] if said.strip() else ""
        self._keep(
            "ours", f"import of {IMPORTED:,} rows", {"median": seconds, "times": 1, "note": note}
        )

    # Pages

    def _pages(self, server: Server, staff: Staff, facts: Json) -> None:
        # a worker's very first page compiles templates, which should not count against any case
        repeated(lambda: server.client.get("/agreements/?page=2"), times=WARMING)
        for case, path in _pages_of(facts).items():
            self._ask(server, f"{case} cold", path, before=lambda: staff.order("touch"))
            self._warm(server, f"{case} warm", path)

    def _warm(
        self, server: Server, case: str, path: str, headers: dict[str, str] | None = None
    ) -> None:
        if self.options.wants(case):
            repeated(lambda: server.client.get(path, headers), times=WARMING)
            self._ask(server, case, path, times=4 * TIMES, headers=headers)

    def _ask(
        self,
        server: Server,
        case: str,
        path: str,
        *,
        times: int = TIMES,
        wanted: int = 200,
        headers: dict[str, str] | None = None,
        before: Callable[[], object] = lambda: None,
        whose: str = "ours",
        longest: float = 20.0,
    ) -> None:
        if not self.options.wants(case):
            return
        with watched(server.workers) as peak:
            answers = repeated(
                lambda: server.client.get(path, headers),
                times=times,
                before=before,
                longest=longest,
            )
        self._keep(whose, case, told(answers, wanted) | peak.told)

    def _conditional(self, server: Server, staff: Staff) -> None:
        """Request the list again with its ETag; there is nothing to measure without one."""
        if not self.options.wants("if-none-match"):
            return
        etag = server.client.get("/agreements/").etag
        if not etag:
            self._keep("ours", "if-none-match", {"note": "the list carries no ETag"})
            return
        headers = {"If-None-Match": etag}
        repeated(lambda: server.client.get("/agreements/", headers), times=WARMING)
        self._ask(server, "if-none-match", "/agreements/", times=50, wanted=304, headers=headers)
        inside = staff.order("inside", "/agreements/")
        wrong = {} if inside["status"] == 304 else {"errors": 50, "note": str(inside["status"])}
        self._keep("ours", "if-none-match inside", inside | wrong)

    def _staff_pages(self, server: Server, staff: Staff) -> None:
        if self.options.wants("admin list"):
            cookie = {"Cookie": staff.order("session")}
            self._ask(server, "admin list", "/admin/agreements/agreement/", headers=cookie)

    # Files

    def _files(self, server: Server) -> None:
        """Request files at most three times, and slow ones once."""
        for extension in ("csv", "json", "xlsx"):
            for case, query in (("a tenth", "?kind=protocol"), ("all", "")):
                path = f"/agreements.{extension}{query}"
                self._ask(server, f"{extension} {case}", path, times=3, longest=10.0)

    def _bare_loop(self) -> None:
        if self.options.wants("csv all"):
            to = self.options.folder / "bare.csv"
            answers = repeated(
                lambda: bare_csv.written(self.register.file, to, _LATEST), times=3, longest=10.0
            )
            to.unlink()
            self._keep("bare loop", "csv all", told(answers))

    # Concurrent requests

    def _many_at_once(self, server: Server, staff: Staff, facts: Json) -> None:
        pages = _pages_of(facts)
        for page in ("list", "detail"):
            for clients in CLIENTS:
                case = f"{page} at {clients} clients"
                self._at_once(server, case, pages[page], clients, "ours")
        case = "list at 32 clients while staff save"
        if self.options.wants(case):
            staff.begin("write", SECONDS_WHILE_SAVING)
            found = at_once(server.client, pages["list"], clients=32, seconds=SECONDS_WHILE_SAVING)
            saved = staff.ended()
            errors = found["errors"] + saved["failed"]
            note = found.get("note") or f"{saved['saved']} saved, {saved['failed']} failed"
            self._keep("ours", case, found | {"errors": errors, "note": note})

    def _at_once(self, server: Server, case: str, path: str, clients: int, whose: str) -> None:
        if self.options.wants(case):
            with watched(server.workers) as peak:
                found = at_once(server.client, path, clients=clients, seconds=SECONDS_AT_ONCE)
            self._keep(whose, case, found | peak.told)

    # Datasette

    def _datasette(self, facts: Json) -> None:
        with servers.datasette(self.register, servers.TUNED) as server:
            for case, path in _pages_of_datasette(self.register, facts).items():
                if case == "csv all" and self.register.size > LARGEST_CSV_OF_DATASETTE:
                    continue
                times = 1 if case == "csv all" else TIMES
                self._ask(server, case, path, whose=servers.TUNED, times=times)
                if case in ("list", "detail"):
                    for clients in CLIENTS:
                        self._at_once(
                            server, f"{case} at {clients} clients", path, clients, servers.TUNED
                        )

    def _datasette_as_installed(self, facts: Json) -> None:
        with servers.datasette(self.register, servers.AS_INSTALLED) as server:
            for case, path in _pages_of_datasette(self.register, facts).items():
                if case == "list" or case.startswith(("filtered", "search")):
                    self._ask(server, case, f"{path}&_size={_PAGE}", whose=servers.AS_INSTALLED)


def _pages_of(facts: Json) -> dict[str, str]:
    narrowed = {"status": "in_force", "area": facts["area"], "country": facts["country"]}
    last = (facts["published"] + _PAGE - 1) // _PAGE
    return {
        "list": "/agreements/",
        "filtered": f"/agreements/?{urlencode(narrowed)}",
        "search rare": f"/agreements/?{urlencode({'q': facts['rare']})}",
        "search common": "/agreements/?q=cooperation",
        "search two words": "/agreements/?q=social+protection",
        "detail": f"/agreements/{facts['ref']}/",
        "statistics": "/statistics/",
        "last page": f"/agreements/?page={last}",
    }


def _pages_of_datasette(register: Register, facts: Json) -> dict[str, str]:
    table = f"/{register.file.stem}/agreements_agreement"
    facets = "publication=published&_facet=kind&_facet=stage&_sort_desc=signed_earliest"
    through = "".join(
        f"&_through={quote(_as_json(table, column, value))}"
        for table, column, value in (
            ("agreements_agreement_areas", "area_id", facts["area_key"]),
            ("agreements_participation", "party_id", facts["party"]),
        )
    )
    offset = max(0, facts["published"] - _PAGE)
    statement = (
        "select * from agreements_agreement where publication = 'published' "  # noqa: S608 - a number
        f"order by signed_earliest desc limit {_PAGE} offset {offset}"
    )
    return {
        "list": f"{table}?{facets}",
        "filtered": f"{table}?{facets}&stage=concluded{through}",
        "search rare": f"{table}?{facets}&_search={quote(facts['rare'].casefold())}",
        "search common": f"{table}?{facets}&_search=cooperation",
        "search two words": f"{table}?{facets}&_search=social+protection",
        "detail": f"{table}/{facts['key']}",
        "last page": f"/{register.file.stem}?{urlencode({'sql': statement})}",
        "csv all": f"{table}.csv?publication=published&_stream=on&_size=max",
    }


def _as_json(table: str, column: str, value: int) -> str:
    return f'{{"table":"{table}","column":"{column}","value":"{value}"}}'


def _first_rows(server: Server) -> str:
    """Return the beginning of our CSV, which is quick to get from a database of any size."""
    return server.client.text("/agreements.csv?sort=ref", lines=IMPORTED + 1)


def _as_new(lines: str) -> str:
    """Return the rows without the columns that tie them to this register."""
    text = io.StringIO()
    rows = csv.DictReader(io.StringIO(lines, newline=""))
    names = [name for name in rows.fieldnames or () if name not in ("url", "updated_at")]
    writer = csv.DictWriter(text, names, extrasaction="ignore")
    writer.writeheader()
    for number, row in enumerate(rows, start=1):
        writer.writerow(row | {"ref": "", "title": f"{row['title']} (copy {number})"})
    return text.getvalue()


def of(options: Options, say: Say) -> Iterator[Measured]:
    """Yield the measurements of each register, small ones first."""
    for size in sorted(options.sizes):
        for database in options.databases:
            yield Cases(registers.register(database, size, options), say).run()
