"""Keeps tokens in URLs out of the log: people who read the log must not be able to use them.

The settings apply this filter to everything that is logged.
"""

import logging
import re

_TOKEN = re.compile(r"(/calendar/)[^/\s.\"']+")


class TokenFilter(logging.Filter):
    """Replaces the token of a URL with three dots, wherever it stands in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if _TOKEN.search(line):
            record.msg, record.args = _TOKEN.sub(r"\1…", line), ()
        return True
