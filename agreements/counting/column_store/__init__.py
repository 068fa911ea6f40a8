"""The published register as columns in memory: what every selection is counted over.

A database that counts a million agreements by nine facets reads each of them nine times. Here each is a place in a few
arrays, and a selection is a mask over them: a million are counted in some tens of milliseconds, whatever is asked. The
rows themselves and everything that is shown of them come from the database, by the keys that the mask leaves.

`current_columns()` returns columns that are as new as the register: those of the last request if its version has not
moved, with the agreements that changed read again if it has.
"""

from agreements.counting.column_store.counting import (
    SORTS,
    Condition,
    Counts,
    Years,
    country_number,
)
from agreements.counting.column_store.keeping import current_columns, tidy_up
from agreements.counting.column_store.segments import Columns, Keys, Mask, Seen

__all__ = [
    "SORTS",
    "Columns",
    "Condition",
    "Counts",
    "Keys",
    "Mask",
    "Seen",
    "Years",
    "country_number",
    "current_columns",
    "tidy_up",
]
