"""Asks whether the pages that sources and documents point to are still there, and keeps the answers in `LinkCheck`.

`manage.py check_links` calls it. A page is asked for by HEAD, then by GET, and none of it is read; a host is asked one
page at a time, with a pause; and whatever an address or a redirect says, the operator's own network is never asked.
"""

import ipaddress
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from requests import exceptions
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, ProtocolError

from agreements.domain.urls import permanent
from agreements.models import Document, LinkCheck, Source

TIMEOUT_SECONDS = 15.0
PAUSE_SECONDS = 1.0
MOST_REDIRECTS = 5
WORKERS = 8
# An index takes no longer text, on PostgreSQL.
LONGEST_ADDRESS_BYTES = 2000
# Hosts of the register that are asked as well where all of a run kept silent: does this machine's line work?
WITNESSES = 5
# A run that was stopped keeps its addresses no longer than this.
_CLAIM = timedelta(hours=2)
_BATCH = 200
_LONGEST_PROBLEM = 200

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class OfflineError(Exception):
    """No host at all answered; the text names some and says what to look into. Nothing was recorded."""


class NotAskedError(Exception):
    """An address that is not asked; the text says why."""


@dataclass(frozen=True)
class Answer:
    """What came of asking for a page: the problem in words, empty if there is none.

    `is_silence` if nothing came back at all, which may be this machine's fault. `is_unreadable` if the server answered
    and shows the page to people alone: that tells neither that it is there nor that it is gone.
    """

    problem: str = ""
    is_silence: bool = False
    is_unreadable: bool = False

    @property
    def is_alive(self) -> bool:
        return not self.problem and not self.is_unreadable


# ------------------------------------------------------------------ which addresses there are


def note_addresses() -> tuple[int, int]:
    """Keep a row for every address that a source or document names, and forget those that none names any more.

    Returns how many were added and forgotten. Constant memory.
    """
    before = LinkCheck.objects.count()
    for addresses in _in_batches(_addresses(Source, "url").union(_addresses(Document, "address"))):
        LinkCheck.objects.bulk_create(map(_never_asked, addresses), ignore_conflicts=True)
    added = LinkCheck.objects.count() - before
    return added, _unnamed().delete()[0]


def due(before: datetime) -> QuerySet[LinkCheck]:
    """Return the addresses that nobody has asked since `before`, those never asked first."""
    waiting = Q(link_checked_at__isnull=True) | Q(link_checked_at__lt=before)
    in_turn = F("link_checked_at").asc(nulls_first=True)
    return LinkCheck.objects.filter(waiting).order_by(in_turn, "pk")


def _never_asked(url: str) -> LinkCheck:
    return LinkCheck(url=url)


def _in_batches(addresses: Any) -> Iterator[list[str]]:
    batch: list[str] = []
    for (url,) in addresses.iterator(chunk_size=_BATCH):
        if len(url.encode()) <= LONGEST_ADDRESS_BYTES:
            batch.append(url)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _addresses(model: Any, column: str) -> Any:
    return model.objects.exclude(**{column: ""}).order_by().values_list(column)


def _unnamed() -> QuerySet[LinkCheck]:
    named = Q(url__in=_addresses(Source, "url")) | Q(url__in=_addresses(Document, "address"))
    return LinkCheck.objects.exclude(named)


# ------------------------------------------------------------------ a run


def check_links(
    *, before: datetime, limit: int, now: Callable[[], datetime]
) -> Iterator[tuple[str, Answer]]:
    """Ask `limit` addresses at most that are due, record what comes of each, and yield it.

    `now` is the clock. Another run may go on beside this one: an address is claimed before it is asked. Silence counts
    only if somebody else answered: of those asked or, where all of them are silent, of five other hosts of the
    register. Raises `OfflineError`.
    """
    unrecorded: list[tuple[str, Answer]] = []
    is_online = False
    while batch := _claim(before, min(_BATCH, limit), now()):
        limit -= len(batch)
        for url, answer in ask_all(batch):
            unrecorded.append((url, answer))
            is_online = is_online or not answer.is_silence
            if is_online:
                _record_all(unrecorded, now())
                unrecorded = []
            yield url, answer
    silent = _by_host(url for url, _answer in unrecorded)
    if silent and not _another_answers(silent.keys()):
        _release(url for url, _answer in unrecorded)
        raise OfflineError(
            _(
                "No server answered at all (%(hosts)s). Is this machine connected, and may it reach the web directly? "
                "Nothing was recorded."
            )
            % {"hosts": ", ".join(list(silent)[:WITNESSES])}
        )
    _record_all(unrecorded, now())


def _another_answers(silent: Collection[str]) -> bool:
    """Whether a host of the register that is not among these answers; those last seen alive are asked first."""
    lately = F("last_seen_alive").desc(nulls_last=True)
    addresses = LinkCheck.objects.order_by(lately, "pk").values_list("url", flat=True)
    witnesses: dict[str, str] = {}
    for url in addresses.iterator(chunk_size=_BATCH):
        if (host := _host(url)) not in silent:
            witnesses.setdefault(host, url)
        if len(witnesses) == WITNESSES:
            break
    return any(not answer.is_silence for _url, answer in ask_all(witnesses.values()))


def _claim(before: datetime, limit: int, at: datetime) -> list[str]:
    """Take the next addresses for this run alone."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - _CLAIM)
    with transaction.atomic():
        waiting = due(before).filter(free).select_for_update(skip_locked=True)
        taken = dict(waiting.values_list("pk", "url")[:limit])
        LinkCheck.objects.filter(pk__in=taken).update(claimed_at=at)
    return list(taken.values())


def _release(addresses: Iterable[str]) -> None:
    LinkCheck.objects.filter(url__in=list(addresses)).update(claimed_at=None)


def _record_all(answers: Iterable[tuple[str, Answer]], at: datetime) -> None:
    for url, answer in answers:
        seen = {"last_seen_alive": at} if answer.is_alive else {}
        LinkCheck.objects.filter(url=url).update(
            link_checked_at=at,
            link_problem=answer.problem[:_LONGEST_PROBLEM],
            claimed_at=None,
            **seen,
        )


def ask_all(addresses: Iterable[str]) -> Iterator[tuple[str, Answer]]:
    """Ask several hosts at once, each for its pages one after the other, and yield the answers as they come."""
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = [pool.submit(_ask_host, pages) for pages in _by_host(addresses).values()]
        for done in as_completed(asked):
            yield from done.result()


def _by_host(addresses: Iterable[str]) -> dict[str, list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in addresses:
        hosts[_host(url)].append(url)
    return hosts


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _ask_host(pages: list[str]) -> list[tuple[str, Answer]]:
    answers = []
    for number, url in enumerate(pages):
        if number:
            time.sleep(PAUSE_SECONDS)
        answers.append((url, ask(url)))
    return answers


# ------------------------------------------------------------------ one page


def ask(url: str) -> Answer:
    """Return whether the page is there; never raises, whatever the address or the server says.

    Servers that do not understand HEAD, or stumble once, are asked again by GET.
    """
    answer = Answer()
    with _session() as session:
        for method in ("HEAD", "GET"):
            try:
                answer = _answer_to(session, method, url)
            except NotAskedError as refusal:
                return Answer(str(refusal))
            if answer.is_alive:
                return answer
            if method == "HEAD":
                time.sleep(PAUSE_SECONDS)
    return answer


def _answer_to(session: requests.Session, method: str, url: str) -> Answer:
    try:
        status = _status(session, method, url)
    except exceptions.SSLError:
        return Answer(_("Its certificate is not valid, so browsers warn of it."))
    except exceptions.Timeout:
        return Answer(_("It did not answer in time."), is_silence=True)
    except exceptions.TooManyRedirects:
        return Answer(_("It leads on from one address to the next without an end."))
    except (exceptions.InvalidURL, exceptions.InvalidSchema, UnicodeError, ValueError):
        return Answer(_("It is no address of a page."))
    except (exceptions.RequestException, HTTPError) as error:
        return _unreachable(error)
    if status in _FOR_PEOPLE_ALONE:
        return Answer(is_unreadable=True)
    return Answer(_status_in_words(status))


def _status(session: requests.Session, method: str, url: str) -> int:
    """Follow redirects one by one, for each leads to an address that somebody else has written."""
    for _hop in range(MOST_REDIRECTS + 1):
        _refuse_odd_address(url)
        response = session.request(
            method, url, allow_redirects=False, stream=True, timeout=TIMEOUT_SECONDS
        )
        # nothing of the page itself has been read, however large it is
        response.close()
        if not response.is_redirect:
            return int(response.status_code)
        url = urljoin(url, session.get_redirect_target(response) or "")
    raise exceptions.TooManyRedirects


def _refuse_odd_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotAskedError(_("Only addresses with http:// or https:// can be asked."))
    if "@" in parts.netloc:
        raise NotAskedError(_("The address holds a user name. Take it out."))


def _unreachable(error: Exception) -> Answer:
    causes = list(_causes(error))
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Answer(_("There is no server of this name."), is_silence=True)
    if any(isinstance(cause, ProtocolError) for cause in causes):
        return Answer(_("The server broke off, or does not speak as web servers do."))
    return Answer(_("The server cannot be reached."), is_silence=True)


def _causes(error: Any) -> Iterator[Any]:
    """Yield the error and what it wraps: requests wraps what urllib3 wraps."""
    for _level in range(5):
        if not isinstance(error, BaseException):
            return
        yield error
        inner = getattr(error, "reason", None)
        error = inner if isinstance(inner, BaseException) else next(iter(error.args), None)


# What servers answer to programs that they do not want: log in, forbidden, not by this method, too often.
_FOR_PEOPLE_ALONE = frozenset({401, 403, 405, 429})


def _status_in_words(status: int) -> str:
    if status < 400:
        return ""
    words = {
        404: _("The page is not there any more (404)."),
        410: _("The page was removed for good (410)."),
        451: _("The page is withheld for legal reasons (451)."),
    }
    if status in words:
        return words[status]
    failure = (
        _("The server failed (%(status)d).") if status >= 500 else _("It answered %(status)d.")
    )
    return failure % {"status": status}


# ------------------------------------------------------------------ never the operator's own network


def is_reachable(address: IPAddress) -> bool:
    """Whether this address is one of the web, or in `LINK_CHECKS_ALLOWED_NETWORKS`."""
    address = _behind(address)
    allowed = map(ipaddress.ip_network, settings.LINK_CHECKS_ALLOWED_NETWORKS)
    return (address.is_global and not address.is_multicast) or any(
        address in network for network in allowed
    )


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _behind(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _vetted(host: str, port: int | None) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numeric = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not all(is_reachable(ipaddress.ip_address(address)) for address in numeric):
        raise NotAskedError(_("It leads into a private network, which is not asked."))
    return numeric


class _VettingHTTP(HTTPConnection):
    """A connection to the very address that was looked at: a second look-up might give another one."""

    def _new_conn(self) -> socket.socket:
        named = self.host
        try:
            addresses = _vetted(named, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(named, self, error) from error
        try:
            return self._first_of(addresses)
        finally:
            self.host = named

    def _first_of(self, addresses: list[str]) -> socket.socket:
        for address in addresses[:-1]:
            self.host = address
            try:
                return super()._new_conn()
            except HTTPError:
                continue
        self.host = addresses[-1]
        return super()._new_conn()


class _VettingHTTPS(_VettingHTTP, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls: Any = _VettingHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls: Any = _VettingHTTPS


class _VettingAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def _session() -> requests.Session:
    session = requests.Session()
    # neither a proxy, which would look names up itself, nor passwords of this machine
    session.trust_env = False
    session.headers.update(
        {"User-Agent": f"MoU-Tracker link check (+{permanent('/about/')})", "Accept": "*/*"}
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, _VettingAdapter())
    return session
