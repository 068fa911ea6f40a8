"""The names of downloaded files: the selection in words, and the day the status is computed for."""

from datetime import date
from urllib.parse import quote

from django.utils.text import slugify

LONGEST_STEM = 100


def stem(words: str, day: date | None) -> str:
    """Return the words as a file name in any script, with the day appended unless they contain it."""
    parts = [_shortened(slugify(words, allow_unicode=True)), day.isoformat() if day else ""]
    return "-".join(filter(None, parts))


def disposition(kind: str, name: str, plain: str) -> str:
    """Return the Content-Disposition header: `kind` is attachment or inline (RFC 6266).

    `plain` is offered to old clients where `name` is not ASCII.
    """
    if name.isascii():
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _shortened(slug: str) -> str:
    """Cut the text after a whole word."""
    return slug if len(slug) <= LONGEST_STEM else slug[:LONGEST_STEM].rpartition("-")[0]
