"""How far a replica must have come, by what this process has noted of the primary."""

from typing import Any

import pytest
from django.db import OperationalError

from agreements.serving.replicas import choosing, positions


class Primary:
    """A primary whose log grows by a hundred a second, and the clock that goes with it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.answers = True

    def position(self) -> str:
        if not self.answers:
            raise OperationalError("gone")
        return f"0/{int(self.now * 100):X}"

    def stood(self, seconds_ago: float) -> int:
        return int((self.now - seconds_ago) * 100)


@pytest.fixture
def primary(monkeypatch: pytest.MonkeyPatch) -> Primary:
    primary = Primary()
    monkeypatch.setattr(choosing, "monotonic", lambda: primary.now)
    monkeypatch.setattr(positions, "of_primary", primary.position)
    return primary


@pytest.fixture
def history(primary: Primary) -> Any:
    return choosing._History()


def asked_every_second(history: Any, primary: Primary, seconds: int) -> int:
    position = 0
    for _second in range(seconds):
        primary.now += 1
        position = history.required_position()
    return position


def test_it_may_be_half_a_minute_behind(history: Any, primary: Primary) -> None:
    position = asked_every_second(history, primary, 120)

    assert primary.stood(36) <= position <= primary.stood(30)


def test_a_process_that_has_just_begun_does_not_take_one_that_is_behind(
    history: Any, primary: Primary
) -> None:
    assert history.required_position() == primary.stood(0)
    assert asked_every_second(history, primary, 20) >= primary.stood(5)


def test_after_a_night_without_a_request_it_does_not_either(history: Any, primary: Primary) -> None:
    asked_every_second(history, primary, 60)
    primary.now += 8 * 60 * 60

    assert history.required_position() == primary.stood(0)


def test_when_the_primary_is_gone_what_it_said_last_is_enough(
    history: Any, primary: Primary
) -> None:
    asked_every_second(history, primary, 60)
    last = primary.stood(0)
    primary.answers = False

    assert asked_every_second(history, primary, 300) <= last


def test_nothing_is_demanded_when_the_primary_never_answered(
    history: Any, primary: Primary
) -> None:
    primary.answers = False

    assert asked_every_second(history, primary, 60) == 0
