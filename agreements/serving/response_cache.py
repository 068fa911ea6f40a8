"""The response cache: a response that is the same for every visitor is made once per register version.

Views that `urls` marks as `public` give everybody who is not logged in the same answer. Their ETag is made of the register
version, the day and the URL, so a repeat request by a browser, harvester or proxy costs one query and gets 304; pages
are also cached under that ETag's key. A change that the public can see changes the register version and with it every
key. So nothing ever has to be cleared, and the next request sees what was published.

Rights come first. Requests with a session cookie neither read nor write the cache, and no other cache may keep their
answers, since staff see more; views that are not marked are left alone, and an answer that sets a cookie or is not a
success is not cached.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.core.cache import cache as responses
from django.db import connections, router
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language

from agreements.counting.register_version import current
from agreements.models import RevisionShard

# Every key contains the day, so nothing is useful for longer.
CACHED_FOR = 24 * 60 * 60
LARGEST = 1_000_000
# Weak, because compression on the way to the visitor changes the bytes.
_ETAG = 'W/"{}"'
_MARK = "is_same_for_every_visitor"

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """Mark a view whose answers depend only on the URL, the register, the day and the language."""
    setattr(view, _MARK, True)
    return view


class ResponseCacheMiddleware:
    """Comes last, so that it caches what the view answered, and all other middleware still runs for each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # whatever fails from here on, the view has already saved what it was sent
        request.response_was_made = True  # type: ignore[attr-defined]
        key = getattr(request, "response_cache_key", None)
        is_plain = response.status_code == 200 and not response.cookies and "ETag" not in response
        if getattr(request, "is_of_a_session", False) and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        if key is None or not is_plain:
            return response
        _tag(response, key)
        if (
            request.method == "GET"
            and isinstance(response, HttpResponse)
            and len(response.content) <= LARGEST
        ):
            packed = b64encode(zlib.compress(response.content, 1)).decode()
            responses.set(key, (dict(response.headers), packed), CACHED_FOR)
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Answer 304 or with the cached response; None lets the view answer."""
        if not _is_for_everybody(request, view):
            has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
            request.is_of_a_session = getattr(view, _MARK, False) and has_session  # type: ignore[attr-defined]
            return None
        # The version is read before the view reads the register: an answer may be newer than its key, never older.
        key = _key(request)
        request.response_cache_key = key  # type: ignore[attr-defined]
        # “*” asks whether the page exists at all, which only the view knows
        if request.headers.get("If-None-Match", "*") != "*" and (
            unchanged := get_conditional_response(request, etag=_ETAG.format(key))
        ):
            return _tag(unchanged, key)
        # a cache that others can reach may hold anything
        match responses.get(key):
            case [dict() as headers, str() as packed]:
                return HttpResponse(zlib.decompress(b64decode(packed)), headers=headers)
        return None


def _is_for_everybody(request: HttpRequest, view: View) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and getattr(view, _MARK, False)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        # a transaction may read what will never be committed
        and not connections[router.db_for_read(RevisionShard)].in_atomic_block
    )


def _key(request: HttpRequest) -> str:
    """Return a key that no other response has; one query."""
    parts = (
        current().key,
        timezone.localdate().isoformat(),
        get_language(),
        request.scheme,
        request.get_host(),
        request.get_full_path(),
        request.headers.get("HX-Request", ""),
        release(),
    )
    return blake2b("\n".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def _tag(response: HttpResponseBase, key: str) -> HttpResponseBase:
    """Add the ETag, and let everybody store the answer but revalidate it each time."""
    response["ETag"] = _ETAG.format(key)
    if "Cache-Control" not in response:
        patch_cache_control(response, public=True, no_cache=True)
    return response


@cache
def release() -> str:
    """Return a digest of the code and settings behind the responses, so that a new release gets new keys."""
    digest = blake2b(digest_size=8)
    folders = ("agreements", "mou_tracker", "templates", "locale")
    files = [path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*.*")]
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    for path in sorted([*files, manifest]):
        if path.suffix in {".py", ".html", ".mo", ".json", ".xml", ".txt"} and path.is_file():
            digest.update(path.read_bytes())
    if settings.BRIEF_TEMPLATE and Path(settings.BRIEF_TEMPLATE).is_file():
        digest.update(Path(settings.BRIEF_TEMPLATE).read_bytes())
    said = (settings.BASE_URL, settings.TIME_ZONE, settings.STATIC_URL, settings.OUR_SIDE)
    digest.update(" ".join(said).encode())
    return digest.hexdigest()
