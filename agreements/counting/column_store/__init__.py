"""The published register as columns in memory: what every selection is counted over.

A database that counts a million agreements by nine facets reads each of them nine times. Here each is a place in a few
arrays, and a selection is a mask over them: a million are counted in some tens of milliseconds, whatever is asked. The
rows themselves, their order and everything that is shown of them still come from the database, by the same filters.

`current_columns()` returns columns that are as new as the register: those of the last request if its revision has not
moved, with the agreements that changed read again if it has.
"""

from agreements.counting.column_store.asked import Asked, Period
from agreements.counting.column_store.counting import SORTS, Counts, Years
from agreements.counting.column_store.keeping import current_columns, tidy_up
from agreements.counting.column_store.segments import Columns

__all__ = ["SORTS", "Asked", "Columns", "Counts", "Period", "Years", "current_columns", "tidy_up"]
