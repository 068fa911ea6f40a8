"""Merges two parties that are the same body into one row, and undoes such a merge.

The admin shows what a merge would do and calls `merge` or `undo`. Nothing is lost of the party that is merged away: its
names become spellings, its slug redirects, and a `PartyMerge` keeps what is needed to bring it back.
"""

from agreements.curation.merging.merges import Undone, merge, undo
from agreements.curation.merging.obstacles import MergeError, UndoError, obstacles_to_undoing
from agreements.curation.merging.previews import CHOOSABLE, Difference, Preview, preview

__all__ = [
    "CHOOSABLE",
    "Difference",
    "MergeError",
    "Preview",
    "UndoError",
    "Undone",
    "merge",
    "obstacles_to_undoing",
    "preview",
    "undo",
]
