"""Search: how text is folded, a query read and a match marked, and the index of one entry for each agreement.

`entries` gathers the words, `refreshing` writes them, `matching` asks for them, `vocabulary` knows how they are
spelled. Nothing here imports a model: the classes come with the queryset that is passed in, so that a migration can
pass those of its own time. The rest of the project imports from here alone.
"""

from agreements.search.entries import BOUNDARY, LONGEST_TEXT, Entry, entries_of, entry_of
from agreements.search.folding import LONGEST_WORD, Word, fold, words
from agreements.search.full_text import FULL_TEXT_TRIGGERS, install_full_text
from agreements.search.marking import Piece, excerpt, pieces
from agreements.search.matching import Found, found_keys
from agreements.search.queries import MOST_TERMS, SearchQuery, Term
from agreements.search.refreshing import Refreshed, mend, refresh
from agreements.search.vocabulary import is_worth_keeping, renew_words, similar_words

__all__ = [
    "BOUNDARY",
    "FULL_TEXT_TRIGGERS",
    "LONGEST_TEXT",
    "LONGEST_WORD",
    "MOST_TERMS",
    "Entry",
    "Found",
    "Piece",
    "Refreshed",
    "SearchQuery",
    "Term",
    "Word",
    "entries_of",
    "entry_of",
    "excerpt",
    "fold",
    "found_keys",
    "install_full_text",
    "is_worth_keeping",
    "mend",
    "pieces",
    "refresh",
    "renew_words",
    "similar_words",
    "words",
]
