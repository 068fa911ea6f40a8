"""The published register as columns in memory, from which every selection is counted.

A database that counts a million agreements by nine facets reads each of them nine times. Here each agreement is a
position in a few arrays, and a selection is a mask over them: counting a million takes some tens of milliseconds for
any question. The rows themselves and everything shown about them come from the database, by the keys that the mask
selects.

`current_columns()` returns columns that are up to date: those of the last request if the register version is the same,
otherwise with the changed agreements read again.
"""

from agreements.counting.column_store.counting import (
    SORTS,
    Condition,
    Counts,
    Years,
    country_number,
)
from agreements.counting.column_store.keeping import current_columns, tidy_up
from agreements.counting.column_store.marks import FACTS_KNOWN, known
from agreements.counting.column_store.memberships import (
    BoundMember,
    bound_members,
    organisations_of,
)
from agreements.counting.column_store.segments import SUBJECTS, Columns, Keys, Mask, Seen

__all__ = [
    "FACTS_KNOWN",
    "SORTS",
    "SUBJECTS",
    "BoundMember",
    "Columns",
    "Condition",
    "Counts",
    "Keys",
    "Mask",
    "Seen",
    "Years",
    "bound_members",
    "country_number",
    "current_columns",
    "known",
    "organisations_of",
    "tidy_up",
]
