"""Who is asking: the address a request came from, seen through the reverse proxies in front of us.

The login lockout calls this: if it saw the proxy's address for everybody, one person guessing passwords
would lock out the whole staff.
"""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The visitor's IP address, or None where the server knows none (a Unix socket without a proxy).

    Each proxy appends the address it was called from to X-Forwarded-For, so with two proxies the
    second entry from the right is true; whatever stands left of it the visitor may have made up.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.PROXIES <= len(forwarded) and _is_address(forwarded[-settings.PROXIES]):
        return forwarded[-settings.PROXIES].strip()
    return request.META.get("REMOTE_ADDR") or None


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text.strip()))
    except ValueError:
        return False
