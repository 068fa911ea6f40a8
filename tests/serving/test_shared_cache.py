"""The shared cache: Redis while it answers, and pages that work while it hangs, is down and comes back."""

import logging
import pickle
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import BaseCache, cache
from django.test import Client
from pytest_django import Settings

from agreements.serving import shared_cache
from agreements.serving.circuit_breaker import CircuitBreaker
from agreements.serving.shared_cache import LONGEST_WAIT, SharedCache
from tests.servers import RedisServer, redis_server

NOT_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture(scope="module")
def one_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(one_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A running Redis, with a closed circuit breaker."""
    monkeypatch.setattr(shared_cache, "breaker", CircuitBreaker(1.0))
    yield one_redis
    one_redis.kill()
    one_redis.start()


@pytest.fixture
def shared(redis: RedisServer) -> SharedCache:
    return SharedCache([redis.address], {})


def seconds_of(work: Any) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def test_two_servers_share_what_one_of_them_stores(redis: RedisServer, shared: SharedCache) -> None:
    shared.set("count", {"all": 5}, 60)

    assert SharedCache([redis.address], {}).get("count") == {"all": 5}


@pytest.mark.parametrize(
    "damaged", [b"", b"\x80\x05", pickle.dumps({"all": 6}), b"x" * 5000, b"[" * 100_000]
)
def test_a_damaged_value_counts_as_not_stored(
    redis: RedisServer, shared: SharedCache, damaged: bytes
) -> None:
    shared.set("page", {"all": 5}, 60)
    shared.client.get_client().set(shared.client.make_key("page"), damaged)

    assert shared.get("page") is None
    assert shared.get("page", "made again") in {None, "made again"}
    assert not shared.get_many(["page"]).get("page")


def test_every_operation_of_a_cache_works(shared: SharedCache) -> None:
    shared.clear()

    assert shared.add("new", 1)
    assert not shared.add("new", 2)
    assert shared.incr("new") == 2
    shared.set("a", 1)
    shared.set("b", 2)
    assert shared.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert shared.touch("a", 60)
    assert shared.has_key("a")
    assert shared.delete("a")
    assert not shared.has_key("a")
    shared.delete_many(["b"])
    assert shared.get("b", "nothing") == "nothing"
    assert shared.get_or_set("c", lambda: "made") == "made"
    with pytest.raises(ValueError, match="not found"):
        shared.incr("nowhere")


@pytest.fixture
def without_redis(monkeypatch: pytest.MonkeyPatch) -> SharedCache:
    monkeypatch.setattr(shared_cache, "breaker", CircuitBreaker(1.0))
    return SharedCache([NOT_THERE], {})


def test_without_redis_nothing_is_stored_and_nothing_fails(without_redis: SharedCache) -> None:
    shared = without_redis

    shared.set("a", 1)
    shared.delete_many(["a"])
    shared.clear()
    assert shared.get("a", "nothing") == "nothing"
    assert shared.get_many(["a"]) == {}
    assert shared.get_or_set("a", lambda: "made") == "made"
    assert not shared.has_key("a")
    assert not shared.delete("a")
    assert not shared.touch("a")
    assert not shared.add("a", 1)
    assert shared.incr("a") is None


def test_misuse_does_not_open_the_breaker(shared: SharedCache) -> None:
    with pytest.raises(ValueError, match="soon"):
        shared.set("unheard-of", "value", timeout="soon")

    shared.set("a", 1)
    assert shared.get("a") == 1


def test_a_hanging_redis_costs_one_wait_and_is_then_left_alone(
    redis: RedisServer, shared: SharedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_cache.breaker.pause = 60
    shared.set("a", 1)
    redis.hang()

    first = seconds_of(lambda: shared.get("a"))
    others = seconds_of(lambda: [shared.get("a") for _ in range(100)])
    redis.wake()

    assert 0.8 * LONGEST_WAIT < first < 3 * LONGEST_WAIT
    assert others < LONGEST_WAIT / 2


def test_other_threads_leave_it_alone_too(redis: RedisServer, shared: SharedCache) -> None:
    shared_cache.breaker.pause = 60
    redis.hang()
    shared.get("a")
    spent: list[float] = []

    thread = Thread(
        target=lambda: spent.append(seconds_of(lambda: SharedCache([redis.address], {}).get("a")))
    )
    thread.start()
    thread.join()
    redis.wake()

    assert spent[0] < LONGEST_WAIT / 2


def test_redis_that_is_started_again_is_used_again(redis: RedisServer, shared: SharedCache) -> None:
    redis.kill()
    shared.set("a", 1)
    redis.start()
    resting = shared.get("a", "nothing")
    time.sleep(1.1)

    shared.set("a", 2)

    assert (resting, shared.get("a")) == ("nothing", 2)


def test_connections_kept_from_before_a_restart_do_no_harm(
    redis: RedisServer, shared: SharedCache
) -> None:
    shared.set("a", 1)
    redis.kill()
    redis.start()

    shared.set("a", 2)

    assert shared.get("a") == 2


def test_log_mentions_the_failure_once_and_its_end(
    redis: RedisServer, shared: SharedCache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=shared_cache.__name__)
    redis.kill()

    for _ in range(3):
        shared.get("a")
        shared_cache.breaker._open_until = 0
    redis.start()
    shared.get("a")

    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2, told
    assert told[0].startswith("The shared cache does not answer")
    assert told[1] == "The shared cache answers again."


# The site with it


@pytest.fixture
def site(redis: RedisServer, settings: Settings) -> RedisServer:
    settings.CACHES = {
        "default": {
            "BACKEND": "agreements.serving.shared_cache.SharedCache",
            "LOCATION": [redis.address],
        }
    }
    return redis


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["hang", "kill"])
def test_pages_go_on_when_redis_does_not(
    site: RedisServer, client: Client, varied_register: None, end: str
) -> None:
    pages = ("/", "/agreements/", "/agreements/?q=social", "/statistics/")
    before = [client.get(page).status_code for page in pages]
    getattr(site, end)()

    after = [client.get(page).status_code for page in pages]

    assert before == after == [200] * 4


@pytest.mark.django_db
def test_logins_and_lockouts_do_not_depend_on_the_cache(
    site: RedisServer, client: Client, django_user_model: Any
) -> None:
    django_user_model.objects.create_superuser("ada", "", "the-right-password")
    site.kill()
    wrong = {"username": "eve", "password": "wrong"}

    tries = [client.post("/admin/login/", wrong).status_code for _ in range(6)]
    client.post("/admin/login/", {"username": "ada", "password": "the-right-password"})

    assert tries[0] == 200
    assert tries[-1] == 429
    assert client.get("/admin/").status_code == 200
    assert "cache" not in django_settings.SESSION_ENGINE


def test_without_redis_the_cache_of_a_process_is_bounded() -> None:
    backend: BaseCache = cache

    assert django_settings.CACHES["default"]["BACKEND"].endswith("LocMemCache")
    assert backend._max_entries == 1000
