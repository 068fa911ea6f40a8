"""Dates known only in part: their values, and how to read, show, store and enter them.

The rest of the project imports only from this package.
"""

from agreements.domain.partial_dates.fields import DayColumn, PartialDateField
from agreements.domain.partial_dates.forms import PartialDateFormField, PartialDateInput
from agreements.domain.partial_dates.reading import read
from agreements.domain.partial_dates.values import (
    OPEN_END,
    OPEN_START,
    PartialDate,
    PartialDateError,
    add_months,
)
from agreements.domain.partial_dates.words import day_in_words, in_words, machine_readable

__all__ = [
    "OPEN_END",
    "OPEN_START",
    "DayColumn",
    "PartialDate",
    "PartialDateError",
    "PartialDateField",
    "PartialDateFormField",
    "PartialDateInput",
    "add_months",
    "day_in_words",
    "in_words",
    "machine_readable",
    "read",
]
