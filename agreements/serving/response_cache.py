"""Answers that are the same for every visitor: made once for each state of the register, and asked again for nothing.

The views that `urls` marks as `public` say the same to all who are not logged in. Their answers carry an ETag made of the
register's revision, the day and the address, so that a browser, a harvester or a proxy that asks again is told in one
query that nothing has changed; and pages are kept in the cache under the same name. A change that the public can see
moves the revision, and with it every name: nothing is ever cleared, and what was published is seen by the next request.

Rights first. Whoever sends a session's cookie is neither given a kept answer nor makes one; a view that is not marked is
left alone; and an answer that sets a cookie or is no success is not kept.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.cache import cache as kept
from django.db import connections, router
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language

from agreements.counting.register_version import current
from agreements.models import RevisionShard

# As long as nothing changes; a day, for every name holds the day.
KEPT_FOR = 24 * 60 * 60
LARGEST = 1_000_000
_MARK = "is_same_for_every_visitor"

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """Mark a view whose answers depend on the address, the register, the day and the language alone."""
    setattr(view, _MARK, True)
    return view


class KeptAnswersMiddleware:
    """Stands last, so that what it keeps is what the view answered and everything around it is done for each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = getattr(request, "kept_answer", None)
        if name is None or response.status_code != 200 or response.cookies:
            return response
        return _tagged(request, response, name)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Answer that nothing has changed, or with what is kept; None lets the view answer."""
        if not _is_for_everybody(request, view):
            return None
        # The revision is read before the view reads the register: an answer may be newer than its name, never older.
        name = _name(request)
        request.kept_answer = name  # type: ignore[attr-defined]
        # “*” asks whether there is an answer at all, which the view alone knows
        if request.headers.get("If-None-Match", "*") != "*" and (
            unchanged := get_conditional_response(request, etag=_etag(name))
        ):
            return _named(unchanged, name)
        answer = kept.get(name)
        return answer.response() if isinstance(answer, _Answer) else None


@dataclass(frozen=True)
class _Answer:
    headers: dict[str, str]
    packed: bytes

    def response(self) -> HttpResponse:
        return HttpResponse(zlib.decompress(self.packed), headers=self.headers)


def _is_for_everybody(request: HttpRequest, view: View) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and getattr(view, _MARK, False)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        # what is read in a transaction may never be committed
        and not connections[router.db_for_read(RevisionShard)].in_atomic_block
    )


def _name(request: HttpRequest) -> str:
    """Return what no answer that says anything else is called; one query."""
    parts = (
        current().key,
        timezone.localdate().isoformat(),
        get_language(),
        request.scheme,
        request.get_host(),
        request.get_full_path(),
        request.headers.get("HX-Request", ""),
        _release(),
    )
    return blake2b("\n".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def _etag(name: str) -> str:
    # Weak: what compresses the answer on its way makes other bytes of it.
    return f'W/"{name}"'


def _tagged(request: HttpRequest, response: HttpResponseBase, name: str) -> HttpResponseBase:
    if "ETag" not in response:
        _named(response, name)
        if request.method == "GET" and isinstance(response, HttpResponse):
            _keep(name, response)
    return response


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Say what the answer is called, and that anybody may keep it but is to ask again each time."""
    response["ETag"] = _etag(name)
    if "Cache-Control" not in response:
        patch_cache_control(response, public=True, no_cache=True)
    return response


def _keep(name: str, response: HttpResponse) -> None:
    if not response.streaming and len(response.content) <= LARGEST:
        answer = _Answer(dict(response.headers), zlib.compress(response.content, 1))
        kept.set(name, answer, KEPT_FOR)


@cache
def _release() -> str:
    """Return a name for the code and the settings that answers are made by: a new release makes new answers."""
    digest = blake2b(digest_size=8)
    folders = ("agreements", "mou_tracker", "templates", "locale")
    files = [path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*.*")]
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    for path in sorted([*files, manifest]):
        if path.suffix in {".py", ".html", ".mo", ".json", ".xml", ".txt"} and path.is_file():
            digest.update(path.read_bytes())
    digest.update(f"{settings.BASE_URL} {settings.TIME_ZONE} {settings.STATIC_URL}".encode())
    return digest.hexdigest()
