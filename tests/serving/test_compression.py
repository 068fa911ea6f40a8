"""Answers are compressed on the way, whatever they are made of, and secrets in them cannot be told by their length."""

import gzip
import json
from collections.abc import Callable
from random import Random
from typing import Any

import brotli
import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory

from agreements.serving.compression import CompressionMiddleware, accepted_encodings
from tests.factories import AgreementFactory

BROWSER = "gzip, deflate, br, zstd"
LONG = b"Memorandum of understanding. " * 100
OPEN: dict[Any, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


def answered(response: HttpResponseBase, accepted: str = BROWSER) -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return CompressionMiddleware(lambda _request: response)(request)


def body(response: Any) -> bytes:
    sent = b"".join(response) if response.streaming else response.content
    return OPEN[response.headers.get("Content-Encoding")](sent)


def page(content: bytes = LONG, *, is_public: bool = True, **headers: str) -> HttpResponse:
    kept = {"Cache-Control": "public, no-cache"} if is_public else {}
    return HttpResponse(content, headers={"Content-Type": "text/html", **kept, **headers})


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        (BROWSER, "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0.0", None),
        ("deflate", None),
        ("*", None),
        ("", None),
    ],
)
def test_visitor_gets_an_encoding_that_it_takes(accepted: str, encoding: str | None) -> None:
    response = answered(page(), accepted)

    assert response.headers.get("Content-Encoding") == encoding
    assert response["Vary"] == "Accept-Encoding"
    assert body(response) == LONG


def test_weights_are_read_as_rfc_9110_writes_them() -> None:
    assert accepted_encodings("br;q=1.0, gzip ; q=0.001, zstd;q=0, , x;q=0.000") == {"br", "gzip"}


def test_length_of_a_page_with_a_secret_is_random() -> None:
    lengths = set()
    for _n in range(12):
        response = answered(page(is_public=False))
        assert response["Content-Encoding"] == "gzip"
        assert body(response) == LONG
        lengths.add(response["Content-Length"])

    assert len(lengths) > 1


@pytest.mark.django_db  # what is closed tells Django, which looks at the connection to the database
@pytest.mark.parametrize("accepted", [BROWSER, "gzip"])
def test_streams_are_compressed_piece_by_piece_and_end_with_what_they_hold(accepted: str) -> None:
    ended = []

    def pieces() -> Any:
        try:
            yield from (b"%d;" % n * 500 for n in range(200))
        finally:
            ended.append(True)

    stream = StreamingHttpResponse(
        pieces(), headers={"Content-Type": "text/csv", "Cache-Control": "public"}
    )
    response = answered(stream, accepted)

    assert "Content-Length" not in response
    assert body(response) == b"".join(b"%d;" % n * 500 for n in range(200))
    response.close()
    assert ended


def test_failure_within_a_stream_is_no_complete_file() -> None:
    def pieces() -> Any:
        yield LONG
        raise OSError("the database went away")

    response: Any = answered(StreamingHttpResponse(pieces(), content_type="text/csv"))

    with pytest.raises(OSError, match="went away"):
        b"".join(response)


@pytest.mark.parametrize(
    "response",
    [
        page(b"short"),
        page(**{"Content-Encoding": "br"}),
        HttpResponse(LONG, content_type="application/vnd.openxmlformats-officedocument.x"),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(status=304, content_type="text/html"),
        # does not become shorter
        page(Random(1).randbytes(600), **{"Content-Type": "text/plain"}),
    ],
    ids=["short", "encoded", "workbook", "picture", "unchanged", "noise"],
)
def test_what_gains_nothing_is_sent_as_it_is(response: HttpResponse) -> None:
    before = response.headers.get("Content-Encoding")

    answer: Any = answered(response)

    assert answer.headers.get("Content-Encoding") == before


def test_strong_etag_becomes_a_weak_one() -> None:
    assert answered(page(ETag='"abc"'))["ETag"] == 'W/"abc"'
    assert answered(page(ETag='W/"abc"'))["ETag"] == 'W/"abc"'
    assert answered(page(ETag='"abc"'), "")["ETag"] == '"abc"'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "url", ["/agreements/", "/agreements.csv", "/agreements.json", "/api/v1/agreements/"]
)
def test_pages_files_and_api_are_compressed_the_first_time_and_from_the_cache(
    client: Client, url: str
) -> None:
    for n in range(20):
        AgreementFactory(title=f"On ports {n}")
    plain = body(client.get(url))

    for _time in ("first", "again"):
        response = client.get(url, headers={"Accept-Encoding": BROWSER})
        assert response["Content-Encoding"] == "br"
        assert body(response) == plain
    unchanged = client.get(
        url, headers={"Accept-Encoding": "gzip", "If-None-Match": response["ETag"]}
    )
    assert unchanged.status_code == 304


@pytest.mark.django_db(transaction=True)
def test_staff_get_gzip_with_a_random_length(admin_client: Client) -> None:
    response = admin_client.get("/admin/", headers={"Accept-Encoding": BROWSER})

    assert response["Content-Encoding"] == "gzip"
    assert b"csrfmiddlewaretoken" in body(response)


@pytest.mark.django_db(transaction=True)
def test_compressed_json_is_the_same_json(client: Client) -> None:
    AgreementFactory(title="Əmək")

    response = client.get("/agreements.json", headers={"Accept-Encoding": "gzip"})

    assert json.loads(body(response))["agreements"][0]["title"] == "Əmək"
