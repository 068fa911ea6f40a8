"""The register in its own process: reads requests from standard input and writes responses, each a line of JSON.

Settings come from the environment, as a server's do. A response contains the page, how many queries went to which
database, and how many seconds it took.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlencode

os.environ["DJANGO_SETTINGS_MODULE"] = "mou_tracker.settings"

from mou_tracker import wsgi  # noqa: F401  (it sets Django up, as for a server)

# isort: split
from django.contrib.auth import get_user_model
from django.db import close_old_connections, connections
from django.test import Client

from agreements.models import Area
from agreements.serving.replicas import choosing
from tests.forms import filled_in

choosing.PAUSE_SECONDS = 1.0

people: dict[str, Client] = {}


def person(name: str) -> Client:
    """The browser of this person, the same for every request."""
    return people.setdefault(name, Client(raise_request_exception=False, SERVER_NAME="127.0.0.1"))


@contextmanager
def counted(break_at: int) -> Iterator[Counter[str]]:
    """Count the queries to each database; the replica's connection breaks at query number `break_at`."""
    asked: Counter[str] = Counter()

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        alias = context["connection"].alias
        asked[alias] += 1
        if alias != "default" and asked[alias] == break_at:
            sql, params = "SELECT pg_terminate_backend(pg_backend_pid())", None
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        yield asked


def get(who: str, path: str, break_at: int = 0) -> dict[str, Any]:
    start = time.monotonic()
    with counted(break_at) as asked:
        response = person(who).get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    return {
        "status": response.status_code,
        "body": body.decode(),
        "cookies": sorted(name for name, one in response.cookies.items() if one.value),
        "forgotten": sorted(name for name, one in response.cookies.items() if not one.value),
        "headers": {name.lower(): value for name, value in response.headers.items()},
        "asked": asked,
        "seconds": time.monotonic() - start,
    }


def login(who: str) -> dict[str, Any]:
    user, _ = get_user_model().objects.get_or_create(
        username=who, defaults={"is_staff": True, "is_superuser": True}
    )
    person(who).force_login(user, "django.contrib.auth.backends.ModelBackend")
    return {}


def rename(who: str, slug: str, name: str) -> dict[str, Any]:
    """Change an area's name on its page in the admin, as staff do."""
    path = f"/admin/agreements/area/{Area.objects.get(slug=slug).pk}/change/"
    with counted(0) as asked:
        form = filled_in(person(who).get(path), "name")
        sent = urlencode(form | {"name": [name], "name_en": [name]}, doseq=True)
        response = person(who).post(path, sent, "application/x-www-form-urlencoded")
    given = {name: one["httponly"] for name, one in response.cookies.items()}
    return {"status": response.status_code, "cookies": given, "asked": asked}


def behind(seconds: float) -> dict[str, Any]:
    """Allow a replica to be this many seconds behind, noted at every request; earlier the log was empty."""
    choosing.MOST_BEHIND_SECONDS, choosing.NOTED_EVERY_SECONDS = seconds, 0.0
    choosing._history = choosing._History()
    choosing._history._noted.append((time.monotonic() - seconds, 0))
    return {}


def main() -> None:
    actions: dict[str, Callable[..., dict[str, Any]]] = {
        "get": get,
        "login": login,
        "rename": rename,
        "behind": behind,
    }
    behind(60 * 60)
    for line in sys.stdin:
        wanted = json.loads(line)
        answer = actions[wanted.pop("do")](**wanted)
        close_old_connections()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
