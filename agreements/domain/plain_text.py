"""Text for files and feeds, without the characters that break their formats.

A title may have been pasted from anywhere. XML allows no control characters, and in line-based formats a line break
within a value would start the next one.
"""

import re

# XML 1.0, production 2: no other character is allowed, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACE = re.compile(r"\s+")


def legible(text: str) -> str:
    """Return the text with line breaks as `\\n` and a replacement character for what XML does not allow."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """Return the text on one line, with single spaces between its words."""
    return _SPACE.sub(" ", legible(text)).strip()
