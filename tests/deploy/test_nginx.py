"""`deploy/nginx.conf`: what nginx lets through to the application, and what it says about it."""

import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Semaphore

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from agreements.exchange.exporting.formats import LIST_FORMATS
from agreements.security.security_log import SECRET_PARTS
from agreements.web.views.bodies import takes_files
from tests.deployed import DEPLOY, NGINX, Site, configured, nginx_before
from tests.web_server import Site as Application
from tests.web_server import serving

CONFIGURATION = (DEPLOY / "nginx.conf").read_text()
TOKEN = "s3cret" * 7
UPLOAD = "/admin/agreements/agreement/add/"


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    with serving() as application:
        yield application


@pytest.fixture(scope="module")
def site(application: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = int(application.address.rpartition(":")[2])
    with nginx_before(port, tmp_path_factory.mktemp("nginx")) as site:
        yield site


def locations() -> list[str]:
    return re.findall(r"location ~ (\S+) \{", CONFIGURATION)


def large() -> str:
    """The pattern of the paths to which staff may send large forms."""
    return next(path for path in locations() if "/admin/agreements/" in path)


def views(
    patterns: list[URLPattern | URLResolver] | None = None, above: str = "/"
) -> Iterator[tuple[str, object]]:
    """Every view of the site with the pattern of its path."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def test_configuration_is_valid(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("no nginx on this machine: apt-get install nginx-light")
    file = configured(tmp_path, application=8000, http=8080, https=8443)

    checked = subprocess.run(
        [NGINX, "-t", "-c", file, "-p", tmp_path], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_guests_may_send_as_much_as_the_application_reads() -> None:
    assert f"client_max_body_size {settings.GUEST_BODY_SIZE};" in CONFIGURATION


def test_large_forms_are_let_through_only_where_a_form_has_files() -> None:
    """This compares whole screens, whose pages differ only in what comes after the name of the model."""
    screens = {
        path[: path.index("/", 18) + 1]: takes_files(view)
        for path, view in views()
        if path.startswith("/admin/agreements/") and view.__dict__.get("model_admin")
    }

    assert any(screens.values())
    assert {path: bool(re.match(large(), path)) for path in screens} == screens


def test_files_of_the_whole_register_are_limited_and_pages_are_not() -> None:
    exports = next(path for path in locations() if "[a-z]+$" in path)

    assert all(re.match(exports, f"/agreements.{kind.extension}") for kind in LIST_FORMATS)
    assert not re.match(exports, "/agreements/MOU-2023-0001.json")
    assert not re.match(exports, "/agreements/")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        # the application in these tests hangs up on forms, so if nginx has asked it, nginx answers in its place
        pytest.param("/admin/login/", {"Content-Length": "900000"}, 502, id="small"),
        pytest.param("/admin/login/", {"Content-Length": "1000001"}, 413, id="large"),
        pytest.param(UPLOAD, {"Content-Length": "1000001"}, 413, id="upload of a guest"),
        pytest.param(UPLOAD, {"Transfer-Encoding": "chunked"}, 413, id="guest who hides how much"),
        pytest.param(
            UPLOAD, {"Content-Length": "1000001", "Cookie": "a=b; sessionid=c"}, 502, id="upload"
        ),
        pytest.param(
            UPLOAD, {"Content-Length": "1000001", "Cookie": "__Host-sessionid=c"}, 502, id="upload, __Host-"
        ),
        pytest.param(
            UPLOAD, {"Content-Length": "115343361", "Cookie": "sessionid=c"}, 413, id="far too large"
        ),
        pytest.param(
            "/admin/login/", {"Content-Length": "1000001", "Cookie": "sessionid=c"}, 413, id="cookie elsewhere"
        ),
    ],
)  # fmt: skip
def test_large_bodies_are_refused_by_their_headers(
    site: Site, path: str, headers: dict[str, str], status: int
) -> None:
    with site.socket(timeout=10) as client:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: register.example.org\r\n{head}\r\n".encode())
        if status == 502:
            client.sendall(b"a" * int(headers["Content-Length"]))
        answer = client.recv(100)

    # 501 if the application's own refusal came through before it hung up
    assert int(answer.split()[1]) in ({501, 502} if status == 502 else {status})


def test_few_files_are_made_at_once_and_the_rest_are_told_when_to_try_again(
    site: Site, application: Application
) -> None:
    """`max_conns` of nginx counts what the application is still writing, not who is still reading."""
    asked, is_made = Semaphore(0), Event()

    def make_slowly(handler: BaseHTTPRequestHandler) -> None:
        asked.release()
        is_made.wait(20)
        handler.send_error(404)

    application.does("/agreements.csv", make_slowly)
    with ThreadPoolExecutor() as visitors:
        first = [
            visitors.submit(site.ask, "/agreements.csv", source=f"127.0.0.{n}") for n in (2, 3)
        ]
        for _visitor in first:
            assert asked.acquire(timeout=20)
        refused, page = site.ask("/agreements.csv"), site.ask("/agreements/")
        is_made.set()
        statuses = [visitor.result().status for visitor in first]

    assert statuses == [404, 404]
    assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
    assert b"downloading whole files" in refused.content
    assert page.status == 404


def test_headers_of_visitors_about_themselves_are_replaced(
    site: Site, application: Application
) -> None:
    said: list[dict[str, str]] = []
    application.does(
        "/", lambda handler: (said.append(dict(handler.headers)), handler.send_error(404))[-1]
    )

    site.ask(
        "/",
        headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"},
        source="127.0.0.9",
    )

    assert said[0]["X-Forwarded-For"] == "127.0.0.9"
    assert said[0]["X-Forwarded-Proto"] == "https"
    assert said[0]["Host"] == "register.example.org"


@pytest.mark.parametrize("path", ["/calendar/{}.ics", "/admin/password/MQ/{}/"])
def test_tokens_of_urls_are_in_no_log(site: Site, application: Application, path: str) -> None:
    """Not even in the error log, which names any URL that the application did not answer."""

    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.close()

    application.does(path.format(TOKEN), hang_up)

    def logged() -> str:
        return "".join(file.read_text() for file in site.folder.glob("*.log"))

    assert site.ask(path.format(TOKEN)).status == 502
    # nginx writes the line after it has answered
    shown = f"{path.partition('{}')[0].removesuffix('MQ/')}..."
    deadline = time.monotonic() + 10
    while shown not in logged() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert shown in logged()
    assert TOKEN not in logged()


def test_every_url_with_a_token_is_kept_out() -> None:
    secret = [path for path, _view in views() if any(f"<{name}>" in path for name in SECRET_PARTS)]
    logged_without = re.findall(r"~(\S+) \S+[.]{3};", CONFIGURATION)

    assert len(secret) >= 2
    for path in secret:
        plain = path.replace("^", "")
        assert any(re.match(pattern, plain) for pattern in logged_without), path
        assert any(re.match(pattern, plain) for pattern in locations()), path


def test_searches_are_not_logged(site: Site) -> None:
    site.ask("/agreements/?q=secret+wish")

    logged = (site.folder / "access.log").read_text()
    assert '"GET /agreements/ HTTP/1.1"' in logged
    assert "wish" not in logged
