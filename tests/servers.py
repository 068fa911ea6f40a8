"""Servers that tests start, break and start again: Redis, and PostgreSQL with a standby.

Each uses its own temporary folder and listens only on loopback or a socket. PostgreSQL refuses to run as root, so root
runs it as the user `postgres`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

TIMEOUT = 30


def wait_until(is_so: Callable[[], bool], *, seconds: float = TIMEOUT) -> None:
    """Poll until the condition holds; fail after this many seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Redis


class RedisServer:
    """A Redis that stores nothing on disk, always at the same URL."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def hang(self) -> None:
        """Make it accept connections without answering."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(TIMEOUT)
            self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running Redis for the block; skips the test on a machine that has none."""
    if shutil.which("redis-server") is None:
        pytest.skip("no Redis on this machine: apt-get install redis-server")
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.kill()


# PostgreSQL


class Cluster:
    """A PostgreSQL server in its own folder, reached by the socket there."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._sockets = folder
        self.data = folder / "data"
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@/{database}?host={self._sockets}"

    def create(self) -> None:
        self.run(
            "initdb", f"--pgdata={self.data}", "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    def copy(self, primary: "Cluster") -> None:
        """Make this one a standby that follows the primary."""
        self.run(
            "pg_basebackup", f"--pgdata={self.data}", "--write-recovery-conf", "--checkpoint=fast",
            f"--host={primary._sockets}", "--username=postgres", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-k {self._sockets} -c listen_addresses= -c fsync=off -c hot_standby_feedback=on"
        self._control("start", f"--log={self._sockets / 'log'}", f"--options={options}")

    def stop(self) -> None:
        self._control("stop", "--mode=immediate")

    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def ask(self, question: str) -> object:
        """Return the first value of the server's answer; None if the answer is empty."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            answer = connection.execute(question)
            row = answer.fetchone() if answer.description else None
        return row[0] if row else None

    def _control(self, action: str, *options: str) -> None:
        self.run("pg_ctl", f"--pgdata={self.data}", "--silent", "--wait", *options, action)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs, not as root; fail with its output."""
        who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
        # to a file, because the server that pg_ctl starts would keep a pipe open
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=2 * TIMEOUT,
                check=False,
                **(who if os.geteuid() == 0 else {}),
            )
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


@contextmanager
def primary_and_standby() -> Iterator[tuple[Cluster, Cluster]]:
    """Two running servers, the second a standby of the first; skips the test if PostgreSQL's programs are missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"))
    if not found:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    # not pytest's own folder, which only the current user can read
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        Path(folder).chmod(0o755)
        clusters = [Cluster(found[-1].parent, Path(folder) / name) for name in ("one", "two")]
        primary, standby = clusters
        try:
            primary.create()
            primary.start()
            standby.copy(primary)
            standby.start()
            yield primary, standby
        finally:
            for cluster in reversed(clusters):
                if cluster.is_running():
                    cluster.stop()
