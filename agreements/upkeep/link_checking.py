"""Checks whether the pages that sources and documents link to still exist, and stores the results in `LinkCheck`.

`manage.py check_links` calls it. It requests each page with HEAD, then GET, without reading its content, at most once per
second per host. Whatever a URL or a redirect says, it never sends a request into the operator's own network.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urljoin, urlsplit

import requests
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from requests import exceptions
from urllib3.exceptions import HTTPError, NameResolutionError, ProtocolError

from agreements.models import Document, LinkCheck, Source
from agreements.upkeep.guarded_session import NotRequestedError, TimeLimit, guarded_session

TIMEOUT_SECONDS = 15.0
# For everything about one page: name, connections, redirects, and an answer that arrives byte by byte.
PAGE_SECONDS = 60.0
PAUSE_SECONDS = 1.0
MOST_REDIRECTS = 5
WORKERS = 8
# PostgreSQL cannot index longer texts.
LONGEST_URL_BYTES = 2000
# When no host of a run answers, this many other hosts of the register show whether this machine is online.
WITNESSES = 5
# A run that was stopped keeps its claim to URLs for this long.
_CLAIM = timedelta(hours=2)
_BATCH = 200
_LONGEST_PROBLEM = 200


class OfflineError(Exception):
    """No host at all answered; the text names some and says what to check. Nothing was recorded."""


@dataclass(frozen=True)
class Answer:
    """The result of a request for a page: the problem in words, empty if there is none.

    `is_silence` if nothing came back, which may be this machine's fault. `is_unreadable` if the server answered but shows
    the page only to people, which says neither that it exists nor that it is gone.
    """

    problem: str = ""
    is_silence: bool = False
    is_unreadable: bool = False

    @property
    def is_alive(self) -> bool:
        return not self.problem and not self.is_unreadable


# ------------------------------------------------------------------ the URLs


def note_urls() -> tuple[int, int]:
    """Add a row for every URL in a source or document, and delete rows whose URL is no longer in any.

    Returns how many were added and deleted. Constant memory.
    """
    before = LinkCheck.objects.count()
    sources = Source.objects.exclude(url="").order_by().values_list("url")
    documents = Document.objects.exclude(address="").order_by().values_list("address")
    rows = sources.union(documents).iterator(chunk_size=_BATCH)
    urls = (url for (url,) in rows if len(url.encode()) <= LONGEST_URL_BYTES)
    while batch := [LinkCheck(url=url) for url in islice(urls, _BATCH)]:
        LinkCheck.objects.bulk_create(batch, ignore_conflicts=True)
    added = LinkCheck.objects.count() - before
    unused = LinkCheck.objects.exclude(Q(url__in=sources) | Q(url__in=documents))
    return added, unused.delete()[0]


def due(before: datetime) -> QuerySet[LinkCheck]:
    """Return the URLs that have not been checked since `before`, those never checked first."""
    waiting = Q(link_checked_at__isnull=True) | Q(link_checked_at__lt=before)
    in_turn = F("link_checked_at").asc(nulls_first=True)
    return LinkCheck.objects.filter(waiting).order_by(in_turn, "pk")


# ------------------------------------------------------------------ a run


def check_links(
    *, before: datetime, limit: int, now: Callable[[], datetime]
) -> Iterator[tuple[str, Answer]]:
    """Check up to `limit` URLs that are due, record each result, and yield it.

    `now` is the clock. Two runs can work at the same time, because each URL is claimed before it is requested. Silence
    counts only if another host answered: one of the run or, if all were silent, one of five other hosts of the register.
    Raises `OfflineError`.
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
    urls = [url for url, _answer in unrecorded]
    silent = _by_host(urls)
    if silent and not _another_answers(silent.keys()):
        LinkCheck.objects.filter(url__in=urls).update(claimed_at=None)
        raise OfflineError(
            _(
                "No server answered at all (%(hosts)s). Is this machine online, and can it reach the web directly? "
                "Nothing was recorded."
            )
            % {"hosts": ", ".join(list(silent)[:WITNESSES])}
        )
    _record_all(unrecorded, now())


def _another_answers(silent: Collection[str]) -> bool:
    """Whether a host of the register other than these answers; those last seen alive are tried first."""
    lately = F("last_seen_alive").desc(nulls_last=True)
    urls = LinkCheck.objects.order_by(lately, "pk").values_list("url", flat=True)
    witnesses: dict[str, str] = {}
    for url in urls.iterator(chunk_size=_BATCH):
        if (host := _host(url)) not in silent:
            witnesses.setdefault(host, url)
        if len(witnesses) == WITNESSES:
            break
    return any(not answer.is_silence for _url, answer in ask_all(witnesses.values()))


def _claim(before: datetime, limit: int, at: datetime) -> list[str]:
    """Claim the next URLs for this run."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - _CLAIM)
    with transaction.atomic():
        waiting = due(before).filter(free).select_for_update(skip_locked=True)
        taken = dict(waiting.values_list("pk", "url")[:limit])
        LinkCheck.objects.filter(pk__in=taken).update(claimed_at=at)
    return list(taken.values())


def _record_all(answers: Iterable[tuple[str, Answer]], at: datetime) -> None:
    for url, answer in answers:
        seen = {"last_seen_alive": at} if answer.is_alive else {}
        LinkCheck.objects.filter(url=url).update(
            link_checked_at=at,
            link_problem=answer.problem[:_LONGEST_PROBLEM],
            claimed_at=None,
            **seen,
        )


def ask_all(urls: Iterable[str]) -> Iterator[tuple[str, Answer]]:
    """Request pages from several hosts at once, one page at a time per host, and yield the answers as they arrive."""
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = [pool.submit(_ask_host, pages) for pages in _by_host(urls).values()]
        for done in as_completed(asked):
            yield from done.result()


def _by_host(urls: Iterable[str]) -> dict[str, list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in urls:
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
    """Return whether the page exists; never raises, whatever the URL or the server says.

    If HEAD fails, the page is requested again with GET.
    """
    answer = Answer()
    with TimeLimit(PAGE_SECONDS) as limit, guarded_session() as session:
        for method in ("HEAD", "GET"):
            try:
                answer = _answer_to(session, method, url)
            except NotRequestedError as refusal:
                return Answer(str(refusal))
            if limit.is_over:
                return Answer(_("The server did not finish its answer in time."))
            if answer.is_alive:
                return answer
            if method == "HEAD":
                time.sleep(PAUSE_SECONDS)
    return answer


def _answer_to(session: requests.Session, method: str, url: str) -> Answer:
    try:
        status = _status(session, method, url)
    except exceptions.SSLError:
        return Answer(_("The server's certificate is not valid, so browsers warn about it."))
    except exceptions.Timeout:
        return Answer(_("The server did not answer in time."), is_silence=True)
    except exceptions.TooManyRedirects:
        return Answer(_("The page redirects endlessly."))
    except (exceptions.InvalidURL, exceptions.InvalidSchema, UnicodeError, ValueError):
        return Answer(_("This is not the URL of a page."))
    except (exceptions.RequestException, HTTPError) as error:
        return _unreachable(error)
    if status in _FOR_PEOPLE_ONLY:
        return Answer(is_unreadable=True)
    return Answer(_status_in_words(status))


def _status(session: requests.Session, method: str, url: str) -> int:
    """Follow redirects one by one, because each leads to a URL that somebody else wrote."""
    for _hop in range(MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise NotRequestedError(_("The URL must begin with http:// or https://."))
        if "@" in parts.netloc:
            raise NotRequestedError(_("The URL contains a user name. Remove it."))
        response = session.request(
            method, url, allow_redirects=False, stream=True, timeout=TIMEOUT_SECONDS
        )
        # none of the page itself has been read, however large it is
        response.close()
        if not response.is_redirect:
            return int(response.status_code)
        url = urljoin(url, session.get_redirect_target(response) or "")
    raise exceptions.TooManyRedirects


def _unreachable(error: Exception) -> Answer:
    causes = list(_causes(error))
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Answer(_("There is no server with this name."), is_silence=True)
    if any(isinstance(cause, ProtocolError) for cause in causes):
        return Answer(_("The server ended the connection or did not answer like a web server."))
    return Answer(_("The server cannot be reached."), is_silence=True)


def _causes(error: object) -> Iterator[BaseException]:
    """Yield the error and what it wraps: requests wraps what urllib3 wraps."""
    for _level in range(5):
        if not isinstance(error, BaseException):
            return
        yield error
        inner = getattr(error, "reason", None)
        error = inner if isinstance(inner, BaseException) else next(iter(error.args), None)


# How servers turn programs away: log in, forbidden, method not allowed, too many requests.
_FOR_PEOPLE_ONLY = frozenset({401, 403, 405, 429})


def _status_in_words(status: int) -> str:
    if status < 400:
        return ""
    words = {
        404: _("The page no longer exists (404)."),
        410: _("The page was removed permanently (410)."),
        451: _("The page is withheld for legal reasons (451)."),
    }
    if status in words:
        return words[status]
    failure = (
        _("The server failed (%(status)d).")
        if status >= 500
        else _("The server answered %(status)d.")
    )
    return failure % {"status": status}
