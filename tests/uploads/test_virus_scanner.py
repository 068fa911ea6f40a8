"""The virus scanner: a file is refused with the name of what it finds; while it does not answer, no file is accepted."""

import io
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agreements.uploads.contents import accept
from agreements.uploads.refusals import ContentError, ScannerError
from tests import office

Start = Callable[[bytes], list[bytes]]


def exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        piece = connection.recv(count - len(read))
        assert piece, "the file was cut off"
        read += piece
    return read


@pytest.fixture
def scanner(settings: Any, tmp_path: Path) -> Iterator[Start]:
    """Starts a daemon that speaks clamd's protocol and gives this reply; returns the files that it receives."""
    servers: list[socketserver.BaseServer] = []
    sent: list[bytes] = []

    def start(reply: bytes) -> list[bytes]:
        class Clamd(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                assert exactly(self.request, 10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack(">L", exactly(self.request, 4))[0]:
                    content += exactly(self.request, length)
                sent.append(content)
                self.request.sendall(reply)

        server = socketserver.UnixStreamServer(str(tmp_path / "clamd.ctl"), Clamd)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.CLAMD = f"unix:{tmp_path / 'clamd.ctl'}"
        return sent

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_clean_file_is_accepted_and_was_sent_whole(scanner: Start) -> None:
    sent = scanner(b"stream: OK\0")
    content = office.PDF + b"%" * 200_000

    accept(io.BytesIO(content))

    assert sent == [content]


@pytest.mark.parametrize("content", [office.PDF, b"X5O!P%@AP"], ids=["document", "plain text"])
def test_infected_file_is_refused_by_the_name_of_what_was_found(
    scanner: Start, content: bytes
) -> None:
    scanner(b"stream: Eicar-Test-Signature FOUND\0")

    with pytest.raises(ContentError, match="found Eicar-Test-Signature in the file"):
        accept(io.BytesIO(content))


@pytest.mark.parametrize(
    "reply",
    [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: ", b"x" * 10_000, b"stream: FOUND\0"],
    ids=["too large for it", "nothing", "cut off", "nonsense", "found nothing in particular"],
)
def test_unclear_reply_accepts_nothing(scanner: Start, reply: bytes) -> None:
    scanner(reply)

    with pytest.raises(ScannerError, match="no file can be accepted at the moment"):
        accept(io.BytesIO(office.PDF))


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd.ctl", "tcp://127.0.0.1:9"])
def test_scanner_that_is_not_there_accepts_nothing(settings: Any, address: str) -> None:
    settings.CLAMD = address

    with pytest.raises(ScannerError, match="upload the file later"):
        accept(io.BytesIO(office.PDF))


def test_scanner_is_reached_over_the_network(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _address = server.accept()
            with connection:
                exactly(connection, 10)
                while length := struct.unpack(">L", exactly(connection, 4))[0]:
                    exactly(connection, length)
                connection.sendall(b"stream: OK\0")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        settings.CLAMD = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        accept(io.BytesIO(office.PDF))
        thread.join(5)
