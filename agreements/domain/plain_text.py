"""Text as files and feeds may carry it: without the characters that break their formats.

A title may have been pasted from anywhere. Formats built on XML allow no control characters at all, and formats of
lines take a line break inside a value for the start of the next.
"""

import re

# XML 1.0, production 2: everything else is not allowed, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACE = re.compile(r"\s+")


def legible(text: str) -> str:
    """Return the text with line breaks as `\\n` and a replacement character for what XML does not allow."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """Return the text on one line, with single spaces between its words."""
    return _SPACE.sub(" ", legible(text)).strip()
