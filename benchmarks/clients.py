"""Sends a server HTTP requests: one after another, or from many clients at once for a few seconds."""

import http.client
import threading
import time
from collections.abc import Iterator, Mapping

from benchmarks.results import Json
from benchmarks.timing import Answer, percentile

# Seconds without a byte after which an answer counts as an error.
TIMEOUT = 240
_PIECE = 1 << 16
_SAID = 200


class Client:
    """A visitor to one server on this machine who keeps no connection open, since gunicorn's workers close them."""

    def __init__(self, port: int, *, timeout: float = TIMEOUT) -> None:
        self.port = port
        self.timeout = timeout

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a GET; a connection that fails is an answer with status 0."""
        began = time.perf_counter()
        try:
            return self._get(path, headers or {}, began)
        except (OSError, http.client.HTTPException) as error:
            return Answer(time.perf_counter() - began, 0, said=repr(error)[:_SAID])

    def text(self, path: str, *, lines: int) -> str:
        """Return the first lines of a file and abandon the rest."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return "".join(response.readline().decode() for _ in range(lines))
        finally:
            connection.close()

    def _get(self, path: str, headers: Mapping[str, str], began: float) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            size, first = 0, b""
            while piece := response.read(_PIECE):
                first = first or piece
                size += len(piece)
            return Answer(
                time.perf_counter() - began,
                response.status,
                size,
                response.headers.get("ETag", ""),
                first[:_SAID].decode(errors="replace") if response.status >= 400 else "",
            )
        finally:
            connection.close()


def at_once(
    client: Client,
    path: str | Iterator[str],
    *,
    clients: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Json:
    """Return the answers that this many clients got by requesting a page, or the next of several, for this many
    seconds.

    Many threads share the iterator, so it must be one from `itertools`.
    """
    answers: list[Answer] = []
    began = time.perf_counter()

    def visit() -> None:
        while time.perf_counter() - began < seconds:
            asked = path if isinstance(path, str) else next(path)
            answers.append(client.get(asked, headers))

    threads = [threading.Thread(target=visit) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    right = [answer for answer in answers if answer.status in (200, 304)]
    wrong = [answer for answer in answers if answer.status not in (200, 304)]
    times = [answer.seconds for answer in right] or [0.0]
    kept = {
        "per_second": round(len(right) / took, 1),
        "median": round(percentile(times, 0.5), 6),
        "p95": round(percentile(times, 0.95), 6),
        "times": len(answers),
        "errors": len(wrong),
    }
    return kept | ({"note": f"{wrong[0].status}: {wrong[0].said}"} if wrong else {})
