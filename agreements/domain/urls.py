"""The full addresses of what the register shows, the same for whoever asks and by whatever name they reached it.

Files, feeds and citations outlive the request that made them, so their addresses begin with `BASE_URL` and not with
the host that happened to be asked.
"""

from django.conf import settings


def permanent(path: str) -> str:
    """Return the full address of a path of the register: "/about/" becomes "https://register.example.org/about/"."""
    return f"{settings.BASE_URL}{path}"
