"""Compresses what the views answer: with brotli where the visitor takes it and the answer holds no secret, else gzip.

An answer for everybody, which caches may keep (`Cache-Control: public`), holds no secret. In any other, the length of the
compressed page could tell a secret in it to somebody who makes a browser ask for the page with guesses (BREACH): there gzip
adds a random number of bytes, as Django does, and tokens against forged requests are masked anew in every page.

Files that are compressed already, such as workbooks, and static files, which whitenoise serves, are left as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import brotli
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence, compress_string

# A shorter answer fits into one packet anyway.
SHORTEST = 500
MOST_RANDOM_BYTES = 100
QUALITY = 4
_NOT_ACCEPTED = re.compile(r"q\s*=\s*0(?:\.0*)?")
_COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/geo+json",
    "application/javascript",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "application/ld+json",
    "application/vnd.oai.openapi",
    "application/x-ndjson",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "image/svg+xml",
)


class CompressionMiddleware:
    """Comes after whitenoise, so that every answer passes through it which is not a static file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not _is_worth_it(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        accepted = accepted_encodings(request.headers.get("Accept-Encoding", ""))
        if "br" in accepted and "public" in response.get("Cache-Control", ""):
            _compress(response, "br", _brotli, _brotli_in_pieces)
        elif "gzip" in accepted:
            _compress(response, "gzip", _gzip, _gzip_in_pieces)
        return response


def accepted_encodings(header: str) -> set[str]:
    """Return the encodings that an `Accept-Encoding` header accepts (RFC 9110, 12.5.3); `*` names none of them."""
    accepted = set()
    for part in header.lower().split(","):
        name, _semicolon, weight = (each.strip() for each in part.partition(";"))
        if name and not _NOT_ACCEPTED.fullmatch(weight):
            accepted.add(name)
    return accepted


def _is_worth_it(response: HttpResponseBase) -> bool:
    if response.has_header("Content-Encoding") or response.status_code in (204, 206, 304):
        return False
    if not response.get("Content-Type", "").startswith(_COMPRESSIBLE):
        return False
    return bool(response.streaming) or len(response.content) >= SHORTEST  # type: ignore[attr-defined]


def _compress(
    response: HttpResponseBase,
    encoding: str,
    whole: Callable[[bytes], bytes],
    in_pieces: Callable[[Iterable[bytes]], Iterable[bytes]],
) -> None:
    if response.streaming:
        response.streaming_content = in_pieces(response.streaming_content)  # type: ignore[attr-defined]
        # the length is not known before everything is sent
        del response["Content-Length"]
    else:
        compressed = whole(response.content)  # type: ignore[attr-defined]
        if len(compressed) >= len(response.content):  # type: ignore[attr-defined]
            return
        response.content = compressed  # type: ignore[attr-defined]
        response["Content-Length"] = str(len(compressed))
    response["Content-Encoding"] = encoding
    tag = response.get("ETag", "")
    if tag.startswith('"'):
        # a strong one would promise the same bytes
        response["ETag"] = f"W/{tag}"


def _gzip(content: bytes) -> bytes:
    return compress_string(content, max_random_bytes=MOST_RANDOM_BYTES)


def _gzip_in_pieces(pieces: Iterable[bytes]) -> Iterable[bytes]:
    return compress_sequence(pieces, max_random_bytes=MOST_RANDOM_BYTES)


def _brotli(content: bytes) -> bytes:
    return bytes(brotli.compress(content, quality=QUALITY))


def _brotli_in_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = brotli.Compressor(quality=QUALITY)
    for piece in pieces:
        if compressed := compressor.process(piece):
            yield compressed
    yield compressor.finish()
