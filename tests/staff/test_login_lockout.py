"""Guessing passwords: five wrong ones lock out the guesser and nobody else."""

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

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
