"""How PostgreSQL answers the ten heaviest queries of warm pages: `python -m benchmarks.plans FILE`.

Run it in the application's environment with nothing else running. It requests every page twice after a change to a
published record and times the queries of the second request: the pages are not cached, the column store is. It writes
to FILE the ten slowest queries, and which of all of them scan a whole large table.
"""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from agreements.models import Agreement  # noqa: E402
from benchmarks.staff import about, touch  # noqa: E402

HEAVIEST = 10
BIG = 10_000
_SCAN = re.compile(r"Seq Scan on (\w+)")
_LONGEST = 1_200


@dataclass(frozen=True, eq=False)
class Query:
    page: str
    sql: str
    parameters: Any
    seconds: float


def pages() -> dict[str, str]:
    """Return the URLs of the pages by name."""
    facts = about()
    narrowed = {"status": "in_force", "area": facts["area"], "country": facts["country"]}
    last = (facts["published"] + 24) // 25
    return {
        "home": "/",
        "list": "/agreements/",
        "list by title": "/agreements/?sort=title",
        "list by update": "/agreements/?sort=-updated",
        "filtered": f"/agreements/?{urlencode(narrowed)}",
        "search": "/agreements/?q=cooperation",
        "last page": f"/agreements/?page={last}",
        "detail": f"/agreements/{facts['ref']}/",
        "statistics": "/statistics/",
        "parties": "/parties/",
        "areas": "/areas/",
        "area": f"/areas/{facts['area']}/",
        "changes": "/changes/",
    }


def asked(name: str, path: str) -> list[Query]:
    """Return the queries of a page in the order they ran."""
    client, found = Client(headers={"host": "127.0.0.1"}), list[Query]()

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        result = execute(sql, params, many, context)
        found.append(Query(name, sql, params, time.perf_counter() - began))
        return result

    touch()
    for _time in range(2):
        cache.clear()
        found.clear()
        with connection.execute_wrapper(note):
            response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}.")
    return [query for query in found if query.sql.startswith("SELECT")]


def plan(query: Query) -> str:
    """Return the query's plan, with its buffers."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query.sql}", query.parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def big_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG])
        return {name for (name,) in cursor.fetchall()}


def text(queries: list[Query]) -> str:
    """Return the whole file."""
    big = big_tables()
    plans = {query: plan(query) for query in {q.sql: q for q in queries}.values()}
    scans = [
        f"- {query.page}: {', '.join(sorted(read))}"
        for query, how in plans.items()
        if (read := big.intersection(_SCAN.findall(how)))
    ]
    heaviest = sorted(plans, key=lambda query: -query.seconds)[:HEAVIEST]
    register = (
        f"A register of {Agreement.objects.published().count():,} published agreements, made by `manage.py "
        f"generate_register`; `make bench` rewrites this file. {len({query.page for query in queries})} warm pages "
        f"ran {len(plans)} different queries; these took longest."
    )
    parts = [
        "# How PostgreSQL answers the heaviest queries",
        register,
        f"## Big tables read from end to end\n\nOf the tables with more than {BIG:,} rows:",
        "\n".join(scans) or "None.",
    ]
    for query in heaviest:
        sql = query.sql if len(query.sql) <= _LONGEST else f"{query.sql[:_LONGEST]} …"
        parts.append(f"## {query.page}: {query.seconds * 1000:.1f} ms")
        parts.append(f"```sql\n{sql}\n```")
        parts.append(f"```\n{plans[query]}\n```")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    queries = [query for name, path in pages().items() for query in asked(name, path)]
    Path(sys.argv[1]).write_text(text(queries))


if __name__ == "__main__":
    main()
