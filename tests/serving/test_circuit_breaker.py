"""After a failure nobody calls the server for a while, and then one caller tries it."""

import pytest

from agreements.serving import circuit_breaker
from agreements.serving.circuit_breaker import CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(circuit_breaker, "monotonic", clock)
    return clock


def test_server_that_answers_may_always_be_called(clock: Clock) -> None:
    breaker = CircuitBreaker(10)

    assert [breaker.allows_call() for _ in range(3)] == [True] * 3
    assert not breaker.succeeded()


def test_server_that_failed_is_left_alone_until_the_pause_is_over(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    breaker.failed()

    clock.now = 9.9
    before = breaker.allows_call()
    clock.now = 10

    assert (before, breaker.allows_call()) == (False, True)


def test_one_caller_tries_after_the_pause(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    breaker.failed()
    clock.now = 10

    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]


def test_caller_that_never_comes_back_is_followed_by_another(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    breaker.failed()
    clock.now = 10
    breaker.allows_call()
    clock.now = 20

    assert breaker.allows_call()


def test_everybody_calls_again_after_a_success(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    breaker.failed()

    assert breaker.succeeded()
    assert [breaker.allows_call() for _ in range(2)] == [True, True]


def test_failures_are_logged_once_in_a_while(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    logged = []

    for moment in (0, 10, 59, 60, 70, 121):
        clock.now = moment
        logged.append(breaker.failed())

    assert logged == [True, False, False, True, False, True]


def test_failure_after_a_success_is_logged(clock: Clock) -> None:
    breaker = CircuitBreaker(10)
    breaker.failed()
    breaker.succeeded()

    assert breaker.failed()
