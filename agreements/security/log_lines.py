"""The form of a log line: its time includes the offset from UTC, so that lines from several machines can be ordered."""

import logging
from datetime import UTC, datetime


class LineFormatter(logging.Formatter):
    """Writes times in ISO 8601, in the site's time zone: 2026-11-30T10:49:25.123+04:00."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the name logging calls
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        return at.isoformat(timespec="milliseconds")
