"""Measures what visitors notice while slow clients attack: `python -m benchmarks.attacks.slow_clients`.

It attacks gunicorn alone, set up as an earlier edition of docs/operating.md advised, and then the server of `deploy/`,
from twenty addresses and from one. It needs PostgreSQL and nginx, generates a register, and prints a table for
`benchmarks/attacks/README.md`. It connects only to this machine.
"""

import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.attacks.slow import KINDS, Attack, Target, slow_clients
from benchmarks.clients import Client
from benchmarks.options import read
from benchmarks.registers import Register, made, register
from benchmarks.servers import ours
from tests.deployed import HOST, Site, deployed, tls

SIZE = 20_000
MANY = tuple(f"127.0.0.{n}" for n in range(2, 22))
GIVEN_UP_SECONDS = 10.0
_EVERY_SECONDS = 0.25
# how long the attackers take to connect
_HEADSTART_SECONDS = 3.0
PAGES = ("/healthz", "/agreements/", "/agreements/?page=")

Ask = Callable[[str], int]


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--of-each-kind", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--bench-folder", default="var/bench")
    given = parser.parse_args(sys.argv[1:])
    found = register("postgresql", SIZE, read(["--bench-folder", given.bench_folder]))
    made(found)
    _say(
        "| server | attackers come from | page | answers | none in 10 s | not 200 | median ms | worst ms |"
    )
    _say("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for server, sources, set_up in (
        ("gunicorn alone, 3 sync workers", MANY, _alone),
        ("`deploy/`", MANY, _behind_nginx),
        ("`deploy/`", MANY[:1], _behind_nginx),
    ):
        with set_up(found) as (target, ask):
            target.sources = sources
            with slow_clients(target, of_each_kind=given.of_each_kind) as attack:
                time.sleep(_HEADSTART_SECONDS)
                times = _visited(ask, given.seconds)
                met = _met(attack)
        for page, taken in times.items():
            _print(server, len(sources), page, taken)
        _say(f"<!-- {server}, {len(sources)}: {met} -->")


def _visited(ask: Ask, seconds: float) -> dict[str, list[tuple[float, int]]]:
    """Return the seconds that each answer took and its status (0 if there was none); each list page is a new one."""
    times: dict[str, list[tuple[float, int]]] = {page: [] for page in PAGES}
    numbers = count(2)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for page in PAGES:
            path = f"{page}{next(numbers)}" if page.endswith("=") else page
            began = time.perf_counter()
            status = ask(path)
            times[page].append((time.perf_counter() - began, status))
        time.sleep(_EVERY_SECONDS)
    return times


def _print(server: str, addresses: int, page: str, taken: list[tuple[float, int]]) -> None:
    ordered = sorted(seconds for seconds, _status in taken)
    none = sum(status == 0 for _seconds, status in taken)
    wrong = sum(status not in (0, 200) for _seconds, status in taken)
    where = "1 address" if addresses == 1 else f"{addresses} addresses"
    shown = page.replace("page=", "page=N") if page.endswith("=") else page
    cells = [server, where, f"`{shown}`", len(taken), none, wrong]
    figures = [f"{1000 * ordered[len(ordered) // 2]:,.0f}", f"{1000 * ordered[-1]:,.0f}"]
    _say(f"| {' | '.join(map(str, [*cells, *figures]))} |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _met(attack: Attack) -> str:
    return ", ".join(
        f"{kind}: {attack.opened[kind]} opened, {attack.held[kind]} open" for kind in KINDS
    )


@contextmanager
def _alone(found: Register) -> Iterator[tuple[Target, Ask]]:
    with ours(found) as server:
        port = server.client.port

        def ask(path: str) -> int:
            return Client(port, timeout=GIVEN_UP_SECONDS).get(path).status

        yield Target(port, "127.0.0.1"), ask


@contextmanager
def _behind_nginx(found: Register) -> Iterator[tuple[Target, Ask]]:
    with tempfile.TemporaryDirectory(prefix="deployed-") as folder:
        Path(folder).chmod(0o755)
        with deployed(Path(folder), found.environment | {"GENERATED_RECORDS": ""}) as site:
            yield Target(site.https, HOST, tls()), _asking(site)


def _asking(site: Site) -> Ask:
    def ask(path: str) -> int:
        try:
            return site.ask(path, timeout=GIVEN_UP_SECONDS).status
        except OSError:
            return 0

    return ask


if __name__ == "__main__":
    main()
