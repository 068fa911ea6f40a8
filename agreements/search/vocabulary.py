"""The register's own vocabulary, from which corrections of mistyped words are suggested.

A word is stored when an entry first contains it, and unused words are removed by `manage.py rebuild_search`. Words that
no entry contains any more, or only a draft, do no harm: a suggestion must find a published record.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from django.db import connections
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Length

# Every word of every entry, as either database lists them: fts5vocab on SQLite, ts_stat on PostgreSQL.
TERMS = "agreements_searchentry_terms"

# Shorter words are too similar to one another to suggest one for another.
SHORTEST = 4
_ALIKE = 0.75
_CHUNK = 500


def note_words(vocabulary: "QuerySet[Model]", words: Iterable[str]) -> None:
    """Store the words that are new to the register.

    Two writers may store the same word: the column is not unique, so that neither waits for the other.
    """
    candidates = sorted(filter(is_worth_keeping, words))
    for start in range(0, len(candidates), _CHUNK):
        chunk = candidates[start : start + _CHUNK]
        known = set(vocabulary.filter(word__in=chunk).values_list("word", flat=True))
        vocabulary.bulk_create(vocabulary.model(word=word) for word in chunk if word not in known)


def refresh_vocabulary(vocabulary: "QuerySet[Model]") -> int:
    """Store the words of all entries, remove unused ones, and return how many were removed.

    Reads every word of the index: seconds for a hundred thousand agreements.
    """
    table = vocabulary.model._meta.db_table
    with connections[vocabulary.db].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE word NOT IN (SELECT term FROM {TERMS})")  # noqa: S608
        removed = cursor.rowcount
        cursor.execute(f"SELECT term FROM {TERMS} EXCEPT SELECT word FROM {table}")  # noqa: S608
        unknown = [term for (term,) in cursor]
    note_words(vocabulary, unknown)
    return removed


def similar_words(vocabulary: "QuerySet[Model]", word: str, most: int = 5) -> list[str]:
    """Return the words spelled most like this one, the closest first, without the word itself.

    A single typo (a letter wrong, missing, doubled or swapped with its neighbour) leaves one half of a word intact, so
    only words with one half in common are compared.
    """
    half = (len(word) - 1) // 2
    if len(word) < SHORTEST:
        return []
    near = vocabulary.annotate(length=Length("word")).filter(
        Q(word__startswith=word[:half]) | Q(word__endswith=word[-half:]),
        length__range=(len(word) - 2, len(word) + 2),
    )
    candidates = set(near.values_list("word", flat=True)) - {word}
    return get_close_matches(word, sorted(candidates), n=most, cutoff=_ALIKE)


def is_worth_keeping(word: str) -> bool:
    """Whether it is a word of some length, not a number or reference."""
    return len(word) >= SHORTEST and word.isalpha()
