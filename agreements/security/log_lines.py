"""The form of a line in the log: its time names its offset from UTC, so lines of several machines can be put in order."""

import logging
from datetime import UTC, datetime


class LineFormatter(logging.Formatter):
    """Writes times as ISO 8601 does, in the site's time zone: 2026-11-30T10:49:25.123+04:00."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the name logging calls
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        return at.isoformat(timespec="milliseconds")
