"""Measures what each step of docs/scaling.md brings on this machine: `make bench-growth` writes GROWTH.md.

It uses the registers of 100,000 agreements that `make bench` generated; the standby gets its own register and two
PostgreSQL servers. It needs redis-server, nginx and PostgreSQL's programs.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.clients import Client, at_once
from benchmarks.options import Options, read
from benchmarks.registers import Register, register
from benchmarks.report import ms
from benchmarks.results import HERE
from benchmarks.servers import Server, free_port, ours
from tests.servers import Cluster, primary_and_standby, redis_server, wait_until

FILE = HERE / "GROWTH.md"
SIZE = 100_000
SIZE_WITH_STANDBY = 10_000
LIST = "/agreements/"
_CLIENTS, _SECONDS = 8, 5.0
_NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp;
  proxy_cache_path {folder}/cache keys_zone=pages:10m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{behind}; proxy_set_header Host $http_host;
      proxy_cache pages; proxy_cache_revalidate on; proxy_cache_lock on;
      proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1s; proxy_cache_use_stale updating;
    }}
  }}
}}
"""
Row = tuple[str, str, str]


def main() -> None:
    options = read(sys.argv[1:])
    rows = list(_steps(options))
    how = (
        f"`make bench-growth`, on one machine that runs clients, servers and databases at once: {_CLIENTS} clients, "
        f"{_SECONDS:g} seconds each, {SIZE:,} agreements, {SIZE_WITH_STANDBY:,} with the standby. A *new* page "
        "is one that nobody has requested before."
    )
    lines = [
        "# What each step brings",
        "",
        how,
        "",
        "| step | measured | figure |",
        "| --- | --- | ---: |",
    ]
    lines += (f"| {' | '.join(row)} |" for row in rows)
    FILE.write_text("\n".join(lines) + "\n")


def _steps(options: Options) -> Iterator[Row]:
    one_file, big = (register(database, SIZE, options) for database in ("sqlite", "postgresql"))
    with ours(one_file, workers=1) as server:
        yield from _rates("1. SQLite, one process", server.client)
    with ours(big) as server:
        yield from _rates("2. PostgreSQL, three processes", server.client)
    yield from _two_servers(big)
    yield from _with_a_standby(options)
    yield from _behind_a_proxy(big)


def _rates(step: str, client: Client) -> Iterator[Row]:
    _cached(client)
    yield step, "cached list, pages a second", _rate(client, LIST)
    new = (f"{LIST}?page={n}" for n in count(2))
    yield step, "new pages a second", _rate(client, map(str, new))


def _cached(client: Client) -> None:
    for _time in range(12):
        client.get(LIST)


def _rate(client: Client, path: str | Iterator[str]) -> str:
    found = at_once(client, path, clients=_CLIENTS, seconds=_SECONDS)
    if found["errors"]:
        raise SystemExit(f"{found['errors']} errors: {found['note']}")
    return f"{found['per_second']:,.0f}"


def _two_servers(big: Register) -> Iterator[Row]:
    """How long a server takes for a page that another server has already made."""
    step = "3. a second server"

    def first_answer(variables: dict[str, str]) -> str:
        with (
            ours(big, variables=variables) as one,
            ours(big, workers=1, variables=variables) as other,
        ):
            # as if behind one host name
            host = {"Host": "127.0.0.1"}
            for n in range(12):
                one.client.get(LIST, host)
                other.client.get(f"{LIST}?page={n + 2}", host)
            return ms(other.client.get(LIST, host).seconds)

    site = {"BASE_URL": "http://127.0.0.1"}
    yield step, "its first answer, without Redis", first_answer(site)
    with redis_server() as redis:
        with_redis = first_answer(site | {"CACHE_URL": redis.address})
    yield step, "its first answer, which the other has already made, with Redis", with_redis


def _with_a_standby(options: Options) -> Iterator[Row]:
    step = "4. a standby"
    with primary_and_standby() as (primary, standby):
        primary.ask("CREATE DATABASE register")
        made = Register("postgresql", SIZE_WITH_STANDBY, primary.url("register"), options)
        made.manage("migrate", "--verbosity", "0")
        made.manage("generate_register", str(SIZE_WITH_STANDBY))
        wait_until(lambda: _lag(primary, standby) == 0)
        replica = {"DATABASE_REPLICA_URLS": standby.url("register")}
        for what, variables in (("without it", {}), ("with it", replica)):
            with ours(made, variables=variables) as server:
                _cached(server.client)
                before = _transactions(primary)
                asked = 200
                for n in range(asked):
                    server.client.get(f"{LIST}?page={n + 2}")
                each = (_transactions(primary) - before) / asked
                yield step, f"transactions of the primary for a new page, {what}", f"{each:.1f}"


def _lag(primary: Cluster, standby: Cluster) -> int:
    behind = primary.ask("SELECT pg_current_wal_lsn()::text")
    return int(str(standby.ask(f"SELECT (pg_last_wal_replay_lsn() < '{behind}')::int")))


def _transactions(cluster: Cluster) -> int:
    # the statistics arrive some time after the work
    cluster.ask("SELECT pg_sleep(1.5)")
    counted = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'register'"
    return int(str(cluster.ask(counted)))


def _behind_a_proxy(big: Register) -> Iterator[Row]:
    with ours(big) as server:
        _cached(server.client)
        with _nginx(server) as client:
            step = "5. a cache in front (nginx)"
            yield step, "cached list, up to a second old, pages a second", _rate(client, LIST)


@contextmanager
def _nginx(server: Server) -> Iterator[Client]:
    with tempfile.TemporaryDirectory(prefix="proxy-") as folder:
        Path(folder).chmod(0o755)
        port = free_port()
        file = Path(folder) / "nginx.conf"
        file.write_text(_NGINX.format(folder=folder, port=port, behind=server.client.port))
        process = subprocess.Popen(["nginx", "-c", str(file), "-p", folder])
        try:
            client = Client(port)
            wait_until(lambda: client.get(LIST).status == 200)
            yield client
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
