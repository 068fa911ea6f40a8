"""Starts the register and Datasette as their documentation says, and stops them again."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.clients import Client
from benchmarks.options import ROOT
from benchmarks.registers import PYTHON, Register

if TYPE_CHECKING:
    import psutil

WORKERS = 3
# A sync worker that is sending a file does nothing else. deploy/ has threads, and nginx in front.
GUNICORN_TIMEOUT = 900
DATASETTE = ROOT / ".venv-bench" / "bin" / "datasette"
# Two of them: one configured to answer in full and as fast as possible, and one as installed.
TUNED, AS_INSTALLED = "datasette", "datasette as installed"
_TUNING = {
    "sql_time_limit_ms": 600_000,
    "facet_time_limit_ms": 600_000,
    "max_csv_mb": 0,
    "default_page_size": 25,
    # Otherwise it would suggest more facets on every page, which is not measured here.
    "suggest_facets": "off",
}


@dataclass
class Server:
    """A running server; its processes are those that answer requests."""

    process: subprocess.Popen[bytes]
    client: Client

    def workers(self) -> "list[psutil.Process]":
        import psutil  # not everybody who starts a server has it

        try:
            parent = psutil.Process(self.process.pid)
            return parent.children() or [parent]
        except psutil.Error:
            return []


@contextmanager
def ours(
    register: Register, *, workers: int = WORKERS, variables: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The register under gunicorn, with sync workers and static files collected."""
    port = free_port()
    environment = (
        register.environment | {"BASE_URL": f"http://127.0.0.1:{port}"} | dict(variables or {})
    )
    register.manage("collectstatic", "--no-input", "--verbosity", "0")
    command = [
        str(PYTHON.with_name("gunicorn")), "mou_tracker.wsgi", "--preload", "--workers", str(workers),
        "--bind", f"127.0.0.1:{port}", "--timeout", str(GUNICORN_TIMEOUT), "--log-level", "error",
    ]  # fmt: skip
    with _running(command, port, "/healthz", environment, register) as server:
        yield server


@contextmanager
def datasette(register: Register, which: str) -> Iterator[Server]:
    """Datasette on the same file, read-only, configured to search our full-text table."""
    port = free_port()
    metadata = register.options.folder / "datasette.json"
    table = {"label_column": "title", "fts_table": "agreements_searchentry_fts", "fts_pk": "id"}
    databases = {register.file.stem: {"tables": {"agreements_agreement": table}}}
    metadata.write_text(json.dumps({"databases": databases}))
    tuning = _TUNING if which == TUNED else {}
    settings = [part for name, value in tuning.items() for part in ("--setting", name, str(value))]
    command = [
        str(DATASETTE), "serve", str(register.file), "--port", str(port), "--metadata", str(metadata), *settings,
    ]  # fmt: skip
    with _running(command, port, "/-/versions.json", dict(os.environ), register) as server:
        yield server


@contextmanager
def _running(
    command: list[str], port: int, path: str, environment: dict[str, str], register: Register
) -> Iterator[Server]:
    log = register.options.folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            client = Client(port)
            _wait_for(client, path, process, log)
            yield Server(process, client)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(client: Client, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if client.get(path).status == 200:
            return
        time.sleep(0.2)
    raise SystemExit(f"A server did not start: {log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Staff:
    """The staff process, which carries out commands."""

    def __init__(self, register: Register) -> None:
        self._log = (register.options.folder / "staff.log").open("wb")
        self._process = subprocess.Popen(
            [str(PYTHON), "-m", "benchmarks.staff"],
            cwd=ROOT,
            env=register.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._orders: Any = self._process.stdin
        self._answers: Any = self._process.stdout

    def order(self, what: str, *arguments: object) -> Any:
        """Send a command and return its result."""
        self.begin(what, *arguments)
        return self.ended()

    def begin(self, what: str, *arguments: object) -> None:
        """Send a command without waiting for the result."""
        self._orders.write(json.dumps([what, *arguments]) + "\n")
        self._orders.flush()

    def ended(self) -> Any:
        """Wait for the command that was sent, and return its result."""
        line = self._answers.readline()
        if not line:
            raise SystemExit(
                f"The staff's part of the benchmark ended too early: see {self._log.name}."
            )
        return json.loads(line)

    def go_home(self) -> None:
        self._orders.close()
        self._process.wait(timeout=60)
        self._log.close()


@contextmanager
def staff(register: Register) -> Iterator[Staff]:
    """Run the staff process for the duration of a block."""
    person = Staff(register)
    try:
        yield person
    finally:
        person.go_home()
