"""Guessing passwords: five wrong ones lock out the guesser; after a hundred from anywhere, the name has to wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from agreements.security.lockouts import LONGEST_WAIT, MOST_FOR_A_NAME, wait_for_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return User.objects.create_superuser("clerk", password="the right one")


def log_in(client: Client, password: str, address: str) -> int:
    login = {"username": "clerk", "password": password}
    return client.post("/admin/login/", login, REMOTE_ADDR=address).status_code


def test_sixth_try_is_refused_even_with_the_right_password(client: Client, clerk: User) -> None:
    for _ in range(5):
        log_in(client, "a guess", "203.0.113.9")

    assert log_in(client, "the right one", "203.0.113.9") == 429


def test_locked_out_clerk_is_told_until_when(client: Client, clerk: User) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        for _ in range(5):
            log_in(client, "a guess", "203.0.113.9")
    with time_machine.travel("2026-11-21T10:20:00Z", tick=False):
        answer = client.post(
            "/admin/login/",
            {"username": "clerk", "password": "the right one"},
            REMOTE_ADDR="203.0.113.9",
        )

    assert answer.status_code == 429
    assert answer["Retry-After"] == "2400"
    # by the site's clock, which is four hours ahead of UTC
    assert "until 15:00:00, even" in answer.content.decode()
    assert "MoU Tracker" in answer.content.decode()


def test_trying_again_does_not_extend_it(client: Client, clerk: User) -> None:
    for minute in range(0, 60, 10):
        with time_machine.travel(f"2026-11-21T10:{minute:02d}:00Z", tick=False):
            for _ in range(5):
                log_in(client, "a guess", "203.0.113.9")

    with time_machine.travel("2026-11-21T11:00:01Z", tick=False):
        assert log_in(client, "the right one", "203.0.113.9") == 302


def test_right_password_after_four_wrong_ones_works(client: Client, clerk: User) -> None:
    for _ in range(4):
        log_in(client, "a guess", "203.0.113.9")

    assert log_in(client, "the right one", "203.0.113.9") == 302


def test_clerk_can_log_in_from_elsewhere_meanwhile(client: Client, clerk: User) -> None:
    for _ in range(6):
        log_in(client, "a guess", "203.0.113.9")

    assert log_in(client, "the right one", "198.51.100.4") == 302


def test_guesser_behind_the_proxy_locks_nobody_else_out(
    client: Client, clerk: User, settings: Settings
) -> None:
    settings.PROXIES = 1
    guess = {"username": "clerk", "password": "a guess"}
    for _ in range(6):
        client.post("/admin/login/", guess, headers={"X-Forwarded-For": "203.0.113.9"})

    answer = client.post(
        "/admin/login/",
        {"username": "clerk", "password": "the right one"},
        headers={"X-Forwarded-For": "198.51.100.4"},
    )

    assert answer.status_code == 302


# ------------------------------------------------------------------ from many addresses

RIGHT = "the right one"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def guessed(times: int, name: str = "clerk", at: datetime = NOW) -> None:
    """Type this many wrong passwords for this name, at most four from each address."""
    AccessAttempt.objects.bulk_create(
        AccessAttempt(
            username=name,
            ip_address=f"198.18.{place // 250}.{place % 250}",
            user_agent="",
            failures_since_start=min(4, times - 4 * place),
        )
        for place in range((times + 3) // 4)
    )
    AccessAttempt.objects.filter(username=name).update(attempt_time=at)


def log_in_at(moment: datetime, client: Client, password: str = RIGHT, **more: str) -> Any:
    login = {"username": "clerk", "password": password, **more}
    with time_machine.travel(moment, tick=False):
        return client.post("/admin/login/", login, REMOTE_ADDR="203.0.113.77")


def test_hundred_wrong_ones_from_everywhere_make_the_name_wait(client: Client, clerk: User) -> None:
    guessed(MOST_FOR_A_NAME + 4)

    answer = log_in_at(NOW + timedelta(seconds=2), client)

    assert answer.status_code == 429
    assert answer["Retry-After"] == "14"
    assert log_in_at(NOW + timedelta(seconds=17), client).status_code == 302


def test_ninety_nine_do_not(client: Client, clerk: User) -> None:
    guessed(MOST_FOR_A_NAME - 1)

    assert log_in_at(NOW, client).status_code == 302


def test_refused_tries_do_not_make_the_wait_longer(client: Client, clerk: User) -> None:
    guessed(MOST_FOR_A_NAME + 4)

    for second in range(1, 10):
        log_in_at(NOW + timedelta(seconds=second), client, "a guess")

    assert log_in_at(NOW + timedelta(seconds=17), client).status_code == 302


def test_wait_has_an_end_and_an_hour_forgets_it(clerk: User) -> None:
    guessed(5_000)

    with time_machine.travel(NOW, tick=False):
        assert wait_for_name("clerk") == NOW + LONGEST_WAIT
    with time_machine.travel(NOW + timedelta(hours=1, seconds=1), tick=False):
        assert wait_for_name("clerk") is None


def test_owner_gets_in_from_a_browser_used_before(client: Client, clerk: User) -> None:
    assert log_in_at(NOW, client).status_code == 302
    log_in_at(NOW, client)
    client.post("/admin/logout/")
    guessed(MOST_FOR_A_NAME + 20)

    assert log_in_at(NOW + timedelta(seconds=1), Client()).status_code == 429
    assert log_in_at(NOW + timedelta(seconds=1), client).status_code == 302


@pytest.mark.parametrize("mark", ["", "x", "é", "0" * 64])
def test_made_up_mark_of_a_browser_helps_nobody(client: Client, clerk: User, mark: str) -> None:
    guessed(MOST_FOR_A_NAME + 20)
    client.cookies["known_browser"] = mark

    assert log_in_at(NOW + timedelta(seconds=1), client).status_code == 429


def test_mark_of_a_colleague_helps_nobody_else(client: Client, clerk: User) -> None:
    User.objects.create_superuser("colleague", password="the right one")
    log_in_at(NOW, client, username="colleague")
    client.post("/admin/logout/")
    guessed(MOST_FOR_A_NAME + 20)

    assert log_in_at(NOW + timedelta(seconds=1), client).status_code == 429


def test_name_that_nobody_has_waits_alike(client: Client, clerk: User) -> None:
    guessed(MOST_FOR_A_NAME + 4)
    guessed(MOST_FOR_A_NAME + 4, name="nobody")

    known, unknown = (
        log_in_at(NOW + timedelta(seconds=2), client, username=name) for name in ("clerk", "nobody")
    )

    assert known.status_code == unknown.status_code == 429
    assert known["Retry-After"] == unknown["Retry-After"]
    assert known.content == unknown.content
