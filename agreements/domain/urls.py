"""Permanent URLs, the same whatever host name the request used.

Files, feeds and citations outlive the request that made them, so their URLs begin with `BASE_URL` and not with the host
of the request.
"""

from django.conf import settings


def permanent(path: str) -> str:
    """Return the full URL of a path: "/about/" becomes "https://register.example.org/about/"."""
    return f"{settings.BASE_URL}{path}"
