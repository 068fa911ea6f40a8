"""A local web server for tests, whose pages behave as badly as pages on the web."""

import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer


class Site:
    """The responses of the pages, by path: a status, headers, or something strange; and the requests received."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.moments: list[float] = []
        self.pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.address = ""

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def answers(self, path: str, status: int, *later: int, **headers: str) -> str:
        """Let this page answer with `status`, then with each of `later`; return its URL."""
        statuses = [status, *later]

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()

        return self.does(path, answer)

    def does(self, path: str, what: Callable[[BaseHTTPRequestHandler], None]) -> str:
        self.pages[path] = what
        return self.url(path)

    def counts(self) -> Counter[str]:
        return Counter(path for _method, path in self.asked)


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            site.asked.append((self.command, self.path))
            site.agents.add(self.headers.get("User-Agent", ""))
            site.moments.append(time.monotonic())
            if self.path in site.pages:
                site.pages[self.path](self)
            else:
                self.send_error(404)

        do_GET = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    site.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    with _running(server):
        yield site


@contextmanager
def not_speaking_http() -> Iterator[str]:
    """A server that greets like a mail server and closes; returns its URL."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 mail.example ESMTP\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/"


@contextmanager
def _running(server: TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def self_signed(folder: Path, *, name: str = "own.example") -> Path:
    """A self-signed certificate for this name, with its key, in one file."""
    file = folder / "own.pem"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    lasting = ["-days", "2", "-nodes"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            *subject,
            *lasting,
            "-keyout",
            file,
            "-out",
            folder / "c",
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + (folder / "c").read_bytes())
    return file
