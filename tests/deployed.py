"""The register as in `deploy/`: gunicorn and nginx with its files, on free ports, for tests and `benchmarks.attacks`.

The site is public and speaks https. Its name does not resolve, so clients connect to this machine and only name the host.
"""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import TIMEOUT, free_port, wait_until
from tests.web_server import self_signed

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
HOST = "register.example.org"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    content: bytes


@dataclass(frozen=True)
class Site:
    """Where nginx listens."""

    http: int
    https: int
    folder: Path

    def socket(self, *, timeout: float, source: str = "127.0.0.1") -> socket.socket:
        """A connection over https from this loopback address; the certificate is not checked."""
        plain = socket.create_connection(("127.0.0.1", self.https), timeout, (source, 0))
        return tls().wrap_socket(plain, server_hostname=HOST)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        source: str = "127.0.0.1",
    ) -> Answer:
        """Return the answer to one request; raises OSError if there is none within `timeout` seconds."""
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.socket(timeout=timeout, source=source)
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


def tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def configured(folder: Path, *, application: int, http: int, https: int) -> Path:
    """Write nginx's configuration with the ports and folders of this machine into `folder`, and return the file."""
    certificate = self_signed(folder, name=HOST)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    own = f"/etc/letsencrypt/live/{HOST}"
    text = (DEPLOY / "nginx.conf").read_text()
    for theirs, ours in {
        "user www-data;": "user root;" if os.geteuid() == 0 else "",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid; daemon off;",
        "/var/log/nginx": str(folder),
        "http {": f"http {{ {temporary}",
        "listen 80": f"listen 127.0.0.1:{http}",
        "listen 443": f"listen 127.0.0.1:{https}",
        "server 127.0.0.1:8000": f"server 127.0.0.1:{application}",
        f"{own}/fullchain.pem": str(certificate),
        f"{own}/privkey.pem": str(certificate),
        "/var/www/acme": f"{folder}/acme",
    }.items():
        assert theirs in text, f"deploy/nginx.conf no longer says {theirs}"
        text = text.replace(theirs, ours)
    file = folder / "nginx.conf"
    file.write_text(text)
    return file


@contextmanager
def deployed(folder: Path, environment: Mapping[str, str]) -> Iterator[Site]:
    """gunicorn and nginx for the block; skips the test on a machine without nginx.

    The environment names the database; gunicorn and nginx write to `folder`.
    """
    application = free_port()
    gunicorn = [
        str(Path(sys.executable).with_name("gunicorn")), "--config", str(DEPLOY / "gunicorn.conf.py"),
        "--bind", f"127.0.0.1:{application}",
    ]  # fmt: skip
    public = {"BASE_URL": f"https://{HOST}", "PROXIES": "1", "SECRET_KEY": "k" * 50}
    with (
        nginx_before(application, folder) as site,
        _running(gunicorn, folder, {**environment, **public}),
    ):
        wait_until(lambda: _status(site) == 200, seconds=2 * TIMEOUT)
        yield site


@contextmanager
def nginx_before(application: int, folder: Path) -> Iterator[Site]:
    """nginx for the block, before an application at this port; skips the test on a machine without nginx."""
    if NGINX is None:
        pytest.skip("no nginx on this machine: apt-get install nginx-light")
    site = Site(free_port(), free_port(), folder)
    file = configured(folder, application=application, http=site.http, https=site.https)
    with _running([NGINX, "-c", str(file), "-p", str(folder)], folder, os.environ):
        wait_until(lambda: _status(site) != 0)
        yield site


@contextmanager
def _running(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    with (folder / f"{Path(command[0]).name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(TIMEOUT)


def _status(site: Site) -> int:
    """The status of the health page; 0 while nothing listens."""
    try:
        return site.ask("/healthz", timeout=5).status
    except OSError:
        return 0
