"""Lengths of time, such as a term of 3 years or a notice of 30 days: their values, and how to read, show and store them.

The rest of the project imports only from this package.
"""

from agreements.domain.durations.fields import DurationField
from agreements.domain.durations.reading import read_duration
from agreements.domain.durations.values import LONGEST_DAYS, LONGEST_MONTHS, Duration, DurationError
from agreements.domain.durations.words import as_adjective, duration_in_words

__all__ = [
    "LONGEST_DAYS",
    "LONGEST_MONTHS",
    "Duration",
    "DurationError",
    "DurationField",
    "as_adjective",
    "duration_in_words",
    "read_duration",
]
