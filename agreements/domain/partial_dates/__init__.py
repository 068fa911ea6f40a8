"""Dates known only in part: the value, how it is read, shown, stored and typed.

The rest of the project imports from here alone.
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
from agreements.domain.partial_dates.words import in_words, machine_readable

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
    "in_words",
    "machine_readable",
    "read",
]
