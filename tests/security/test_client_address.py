"""Whose IP address the login lockout counts."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from agreements.security.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        pytest.param(0, "203.0.113.9", "10.0.0.1", id="nobody to believe"),
        pytest.param(1, "203.0.113.9", "203.0.113.9", id="one proxy"),
        pytest.param(1, "1.2.3.4, 203.0.113.9", "203.0.113.9", id="one proxy, made up entry"),
        pytest.param(2, "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9", id="two proxies"),
        pytest.param(2, "203.0.113.9", "10.0.0.1", id="a proxy was bypassed"),
        pytest.param(1, "2001:db8::7", "2001:db8::7", id="IPv6"),
        pytest.param(1, "unknown", "10.0.0.1", id="no address"),
        pytest.param(1, None, "10.0.0.1", id="no header"),
    ],
)
def test_address_is_the_one_the_outermost_proxy_saw(
    settings: Settings, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")

    assert client_address(request) == expected


def test_unix_socket_without_proxy_has_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
