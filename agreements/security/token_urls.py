"""Keeps tokens in URLs out of the log: people who read the log must not be able to use them.

The settings apply this filter to everything that is logged.
"""

import logging
import re

# A private calendar's, and the person and the token of a link for a new password.
_TOKENS = (
    (re.compile(r"(/calendar/)[^/\s.\"']+"), r"\1…"),
    (re.compile(r"(/admin/password/)[^/\s\"']+/[^/\s\"']+"), r"\1…/…"),
)


class TokenFilter(logging.Filter):
    """Replaces the token of a URL with three dots, wherever it stands in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = masked = record.getMessage()
        for token, dots in _TOKENS:
            masked = token.sub(dots, masked)
        if masked != line:
            record.msg, record.args = masked, ()
        return True
