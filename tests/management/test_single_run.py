"""Commands of which one run at a time is allowed; a killed run does not block the next."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from agreements.management.single_run import SingleRunCommand, single_run

HOLDER = """
import json, sys, time, django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from agreements.management.single_run import single_run
with single_run("find_duplicate_parties") as is_only_run:
    print(is_only_run, flush=True)
    time.sleep(60)
"""
ONE_AT_A_TIME = {
    "backup",
    "check_links",
    "erase_person",
    "find_duplicate_parties",
    "publish_agreements",
    "read_documents",
    "rebuild_search",
    "remove_orphaned_documents",
    "send_reminders",
}


@pytest.fixture
def other_run(db: None, project_root: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock of find_duplicate_parties."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(connection.settings_dict["NAME"])],
        cwd=project_root,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def test_second_run_says_so_and_does_nothing_until_the_first_is_gone(
    other_run: "subprocess.Popen[str]",
) -> None:
    with pytest.raises(CommandError, match="Another run of find_duplicate_parties is in progress"):
        call_command("find_duplicate_parties", stderr=io.StringIO())

    other_run.send_signal(signal.SIGKILL)
    other_run.wait(10)
    out = io.StringIO()
    call_command("find_duplicate_parties", stdout=out, stderr=io.StringIO())

    assert out.getvalue().startswith("Pairs: 0 created")


@pytest.mark.django_db
def test_lock_ends_with_its_block_and_is_one_per_command() -> None:
    with (
        single_run("check_links") as first,
        single_run("check_links") as second,
        single_run("send_reminders") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with single_run("check_links") as third:
        assert third


@pytest.mark.django_db
def test_run_that_fails_releases_the_lock() -> None:
    for _attempt in range(2):
        with pytest.raises(CommandError, match="--limit takes 1 or more"):
            call_command("check_links", limit=0)


def test_commands_that_timers_start_run_one_at_a_time() -> None:
    ours = [name for name, app in get_commands().items() if app == "agreements"]
    locked = {n for n in ours if isinstance(load_command_class("agreements", n), SingleRunCommand)}

    assert locked == ONE_AT_A_TIME


@pytest.mark.postgresql
@pytest.mark.django_db
def test_run_whose_lock_was_lost_ends_as_usual_and_the_next_one_begins() -> None:
    with single_run("trial") as is_only_run, connection.cursor() as cursor:
        assert is_only_run
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchall()

    for _run in range(20):
        with single_run("trial") as is_only_run:
            assert is_only_run
