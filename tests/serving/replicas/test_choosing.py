"""Which position a replica must have reached, according to what this process has noted about the primary."""

from typing import Any

import pytest
from django.db import OperationalError

from agreements.serving.replicas import choosing, positions


class Primary:
    """A primary whose log grows by a hundred per second, and its clock."""

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


def test_new_process_uses_no_replica_that_is_behind(history: Any, primary: Primary) -> None:
    assert history.required_position() == primary.stood(0)
    assert asked_every_second(history, primary, 20) >= primary.stood(5)


def test_process_without_requests_all_night_uses_none_either(
    history: Any, primary: Primary
) -> None:
    asked_every_second(history, primary, 60)
    primary.now += 8 * 60 * 60

    assert history.required_position() == primary.stood(0)


def test_when_the_primary_is_gone_its_last_position_is_enough(
    history: Any, primary: Primary
) -> None:
    asked_every_second(history, primary, 60)
    last = primary.stood(0)
    primary.answers = False

    assert asked_every_second(history, primary, 300) <= last


def test_nothing_is_required_when_the_primary_never_answered(
    history: Any, primary: Primary
) -> None:
    primary.answers = False

    assert asked_every_second(history, primary, 60) == 0
