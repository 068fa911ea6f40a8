"""A server is ready before its first request, and starts even without a register."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from agreements.counting.column_store import current_columns
from agreements.counting.column_store.keeping import forget
from agreements.serving.preload import preload
from tests.factories import AgreementFactory


@pytest.mark.django_db(transaction=True)
def test_first_request_finds_the_column_store_and_a_connection_of_its_own(
    django_assert_num_queries,
) -> None:
    AgreementFactory()
    forget()

    preload()

    assert connection.connection is None
    connection.ensure_connection()
    with django_assert_num_queries(1):
        assert current_columns().size == 1
    forget()


def test_without_a_register_the_server_starts_and_says_so(
    project_root: Path, tmp_path: Path
) -> None:
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    started = subprocess.run(
        [sys.executable, "-c", "from mou_tracker.wsgi import application; print(application)"],
        cwd=project_root,
        env={**kept, "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    assert "WSGIHandler" in started.stdout
    assert "The register cannot be read yet: no such table" in started.stderr
