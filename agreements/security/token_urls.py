"""Keeps addresses that are keys out of the log: who reads the log must not be able to use them.

The settings put this filter before everything that is written.
"""

import logging
import re

_SECRET = re.compile(r"(/calendar/)[^/\s.\"']+")


class SecretsHidden(logging.Filter):
    """Writes three dots for the secret part of an address, wherever in a line it stands."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if _SECRET.search(line):
            record.msg, record.args = _SECRET.sub(r"\1…", line), ()
        return True
