"""The words of the search, apart from any database: how text is folded, a query read, and a match marked.

The rest of the project imports from here alone.
"""

from agreements.search_text.folding import LONGEST_WORD, Word, fold, words
from agreements.search_text.marking import Piece, excerpt, pieces
from agreements.search_text.queries import MOST_TERMS, SearchQuery, Term

__all__ = [
    "LONGEST_WORD",
    "MOST_TERMS",
    "Piece",
    "SearchQuery",
    "Term",
    "Word",
    "excerpt",
    "fold",
    "pieces",
    "words",
]
