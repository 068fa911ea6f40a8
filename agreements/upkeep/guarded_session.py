"""HTTP sessions that reach public IP addresses only, whatever a URL or the DNS says.

`link_checking` requests URLs that people typed and redirects that others wrote; none of them may lead into the
operator's own network.
"""

import ipaddress
import socket
from contextlib import suppress
from contextvars import ContextVar
from threading import Lock, Timer
from typing import Self

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError

from agreements.domain.urls import permanent

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotRequestedError(Exception):
    """A URL that is not requested; the text says why."""


def is_reachable(address: IPAddress) -> bool:
    """Whether this IP address is public, or in `LINK_CHECKS_ALLOWED_NETWORKS`."""
    address = _behind(address)
    allowed = map(ipaddress.ip_network, settings.LINK_CHECKS_ALLOWED_NETWORKS)
    is_public = address.is_global and not address.is_multicast
    return (is_public and not any(address in network for network in _NEVER_PUBLIC)) or any(
        address in network for network in allowed
    )


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Not public either, though Python's lists leave some of them out: local NAT64 (RFC 8215), site-local addresses
# (RFC 3879), IPv4-compatible (RFC 4291) and IPv4-translated ones (RFC 7915).
_NEVER_PUBLIC = [
    ipaddress.IPv6Network(network)
    for network in ("64:ff9b:1::/48", "fec0::/10", "::/96", "::ffff:0:0:0/96")
]


def _behind(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _vetted(host: str, port: int | None) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numeric = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not all(is_reachable(ipaddress.ip_address(address)) for address in numeric):
        raise NotRequestedError(
            _("The URL leads to a private network, where pages are not checked.")
        )
    return numeric


class TimeLimit:
    """Ends the connections that one thread opens in the block after so many seconds, however slowly data drips in.

    A read timeout cannot do that: it begins again with every byte.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._lock = Lock()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._token = _limit.set(self)
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()
        _limit.reset(self._token)
        for watched in self._sockets:
            watched.close()

    def watch(self, connection: HTTPConnection, opened: socket.socket) -> None:
        """Apply the limit to this socket too; raises if the time is over."""
        with self._lock:
            # a second handle on the same connection, because TLS takes the first one over
            self._sockets.append(opened.dup())
            if self.is_over:
                opened.close()
                raise ConnectTimeoutError(connection, "the time for this page is over")

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for watched in self._sockets:
                with suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)


_limit: ContextVar[TimeLimit | None] = ContextVar("limit", default=None)


class _LimitedHTTP(HTTPConnection):
    """Opens connections that a `TimeLimit` around the request can end."""

    def _new_conn(self) -> socket.socket:
        opened = self._connected()
        if limit := _limit.get():
            limit.watch(self, opened)
        return opened

    def _connected(self) -> socket.socket:
        return super()._new_conn()


class _GuardedHTTP(_LimitedHTTP):
    """Connects to the very IP address that was vetted: a second look-up might return another one."""

    def _connected(self) -> socket.socket:
        named = self.host
        try:
            *others, last = _vetted(named, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(named, self, error) from error
        try:
            for address in others:
                self.host = address
                with suppress(HTTPError):
                    return super()._connected()
            self.host = last
            return super()._connected()
        finally:
            self.host = named


class _GuardedHTTPS(_GuardedHTTP, HTTPSConnection):
    pass


class _LimitedHTTPS(_LimitedHTTP, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _LimitedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _LimitedHTTP


class _LimitedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _LimitedHTTPS


class LimitedAdapter(HTTPAdapter):
    """For sessions that may connect to any address, but only as long as a `TimeLimit` allows."""

    def __init__(self) -> None:
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = {
            "http": _LimitedHTTPPool,
            "https": _LimitedHTTPSPool,
        }


def guarded_session() -> requests.Session:
    """Return a session that connects to public IP addresses only; raises `NotRequestedError` for others."""
    session = requests.Session()
    # no proxy, which would look names up itself, and no passwords of this machine
    session.trust_env = False
    session.headers.update(
        {"User-Agent": f"MoU-Tracker link check (+{permanent('/about/')})", "Accept": "*/*"}
    )
    for scheme in ("http://", "https://"):
        adapter = HTTPAdapter()
        adapter.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        session.mount(scheme, adapter)
    return session
