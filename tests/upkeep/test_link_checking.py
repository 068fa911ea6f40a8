"""Whether a page exists, checked on a real server; and what is never requested."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from agreements.models import LinkCheck
from agreements.upkeep import link_checking
from agreements.upkeep.guarded_session import is_reachable
from agreements.upkeep.link_checking import (
    Answer,
    OfflineError,
    ask,
    ask_all,
    check_links,
    due,
    note_urls,
)
from tests.factories import DocumentFactory, SourceFactory
from tests.threads import run_at_once
from tests.web_server import Site, not_speaking_http, self_signed, serving

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SILENCE = Answer("The server cannot be reached.", is_silence=True)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(link_checking, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(link_checking, "TIMEOUT_SECONDS", 0.5)
    settings.LINK_CHECKS_ALLOWED_NETWORKS = ["127.0.0.1/32"]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


# ------------------------------------------------------------------ one page


def test_page_that_exists_is_requested_once_and_not_read(site: Site) -> None:
    assert ask(site.answers("/page", 200)) == Answer()

    assert site.asked == [("HEAD", "/page")]
    assert site.agents == {"MoU-Tracker link check (+http://127.0.0.1:8000/about/)"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "no longer exists (404)"),
        (410, "removed permanently (410)"),
        (418, "The server answered 418."),
        (451, "legal reasons (451)"),
        (500, "The server failed (500)."),
        (503, "The server failed (503)."),
    ],
)
def test_missing_page_is_reported_in_words(site: Site, status: int, words: str) -> None:
    answer = ask(site.answers("/page", status))

    assert words in answer.problem
    assert not answer.is_silence
    assert [method for method, _path in site.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [401, 403, 405, 429])
def test_page_shown_only_to_people_is_neither_alive_nor_dead(site: Site, status: int) -> None:
    answer = ask(site.answers("/page", status))

    assert answer == Answer(is_unreadable=True)
    assert not answer.is_alive
    assert [method for method, _path in site.asked] == ["HEAD", "GET"]


def test_page_that_refuses_head_and_is_gone_is_gone(site: Site) -> None:
    assert "(404)" in ask(site.answers("/page", 405, 404)).problem


@pytest.mark.parametrize("first", [403, 404, 405, 500, 501, 503])
def test_server_that_fails_once_or_knows_no_head_is_tried_again(site: Site, first: int) -> None:
    assert ask(site.answers("/page", first, 200)).is_alive


def test_redirects_are_followed_to_their_end(site: Site) -> None:
    site.answers("/end", 200)
    site.answers("/two", 308, Location=site.url("/end"))
    url = site.answers("/one", 301, Location="/two")

    assert ask(url).is_alive
    assert [path for _method, path in site.asked] == ["/one", "/two", "/end"]


def test_redirect_to_nothing_is_a_problem(site: Site) -> None:
    assert "(404)" in ask(site.answers("/one", 302, Location="/gone")).problem


@pytest.mark.parametrize("target", ["/circle", "/circle?again"])
def test_endless_redirects_end(site: Site, target: str) -> None:
    site.answers("/circle?again", 302, Location="/circle")

    answer = ask(site.answers("/circle", 302, Location=target))

    assert "redirects endlessly" in answer.problem
    assert len(site.asked) <= 2 * (link_checking.MOST_REDIRECTS + 1)


def test_silent_server_is_left_after_the_timeout(site: Site) -> None:
    started = time.monotonic()

    answer = ask(site.does("/slow", lambda handler: time.sleep(3)))

    assert answer == Answer("The server did not answer in time.", is_silence=True)
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("drip", [b"X-Part: 1\r\n", b"x"], ids=["headers", "one long header"])
def test_page_that_drips_in_is_left_after_the_time_for_a_page(
    site: Site, drip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checking, "PAGE_SECONDS", 1.0)

    def drip_on(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(OSError):
            for _time in range(50):
                handler.wfile.write(drip)
                handler.wfile.flush()
                time.sleep(0.1)

    started = time.monotonic()

    answer = ask(site.does("/drip", drip_on))

    assert answer == Answer("The server did not finish its answer in time.")
    assert time.monotonic() - started < 3


def test_connections_opened_after_the_time_for_a_page_are_closed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checking, "PAGE_SECONDS", 0.2)
    monkeypatch.setattr(link_checking, "PAUSE_SECONDS", 0.4)
    url = site.answers("/page", 500)

    assert ask(url).problem == "The server did not finish its answer in time."


def test_huge_page_is_not_read(site: Site) -> None:
    sent = []

    def endless(handler: Any) -> None:
        handler.send_response(405 if handler.command == "HEAD" else 200)
        handler.end_headers()
        if handler.command == "GET":
            for _piece in range(1_000):
                handler.wfile.write(bytes(100_000))
                sent.append(1)

    assert ask(site.does("/huge", endless)).is_alive
    assert len(sent) < 200


def test_server_that_ends_the_connection_is_reported(site: Site) -> None:
    answer = ask(site.does("/broken", lambda handler: handler.connection.close()))

    assert "ended the connection" in answer.problem


def test_server_without_http_is_reported() -> None:
    with not_speaking_http() as address:
        answer = ask(address)

    assert "did not answer like a web server" in answer.problem


def test_invalid_certificate_is_reported(tmp_path: Path) -> None:
    with serving(self_signed(tmp_path)) as site:
        answer = ask(site.answers("/page", 200))

    assert "certificate is not valid" in answer.problem
    assert site.asked == []


def test_certificate_is_checked_against_the_name_and_not_the_ip_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, name="pinned.example")
    real, plain = socket.getaddrinfo, link_checking.guarded_session
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **named: real("127.0.0.1", *more, **named)
    )

    def trusting() -> requests.Session:
        session = plain()
        session.verify = str(certificate)
        return session

    monkeypatch.setattr(link_checking, "guarded_session", trusting)
    with serving(certificate) as site:
        port = site.answers("/page", 200).rpartition(":")[2]
        answers = {name: ask(f"https://{name}.example:{port}") for name in ("pinned", "other")}

    assert answers["pinned"].is_alive
    assert "certificate is not valid" in answers["other"].problem


def test_closed_port_is_reported() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = ask(f"http://127.0.0.1:{unused.getsockname()[1]}/")

    assert answer == Answer("The server cannot be reached.", is_silence=True)


def test_unknown_name_is_reported() -> None:
    assert ask("http://no-such-name.invalid/").problem == "There is no server with this name."


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/file",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//127.0.0.1/",
        "",
        "http://",
        "http://[::1",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "http://user:secret@127.0.0.1/",
        "http://xn--a.example/\x00",
        f"http://{'a' * 300}.example/",
        "http://\udce4.example/",
    ],
)
def test_invalid_urls_are_reported_and_never_fail(url: str) -> None:
    answer = ask(url)

    assert answer.problem
    assert "secret" not in answer.problem


# ------------------------------------------------------------------ what is never requested


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.2",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - asked for, not listened at
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
        "ff02::1",
        "64:ff9b:1::1",
        "fec0::1",
        "::a00:1",
        "::ffff:0:a00:1",
    ],
)
def test_private_networks_are_not_reachable(address: str, settings: Any) -> None:
    assert not is_reachable(ipaddress.ip_address(address))

    settings.LINK_CHECKS_ALLOWED_NETWORKS = ["0.0.0.0/0", "::/0"]
    assert is_reachable(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_networks_are_reachable(address: str) -> None:
    assert is_reachable(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "localhost.localdomain.invalid", "[::1]", "0x7f000002", "2130706434", "127.2"],
)
def test_private_address_in_any_spelling_gets_no_request(site: Site, host: str) -> None:
    port = site.address.rpartition(":")[2]

    assert ask(f"http://{host}:{port}/page").problem
    assert site.asked == []


def test_redirect_into_a_private_network_is_not_followed(site: Site) -> None:
    port = site.address.rpartition(":")[2]
    site.answers("/inside", 200)

    answer = ask(site.answers("/one", 302, Location=f"http://127.0.0.2:{port}/inside"))

    assert "private network" in answer.problem
    assert site.counts() == {"/one": 1}


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"]
)
def test_redirect_to_another_scheme_is_not_followed(site: Site, target: str) -> None:
    assert "http://" in ask(site.answers("/one", 302, Location=target)).problem


def test_name_that_changes_its_address_in_between_is_not_trusted(
    site: Site, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The connection goes to the IP address that was vetted; the name is not looked up a second time."""
    port = int(site.address.rpartition(":")[2])
    looked_up = []
    real = socket.getaddrinfo

    def turning(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "rebinding.example":
            looked_up.append(host)
            host = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.2"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", turning)

    assert ask(f"http://rebinding.example:{port}{site.answers('/page', 200)[-5:]}").is_alive
    assert looked_up == ["rebinding.example"]


def test_name_with_one_private_address_among_others_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("127.0.0.1", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    assert "private network" in ask("http://mixed.example/").problem


def test_proxy_settings_of_this_machine_are_ignored(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert ask(site.answers("/page", 200)).is_alive


# ------------------------------------------------------------------ many pages


def test_pages_of_one_host_are_requested_one_by_one_with_a_pause(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checking, "PAUSE_SECONDS", 0.2)
    pages = [site.answers(f"/{n}", 200) for n in range(4)]

    assert all(answer.is_alive for _url, answer in ask_all(pages))

    gaps = [b - a for a, b in zip(site.moments, site.moments[1:], strict=False)]
    assert min(gaps) >= 0.15


def test_hosts_are_requested_in_parallel(site: Site) -> None:
    both = Barrier(2)

    def wait_for_the_other(handler: Any) -> None:
        both.wait(10)
        handler.send_response(200)
        handler.end_headers()

    with serving() as other:
        pages = [each.does("/slow", wait_for_the_other) for each in (site, other)]
        answers = list(ask_all(pages))

    assert all(answer.is_alive for _url, answer in answers)


# ------------------------------------------------------------------ what is recorded


def run(**options: Any) -> list[tuple[str, Answer]]:
    return list(check_links(**{"before": AT, "limit": 1000, "now": lambda: AT, **options}))


def state(url: str) -> tuple[Any, Any, str]:
    check = LinkCheck.objects.get(url=url)
    assert check.claimed_at is None
    return check.last_seen_alive, check.link_checked_at, check.link_problem


@pytest.mark.django_db
def test_urls_of_sources_and_documents_are_added_once_each(site: Site) -> None:
    SourceFactory(url="https://one.example/")
    DocumentFactory(address="https://one.example/")
    DocumentFactory(address="https://two.example/")
    DocumentFactory(uploaded=True)
    SourceFactory(url="")

    assert note_urls() == (2, 0)
    assert note_urls() == (0, 0)
    assert sorted(LinkCheck.objects.values_list("url", flat=True)) == [
        "https://one.example/",
        "https://two.example/",
    ]


@pytest.mark.django_db
def test_urls_that_are_no_longer_used_are_deleted() -> None:
    source = SourceFactory(url="https://old.example/")
    note_urls()
    source.url = "https://new.example/"
    source.save()

    assert note_urls() == (1, 1)
    assert LinkCheck.objects.get().url == "https://new.example/"


@pytest.mark.django_db
def test_url_too_long_for_an_index_is_left_out() -> None:
    DocumentFactory(address=f"https://long.example/{'漢' * 970}")

    assert note_urls() == (0, 0)


@pytest.mark.django_db
def test_adding_many_urls_costs_few_queries(django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        SourceFactory(url=f"https://many.example/{number}")

    with django_assert_max_num_queries(8):
        note_urls()


@pytest.mark.django_db
def test_moments_and_problem_are_recorded(site: Site) -> None:
    good, bad = site.answers("/good", 200), site.url("/bad")
    for url in (good, bad):
        SourceFactory(url=url)
    note_urls()

    run()
    assert state(good) == (AT, AT, "")
    assert state(bad) == (None, AT, "The page no longer exists (404).")

    later = AT + timedelta(days=7)
    site.answers("/good", 410)
    site.answers("/bad", 200)
    run(before=later, now=lambda: later)
    assert state(good) == (AT, later, "The page was removed permanently (410).")
    assert state(bad) == (later, later, "")


@pytest.mark.django_db
@pytest.mark.parametrize("status", [401, 403, 405, 429])
def test_page_shown_only_to_people_counts_as_neither(site: Site, status: int) -> None:
    url = site.answers("/page", 200)
    SourceFactory(url=url)
    note_urls()
    run()

    later = AT + timedelta(days=7)
    site.answers("/page", status)
    run(before=later, now=lambda: later)

    assert state(url) == (AT, later, "")
    assert LinkCheck.objects.get().is_unreadable
    assert list(LinkCheck.objects.unreadable()) == [LinkCheck.objects.get()]
    assert not LinkCheck.objects.dead().exists()
    assert not LinkCheck.objects.alive().exists()


@pytest.mark.django_db
def test_check_changes_no_record(site: Site) -> None:
    source = SourceFactory(url=site.url("/gone"))
    token = source.edit_token
    note_urls()

    run()

    source.refresh_from_db()
    assert source.edit_token == token


@pytest.mark.django_db
def test_urls_never_checked_come_first_then_the_oldest() -> None:
    for name, asked in (
        ("new", None),
        ("old", AT - timedelta(9)),
        ("older", AT - timedelta(99)),
        ("now", AT),
    ):
        LinkCheck.objects.create(url=f"https://{name}.example/", link_checked_at=asked)

    hosts = [check.url[8:-9] for check in due(AT)]

    assert hosts == ["new", "older", "old"]


@pytest.mark.django_db
def test_no_more_are_checked_than_the_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_checking, "_BATCH", 2)
    for number in range(6):
        LinkCheck.objects.create(url=site.answers(f"/{number}", 200))

    assert len(run(limit=5)) == 5
    assert len(site.asked) == 5
    assert LinkCheck.objects.filter(link_checked_at=None).count() == 1


@pytest.mark.django_db
def test_what_another_run_has_claimed_is_left_to_it(site: Site) -> None:
    fresh, stale = site.answers("/fresh", 200), site.answers("/stale", 200)
    LinkCheck.objects.create(url=fresh, claimed_at=AT - timedelta(minutes=1))
    LinkCheck.objects.create(url=stale, claimed_at=AT - timedelta(days=1))

    assert [url for url, _answer in run()] == [stale]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_request_every_page_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checking, "_BATCH", 3)
    for number in range(20):
        LinkCheck.objects.create(url=site.answers(f"/{number}", 200))

    one, two = run_at_once(run, run)

    assert len(one) + len(two) == 20
    assert set(site.counts().values()) == {1}


@pytest.mark.django_db
def test_nothing_is_recorded_where_nobody_answers_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_checking, "ask", lambda url: SILENCE)
    for number in range(6):
        LinkCheck.objects.create(url=f"https://{number}.example/")

    with pytest.raises(OfflineError, match="Nothing was recorded"):
        run()

    assert not LinkCheck.objects.dead().exists()
    assert not LinkCheck.objects.exclude(claimed_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("hosts", [1, 4])
def test_one_night_offline_declares_nothing_dead(
    hosts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checking, "ask", lambda url: SILENCE)
    for number in range(30):
        LinkCheck.objects.create(url=f"https://{number % hosts}.example/{number}")

    with pytest.raises(OfflineError, match=r"0\.example.*Nothing was recorded"):
        run()

    assert not LinkCheck.objects.exclude(link_checked_at=None).exists()
    assert not LinkCheck.objects.exclude(claimed_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("seen", [AT, None])
def test_silence_counts_where_another_host_of_the_register_answers(
    site: Site, seen: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = link_checking.ask
    monkeypatch.setattr(
        link_checking, "ask", lambda url: SILENCE if "gone.example" in url else real(url)
    )
    for number in range(3):
        LinkCheck.objects.create(url=f"https://gone.example/{number}")
    good = site.answers("/good", 200)
    LinkCheck.objects.create(url=good, link_checked_at=AT, last_seen_alive=seen)

    run(limit=2)

    assert LinkCheck.objects.dead().count() == 2
    assert state(good)[:2] == (seen, AT)
    assert site.counts() == {"/good": 1}


@pytest.mark.django_db
def test_one_answer_makes_the_silence_of_others_count(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = site.answers("/good", 200)
    real = link_checking.ask
    monkeypatch.setattr(link_checking, "ask", lambda url: real(url) if url == good else SILENCE)
    for url in (*(f"https://{number}.example/" for number in range(8)), good):
        LinkCheck.objects.create(url=url)

    run()

    assert LinkCheck.objects.dead().count() == 8
    assert state(good)[2] == ""
