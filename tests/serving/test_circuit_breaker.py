"""What failed is left alone, and then asked by one alone."""

import pytest

from agreements.serving.circuit_breaker import Rest


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_answers_may_always_be_asked(clock: Clock) -> None:
    rest = Rest(10, clock=clock)

    assert [rest.may_be_asked() for _ in range(3)] == [True] * 3
    assert not rest.answered()


def test_what_failed_is_left_alone_until_the_rest_is_over(clock: Clock) -> None:
    rest = Rest(10, clock=clock)
    rest.failed()

    clock.now = 9.9
    before = rest.may_be_asked()
    clock.now = 10

    assert (before, rest.may_be_asked()) == (False, True)


def test_one_alone_asks_after_the_rest(clock: Clock) -> None:
    rest = Rest(10, clock=clock)
    rest.failed()
    clock.now = 10

    assert [rest.may_be_asked() for _ in range(3)] == [True, False, False]


def test_whoever_asked_and_never_came_back_is_followed_by_another(clock: Clock) -> None:
    rest = Rest(10, clock=clock)
    rest.failed()
    clock.now = 10
    rest.may_be_asked()
    clock.now = 20

    assert rest.may_be_asked()


def test_all_ask_again_once_it_has_answered(clock: Clock) -> None:
    rest = Rest(10, clock=clock)
    rest.failed()

    assert rest.answered()
    assert [rest.may_be_asked() for _ in range(2)] == [True, True]


def test_failures_are_news_once_in_a_while(clock: Clock) -> None:
    rest = Rest(10, told_every=60, clock=clock)
    told = []

    for moment in (0, 10, 59, 60, 70, 121):
        clock.now = moment
        told.append(rest.failed())

    assert told == [True, False, False, True, False, True]


def test_a_failure_after_an_answer_is_news(clock: Clock) -> None:
    rest = Rest(10, clock=clock)
    rest.failed()
    rest.answered()

    assert rest.failed()
