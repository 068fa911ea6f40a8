"""Every version of every record: who changed it, when and why, and what it said afterwards.

Everything that writes to the register writes within `recorded`: the admin, imports, merges, commands. The versions are
in the tables of django-reversion; each holds a whole record (an agreement with all its rows and areas), so that any
two can be compared and any can be restored.
"""

from agreements.curation.history.completeness import IncompleteError
from agreements.curation.history.past import Entry, entries_of, state_with_token
from agreements.curation.history.recording import (
    note_about_to_change,
    note_removed,
    note_written,
    recorded,
)
from agreements.curation.history.restoring import RestoreError, mark_restored, restore
from agreements.curation.history.states import Named, Row, State, Value, kept_fields, state_of
from agreements.models import RECORDS, ROWS

__all__ = [
    "RECORDS",
    "ROWS",
    "Entry",
    "IncompleteError",
    "Named",
    "RestoreError",
    "Row",
    "State",
    "Value",
    "entries_of",
    "kept_fields",
    "mark_restored",
    "note_about_to_change",
    "note_removed",
    "note_written",
    "recorded",
    "restore",
    "state_of",
    "state_with_token",
]
