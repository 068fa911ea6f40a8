"""Search: folding text, reading queries, marking matches, and the index with one entry for each agreement.

`entries` composes the entries, `refreshing` writes them, `matching` queries them, `vocabulary` suggests spellings.
Nothing here imports a model: the classes come with the queryset passed in, so that a migration can pass its historical
ones. The rest of the project imports only from this package.
"""

from agreements.search.entries import entry_of
from agreements.search.folding import (
    BOUNDARY,
    LONGEST_WORD,
    Keys,
    Word,
    fold,
    in_all_spellings,
    indexed,
    spellings,
    words,
)
from agreements.search.full_text import FULL_TEXT_TRIGGERS, install_full_text
from agreements.search.letters import MOST_KEYS
from agreements.search.marking import Piece, excerpt, pieces
from agreements.search.matching import Found, found_keys
from agreements.search.queries import SearchQuery
from agreements.search.refreshing import Refreshed, rebuild_full_text, refresh
from agreements.search.vocabulary import is_worth_keeping, refresh_vocabulary, similar_words

__all__ = [
    "BOUNDARY",
    "FULL_TEXT_TRIGGERS",
    "LONGEST_WORD",
    "MOST_KEYS",
    "Found",
    "Keys",
    "Piece",
    "Refreshed",
    "SearchQuery",
    "Word",
    "entry_of",
    "excerpt",
    "fold",
    "found_keys",
    "in_all_spellings",
    "indexed",
    "install_full_text",
    "is_worth_keeping",
    "pieces",
    "rebuild_full_text",
    "refresh",
    "refresh_vocabulary",
    "similar_words",
    "spellings",
    "words",
]
