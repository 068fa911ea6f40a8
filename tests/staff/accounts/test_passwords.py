"""A forgotten password: whom to ask, or the link by e-mail."""

import logging
import re
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.core.mail import EmailMessage
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from agreements.notifications.mail import Mailer
from agreements.notifications.outbox import send_due
from agreements.security.token_urls import TokenFilter
from agreements.staff.accounts import passwords
from tests.staff.accounts.logins import give_password, is_in, staff, with_two_factor

pytestmark = pytest.mark.django_db
NEW = "a much better one, 2026"


@pytest.fixture
def clerk() -> User:
    return staff(email="clerk@example.org")


@pytest.fixture
def mail_is_set(settings: Settings) -> None:
    settings.MAIL_SERVER = {"EMAIL_HOST": "mail.example.org"}
    settings.BASE_URL = "https://register.example.org"


@pytest.fixture
def no_mail_is_set(settings: Settings) -> None:
    settings.MAIL_SERVER = {}


def deliver() -> None:
    with Mailer() as mailer:
        send_due(mailer)


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"https://register\.example\.org(\S+)", mail.body)
    assert found
    return found[1]


def ask(client: Client, address: str = "clerk@example.org") -> str:
    """Asks for a link, sends the outbox, and returns the URL to which the answer redirects."""
    answer = client.post("/admin/password/", {"email": address}, headers={"host": "localhost"})
    deliver()
    return str(answer.get("Location", ""))


def test_login_page_links_to_it(client: Client) -> None:
    assert "/admin/password/" in client.get("/admin/login/").content.decode()


def test_without_mail_it_says_whom_to_ask_and_sends_nothing(
    client: Client, clerk: User, no_mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    assert "Ask an administrator" in client.get("/admin/password/").content.decode()
    assert ask(client) == ""
    assert mailoutbox == []


def test_link_sets_the_password_once_and_ends_every_login(
    client: Client, clerk: User, mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    elsewhere = Client()
    give_password(elsewhere, clerk)
    assert ask(client) == "/admin/password/sent/"
    link = link_in(mailoutbox[0])

    form = client.get(link)["Location"]
    assert "clerk" in client.get(form).content.decode()
    answer = client.post(form, {"new_password1": NEW, "new_password2": NEW}, follow=True)

    assert "Log in with the new one" in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(NEW)
    assert not is_in(elsewhere)
    assert "This link does not work" in client.get(link).content.decode()


def test_link_does_not_bypass_two_factor(
    client: Client, clerk: User, mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    with_two_factor(clerk)
    ask(client)
    form = client.get(link_in(mailoutbox[0]))["Location"]
    client.post(form, {"new_password1": NEW, "new_password2": NEW})

    answer = client.post("/admin/login/", {"username": "clerk", "password": NEW})

    assert answer["Location"] == "/admin/login/code/"


def test_page_says_the_same_for_unknown_addresses(
    client: Client, clerk: User, mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    assert ask(client, "nobody@example.org") == ask(client)
    assert [mail.to for mail in mailoutbox] == [["clerk@example.org"]]


def test_log_contains_no_link(
    client: Client,
    clerk: User,
    mail_is_set: None,
    mailoutbox: list[EmailMessage],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask(client)
    link = link_in(mailoutbox[0])
    form = client.get(link)["Location"]
    client.post(form, {"new_password1": NEW, "new_password2": NEW})

    assert '"event": "password_changed"' in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name == "agreements.audit"]
    assert not any(part in line for line in lines for part in (link, link.split("/")[-2], NEW))


@pytest.mark.parametrize("status", [500, 503])
def test_link_that_could_not_be_answered_is_in_no_log(
    client: Client,
    clerk: User,
    mail_is_set: None,
    mailoutbox: list[EmailMessage],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """It still works: whoever reads the log could choose the password."""

    def fail(*args: object, **kwargs: object) -> None:
        error = OperationalError("out of time")
        error.__cause__ = psycopg.errors.QueryCanceled() if status == 503 else None
        raise error

    ask(client)
    link = link_in(mailoutbox[0])
    *_path, person, token, _end = link.split("/")
    monkeypatch.setattr(passwords.ChooseView, "get_user", fail)
    caplog.handler.addFilter(TokenFilter())
    caplog.clear()
    client.raise_request_exception = False

    with caplog.at_level(logging.DEBUG):
        assert client.get(link).status_code == status
        logging.getLogger("django.server").info('"GET %s HTTP/1.1" %d', link, status)
        logging.getLogger("django.server").info('"POST /admin/password/sent/ HTTP/1.1" 200')

    assert "/admin/password/…/…/" in caplog.text
    assert "/admin/password/sent/" in caplog.text
    assert token not in caplog.text
    assert f"/{person}/" not in caplog.text


# ------------------------------------------------------------------ too often


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    caches["counters"].clear()


def test_only_a_few_links_an_hour_go_to_an_address_and_the_answer_is_the_same(
    client: Client,
    clerk: User,
    mail_is_set: None,
    mailoutbox: list[EmailMessage],
    caplog: pytest.LogCaptureFixture,
) -> None:
    spellings = ["clerk@example.org", "Clerk@Example.org", "CLERK@example.org"] * 2
    answers = {ask(client, address) for address in spellings}

    assert answers == {"/admin/password/sent/"}
    assert len(mailoutbox) == passwords.MOST_TO_AN_ADDRESS
    assert caplog.text.count('"event": "password_link_refused"') == 3
    assert '"too_many_for": ["address"]' in caplog.text


def test_counts_survive_when_many_pages_are_cached(
    client: Client, clerk: User, mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    for _time in range(passwords.MOST_TO_AN_ADDRESS):
        ask(client)
    for number in range(2_000):
        cache.set(f"page-{number}", "kept")

    ask(client)

    assert len(mailoutbox) == passwords.MOST_TO_AN_ADDRESS


def test_links_are_sent_again_an_hour_later(
    client: Client, clerk: User, mail_is_set: None, mailoutbox: list[EmailMessage]
) -> None:
    with time_machine.travel("2026-11-21 12:00", tick=False) as clock:
        for _time in range(5):
            ask(client)
        clock.shift(timedelta(hours=1, seconds=1))
        ask(client)

    assert len(mailoutbox) == passwords.MOST_TO_AN_ADDRESS + 1


def test_one_client_gets_a_few_links_and_others_are_not_affected(
    client: Client,
    clerk: User,
    mail_is_set: None,
    mailoutbox: list[EmailMessage],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.PROXIES = 1
    for number in range(passwords.MOST_FROM_A_CLIENT):
        ask_from(client, "203.0.113.9", f"nobody{number}@example.org")

    ask_from(client, "203.0.113.9", "clerk@example.org")
    assert mailoutbox == []
    assert '"too_many_for": ["client"]' in caplog.text

    ask_from(client, "203.0.113.10", "clerk@example.org")
    assert len(mailoutbox) == 1


def ask_from(client: Client, where: str, address: str) -> None:
    headers = {"host": "localhost", "X-Forwarded-For": where}
    assert client.post("/admin/password/", {"email": address}, headers=headers).status_code == 302
    deliver()
