"""Clients that are slow on purpose: they send half a request, drip a body, or read a file a few bytes at a time.

A client that is cut off after a while comes back at once; one that is turned away immediately, after five seconds.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

PAUSE_SECONDS = 1.0
BODY_BYTES = 900_000
BIG_FILE = "/agreements.csv"
TURNED_AWAY_SECONDS = 5.0
_BUFFER_BYTES = 4096


@dataclass
class Target:
    """A server on this machine, and the addresses that the attackers come from in turn."""

    port: int
    host: str
    tls: ssl.SSLContext | None = None
    sources: Sequence[str] = ("127.0.0.2",)


@dataclass
class Attack:
    """What the attackers met: how many connections of each kind they opened, and how many are open."""

    opened: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)


@contextmanager
def slow_clients(target: Target, *, of_each_kind: int) -> Iterator[Attack]:
    """Attack from a separate thread for the duration of the block, with this many connections of each kind."""
    attack, loop = Attack(), asyncio.new_event_loop()
    attackers = [
        _attacker(kind, target, target.sources[n % len(target.sources)], attack)
        for n in range(of_each_kind)
        for kind in KINDS
    ]
    together = loop.create_task(_all_of(attackers))
    thread = threading.Thread(target=_run, args=(loop, together))
    thread.start()
    try:
        yield attack
    finally:
        loop.call_soon_threadsafe(together.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, together: "asyncio.Task[None]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(together)
    loop.close()


async def _all_of(attackers: Sequence[Awaitable[None]]) -> None:
    await asyncio.gather(*attackers)


async def _attacker(kind: str, target: Target, source: str, attack: Attack) -> None:
    while True:
        began = time.monotonic()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await _connected(target, source)
            attack.opened[kind] += 1
            attack.held[kind] += 1
            try:
                await KINDS[kind](reader, writer, target.host)
            finally:
                attack.held[kind] -= 1
                writer.transport.abort()
        await asyncio.sleep(began + TURNED_AWAY_SECONDS - time.monotonic())


async def _connected(
    target: Target, source: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    plain = socket.socket()
    plain.setblocking(False)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    plain.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", target.port))
    name = target.host if target.tls else None
    return await asyncio.open_connection(
        sock=plain, ssl=target.tls, server_hostname=name, limit=_BUFFER_BYTES
    )


async def _half_a_head(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
) -> None:
    writer.write(f"GET /agreements/ HTTP/1.1\r\nHost: {host}\r\nX-Slow: ".encode())
    await _drip(reader, writer)


async def _dripping_body(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
) -> None:
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {BODY_BYTES}"
    writer.write(f"POST /admin/login/ HTTP/1.1\r\nHost: {host}\r\n{form}\r\n\r\nname=".encode())
    await _drip(reader, writer)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a letter a second until the server answers or closes the connection."""
    answer = asyncio.ensure_future(reader.read(1))
    try:
        while not answer.done():
            writer.write(b"a")
            await writer.drain()
            await asyncio.wait([answer], timeout=PAUSE_SECONDS)
    finally:
        answer.cancel()


async def _slow_reader(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
) -> None:
    writer.write(f"GET {BIG_FILE} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    while await reader.read(100):
        await asyncio.sleep(PAUSE_SECONDS)


Kind = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]
KINDS: dict[str, Kind] = {
    "half-sent headers": _half_a_head,
    "dripping bodies": _dripping_body,
    "slow readers": _slow_reader,
}
