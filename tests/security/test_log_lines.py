"""Times in the log."""

import logging
import time
from collections.abc import Iterator

import pytest
from django.conf import settings

from agreements.security.log_lines import LineFormatter


@pytest.fixture
def baku(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone as Django sets it for the process."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Baku")
        time.tzset()
        yield
    time.tzset()


def test_time_names_its_offset(baku: None) -> None:
    record = logging.makeLogRecord({"created": 1_796_000_000.5, "msg": "hello"})

    line = LineFormatter("{asctime} {message}", style="{").format(record)

    assert line == "2026-11-30T04:53:20.500+04:00 hello"


def test_every_logger_writes_such_lines() -> None:
    """Django's own handlers would write lines in another form."""
    loggers = settings.LOGGING["loggers"]

    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    assert settings.LOGGING["formatters"]["line"]["()"].endswith(LineFormatter.__name__)
    assert loggers["django"]["handlers"] == loggers["django.server"]["handlers"] == []
