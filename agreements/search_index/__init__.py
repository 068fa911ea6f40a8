"""The index that the search reads: one entry of folded words for each agreement, on SQLite and PostgreSQL alike.

`entries` gathers the words, `refreshing` writes them, `matching` asks for them, `vocabulary` knows how they are
spelled. Nothing here imports a model: the classes come with the queryset that is passed in, so that a migration can
pass those of its own time.
"""

from agreements.search_index.entries import BOUNDARY, LONGEST_TEXT, Entry, entries_of
from agreements.search_index.matching import Found
from agreements.search_index.refreshing import Refreshed, mend, refresh
from agreements.search_index.vocabulary import renew_words, similar_words

__all__ = [
    "BOUNDARY",
    "LONGEST_TEXT",
    "Entry",
    "Found",
    "Refreshed",
    "entries_of",
    "mend",
    "refresh",
    "renew_words",
    "similar_words",
]
