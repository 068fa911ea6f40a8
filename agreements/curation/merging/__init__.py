"""Two parties that are one body become one row, and can become two again.

The admin shows what a merge would do and calls `merge` or `undo`. Nothing of the party that goes is lost: its names
become spellings, its slug leads on, and a `PartyMerge` keeps what it takes to bring it back.
"""

from agreements.curation.merging.joining import merge
from agreements.curation.merging.obstacles import MergeError, UndoError, hindrances
from agreements.curation.merging.previews import CHOOSABLE, Difference, Preview, preview
from agreements.curation.merging.undoing import Undone, undo

__all__ = [
    "CHOOSABLE",
    "Difference",
    "MergeError",
    "Preview",
    "UndoError",
    "Undone",
    "hindrances",
    "merge",
    "preview",
    "undo",
]
