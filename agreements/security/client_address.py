"""The IP address a request came from, seen through the reverse proxies in front of the site.

The login lockout calls this: if it saw the proxy's address for everybody, one person guessing passwords would lock out
all staff.
"""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the visitor's IP address; None where the server knows none (a Unix socket without a proxy).

    Each proxy appends the address it was called from to X-Forwarded-For. So with two proxies the second entry from the
    right is true; the visitor may have made up everything to the left of it.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.PROXIES <= len(forwarded):
        with suppress(ValueError):
            address = forwarded[-settings.PROXIES].strip()
            ip_address(address)
            return address
    return request.META.get("REMOTE_ADDR") or None
