"""A request's queries on PostgreSQL are limited, and those of a command are not."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Func, TextField, Value
from django.test import Client

from agreements.models import Agreement
from agreements.serving.statement_timeout import limit_requests
from tests.copies import multiply_agreement
from tests.factories import AgreementFactory

LIMITS = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout", "application_name", "jit"):
        cursor.execute(f"SHOW {name}")
        print(cursor.fetchone()[0])
"""
SERVER = "import mou_tracker.wsgi\n"
COMMAND = "import django; django.setup()\n"


def limits_of(start: str, root: Path, **environment: str) -> list[str]:
    """The limits in a new process that starts like this, if only these of our variables are set."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", start + LIMITS],
        cwd=root,
        env={
            **kept,
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "DJANGO_SETTINGS_MODULE": "mou_tracker.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("start", "written", "limits"),
    [
        pytest.param(SERVER, "", ["30s", "1min"], id="server"),
        pytest.param(SERVER, "5", ["5s", "1min"], id="server, by its operator"),
        pytest.param(SERVER, "0", ["0", "0"], id="server without limits"),
        pytest.param(COMMAND, "5", ["0", "0"], id="command"),
    ],
)
def test_a_server_has_limits_and_a_command_has_none(
    project_root: Path, start: str, written: str, limits: list[str]
) -> None:
    found = limits_of(start, project_root, STATEMENT_TIMEOUT=written)

    assert found == [*limits, "mou-tracker", "off"]


@pytest.mark.postgresql
def test_options_in_the_database_url_win(project_root: Path) -> None:
    address = os.environ["DATABASE_URL"]
    address += ("&" if "?" in address else "?") + "options=-c%20statement_timeout%3D7s"

    assert limits_of(SERVER, project_root, DATABASE_URL=address)[0] == "7s"


@pytest.mark.sqlite
def test_sqlite_has_no_limits() -> None:
    before = dict(connection.settings_dict["OPTIONS"])

    limit_requests(5)

    assert connection.settings_dict["OPTIONS"] == before


@pytest.fixture
def limited() -> Iterator[None]:
    """A connection on which no statement may take longer than a second."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1s'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_file_may_take_longer_than_the_limit_for_one_query(client: Client, limited: None) -> None:
    AgreementFactory()
    multiply_agreement(4000)
    begun, written = time.monotonic(), 0

    for part in client.get("/agreements.csv").streaming_content:
        before, written = written, written + part.count(b"\r\n")
        if written // 1000 > before // 1000:
            time.sleep(0.4)

    assert written == 4001
    assert time.monotonic() - begun > 1.5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_query_of_a_file_may_take_longer_than_the_limit(limited: None) -> None:
    AgreementFactory.create_batch(5)
    slow = Func(Value(0.3), function="pg_sleep", output_field=TextField())
    rows = Agreement.objects.annotate(slept=slow).values_list("pk", "slept")

    begun = time.monotonic()
    read = len(list(rows.iterator(chunk_size=2)))

    assert read == 5
    assert time.monotonic() - begun > 1
