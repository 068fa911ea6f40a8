"""The register with a streaming standby: what the standby may answer, what not, and what happens when it is gone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Cluster, primary_and_standby, wait_until

pytestmark = pytest.mark.postgresql

ROOT = Path(__file__).resolve().parents[3]
AREA = "/areas/labour/"
PAGES = (
    "/",
    "/agreements/",
    "/agreements/?q=social&status=signed",
    "/agreements/AGR-0001/",
    "/agreements.csv",
    "/agreements.json",
    "/statistics/",
    "/parties/",
    AREA,
    "/changes/",
    "/api/v1/agreements/",
    "/sitemap.xml",
)


class Register:
    """The register with both servers, in its own process."""

    def __init__(self, root: Path, primary: Cluster, standby: Cluster, documents: Path) -> None:
        self.primary, self.standby = primary, standby
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        self._environment = kept | {
            "DATABASE_URL": primary.url("register"),
            "DATABASE_REPLICA_URLS": standby.url("register"),
            "DOCUMENTS_ROOT": str(documents / "documents"),
            "STATIC_ROOT": str(documents / "static"),
            "SECRET_KEY": "signs nothing outside of the tests",
            "DEBUG": "1",
        }
        self._root = root
        primary.ask("CREATE DATABASE register")
        self.manage("migrate", "--verbosity=0")
        self.manage("seed")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.replicas.driven"],
            cwd=root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self._root, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": action, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the register ended, and says above why"
        return json.loads(answer)

    def get(self, path: str, who: str = "visitor", **more: Any) -> dict[str, Any]:
        return self.do("get", who=who, path=path, **more)

    def rename(self, name: str) -> dict[str, Any]:
        """Let the clerk, who is logged in, rename the area."""
        answer = self.do("rename", who="clerk", slug="labour", name=name)
        assert answer["status"] == 302, "the form was refused"
        return answer

    def uses_standby(self) -> bool:
        return self.get("/areas/")["asked"].get("replica1", 0) > 1

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def one_register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    with primary_and_standby() as (primary, standby):
        documents = tmp_path_factory.mktemp("files")
        with closing(Register(ROOT, primary, standby, documents)) as register:
            register.do("login", who="clerk")
            yield register


@pytest.fixture
def register(one_register: Register) -> Iterator[Register]:
    """The register with its standby running, caught up and in use."""
    wait_until(one_register.uses_standby)
    yield one_register
    if not one_register.standby.is_running():
        one_register.standby.start()
    one_register.standby.ask("SELECT pg_wal_replay_resume()")
    one_register.do("behind", seconds=30)


def paused(register: Register) -> None:
    """Freeze the standby in its present state."""
    register.standby.ask("SELECT pg_wal_replay_pause()")
    state = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
    wait_until(lambda: bool(register.standby.ask(state)))


def resumed(register: Register) -> None:
    register.standby.ask("SELECT pg_wal_replay_resume()")
    position = register.primary.ask("SELECT pg_current_wal_flush_lsn()::text")
    wait_until(
        lambda: bool(register.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))
    )


@pytest.mark.parametrize("path", PAGES)
def test_what_the_public_reads_is_answered_by_the_standby(register: Register, path: str) -> None:
    register.get(path)

    answer = register.get(path)

    assert answer["status"] == 200
    assert answer["asked"]["replica1"] > 1
    # it is asked for its position every few seconds
    assert answer["asked"].get("default", 0) <= 1
    assert answer["cookies"] == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/agreements/agreement/"])
def test_staff_work_on_the_primary(register: Register, path: str) -> None:
    answer = register.get(path, who="clerk")

    assert answer["status"] == 200
    assert "replica1" not in answer["asked"]


def test_a_writer_sees_the_change_at_once_and_everybody_once_it_is_copied(
    register: Register,
) -> None:
    register.rename("Before")
    wait_until(lambda: "Before" in register.get(AREA)["body"])
    paused(register)

    written = register.rename("Labour, renamed")
    writer, visitor = register.get(AREA, who="clerk"), register.get(AREA)

    assert written["cookies"]["written"] is True
    assert "replica1" not in written["asked"]
    assert "Labour, renamed" in writer["body"]
    assert writer["asked"]["replica1"] == 1
    assert "Labour, renamed" not in visitor["body"]
    resumed(register)
    assert "Labour, renamed" in register.get(AREA)["body"]


def test_a_writer_reads_from_the_standby_again_and_loses_the_cookie(register: Register) -> None:
    register.rename("Once more")
    position = register.primary.ask("SELECT pg_switch_wal()::text")
    assert position
    resumed(register)

    caught_up = register.get(AREA, who="clerk")
    afterwards = register.get(AREA, who="clerk")

    assert "Once more" in caught_up["body"]
    assert caught_up["asked"]["replica1"] > 1
    assert "private" in caught_up["headers"]["cache-control"]
    assert afterwards["asked"]["replica1"] > 1
    assert caught_up["forgotten"] == ["written"]
    assert afterwards["forgotten"] == []


def test_a_standby_that_is_too_far_behind_is_not_read_from(register: Register) -> None:
    paused(register)
    register.do("behind", seconds=5)
    register.rename("Not to be hidden")
    at_first = register.get(AREA)
    time.sleep(5.1)

    later = register.get(AREA)
    register.do("behind", seconds=60 * 60)

    assert "Not to be hidden" not in at_first["body"]
    assert "Not to be hidden" in later["body"]


def test_reading_and_writing_go_on_without_the_standby(register: Register) -> None:
    register.standby.stop()

    first, second = register.get(AREA), register.get("/agreements/")
    renamed = register.rename("Without a standby")
    seen = [register.get(AREA, who=who)["body"] for who in ("clerk", "visitor")]

    assert first["status"] == second["status"] == 200
    assert first["seconds"] < 4
    assert renamed["cookies"]["written"]
    assert all("Without a standby" in body for body in seen)


def test_a_standby_that_is_gone_costs_one_request_a_wait(register: Register) -> None:
    register.standby.stop()
    register.get(AREA)

    others = [register.get(AREA) for _ in range(3)]

    assert all("replica1" not in answer["asked"] for answer in others)
    assert all(answer["status"] == 200 for answer in others)


def test_a_standby_that_is_started_again_is_used_again(register: Register) -> None:
    register.standby.stop()
    register.get(AREA)
    register.standby.start()

    wait_until(register.uses_standby)


@pytest.mark.parametrize("question", [2, 3])
def test_a_request_whose_standby_fails_on_the_way_is_answered_by_the_primary(
    register: Register, question: int
) -> None:
    # a URL that nobody has requested yet, so that its response is not cached
    answer = register.get(f"/agreements/?signed_to={2090 + question}", break_at=question)

    assert answer["asked"]["replica1"] == question
    assert answer["status"] == 200
    assert "AGR-0001" in answer["body"]
    assert answer["asked"]["default"] > 2


def test_healthz_asks_the_primary_alone(register: Register) -> None:
    register.standby.stop()

    answer = register.get("/healthz")

    assert answer["body"] == '{"status": "ok"}'
    assert "replica1" not in answer["asked"]
    assert answer["seconds"] < 1


def test_commands_do_without_the_standby(register: Register) -> None:
    register.standby.stop()

    assert register.manage("migrate", "--check") == ""
    register.manage("rebuild_search")
