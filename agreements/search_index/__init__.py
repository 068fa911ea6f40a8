"""The index that the search reads: one entry of folded words for each agreement, on SQLite and PostgreSQL alike.

`entries` gathers the words, `refreshing` writes them, `matching` asks for them, `vocabulary` knows how they are
spelled. Nothing here imports a model: the classes come with the queryset that is passed in, so that a migration can
pass those of its own time.
"""

from agreements.search_index.entries import BOUNDARY, LONGEST_TEXT, Entry, entries_of, entry_of
from agreements.search_index.matching import Found, found_keys
from agreements.search_index.refreshing import Refreshed, mend, refresh
from agreements.search_index.vocabulary import is_worth_keeping, renew_words, similar_words

__all__ = [
    "BOUNDARY",
    "LONGEST_TEXT",
    "Entry",
    "Found",
    "Refreshed",
    "entries_of",
    "entry_of",
    "found_keys",
    "is_worth_keeping",
    "mend",
    "refresh",
    "renew_words",
    "similar_words",
]
