"""Queries the index in the language of each database: FTS5 on SQLite, a tsvector on PostgreSQL.

Both get only folded words in quotes, so that visitors cannot type operators. Both compare whole words the same way:
neither splits, stems nor drops any.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression
from numpy.typing import NDArray

from agreements.search.queries import Term

Keys = NDArray[np.int64]

ENTRIES = "agreements_searchentry"
# The full-text table that triggers keep in step with the entries on SQLite; it has the same columns.
FTS5 = "agreements_searchentry_fts"


class Found(Expression):
    """The keys of the agreements that contain all of these terms (in the title, with `in_title`), for `pk__in`."""

    output_field = BigIntegerField()

    def __init__(self, terms: Sequence[Term], *, in_title: bool = False) -> None:
        super().__init__()
        self.terms = tuple(terms)
        self.in_title = in_title

    @property
    def identity(self) -> tuple[object, ...]:
        return (type(self), self.terms, self.in_title)

    def as_sqlite(
        self, compiler: object, connection: BaseDatabaseWrapper, **context: object
    ) -> tuple[str, list[str]]:
        """A spelling is a quoted phrase; a star after it makes its last word a prefix."""
        wanted = " AND ".join(f"({_fts5(term)})" for term in self.terms)
        column = "title : " if self.in_title else ""
        return f"(SELECT rowid AS found FROM {FTS5} WHERE {FTS5} MATCH %s)", [f"{column}({wanted})"]  # noqa: S608

    def as_postgresql(
        self, compiler: object, connection: BaseDatabaseWrapper, **context: object
    ) -> tuple[str, list[str]]:
        """The index finds the words; if they must be adjacent, the text of the few entries left is read."""
        vector, text = ("title_words", "title") if self.in_title else ("words", _ALL_TEXT)
        phrases = [
            [f" {' '.join(words)}{'' if term.is_prefix else ' '}" for words in term.spellings]
            for term in self.terms
            if term.is_phrase
        ]
        stands = f"strpos(' ' || {text} || ' ', %s) > 0"
        together = "".join(f" AND ({' OR '.join([stands] * len(each))})" for each in phrases)
        found = (
            f"SELECT agreement_id AS found FROM {ENTRIES} WHERE {vector} @@ %s::tsquery{together}"  # noqa: S608
        )
        return f"({found})", [_tsquery(self.terms), *chain(*phrases)]


def found_keys(terms: Sequence[Term], database: str, *, in_title: bool = False) -> Keys:
    """Return the keys of the agreements, drafts included, that contain all of these terms; one query.

    They come as one text: most agreements contain a common word, and a row for each takes four times as long.
    """
    connection, found = connections[database], Found(terms, in_title=in_title)
    query, parameters = getattr(found, f"as_{connection.vendor}")(None, connection)
    is_sqlite = connection.vendor == "sqlite"
    as_text = "group_concat(found)" if is_sqlite else "string_agg(found::text, ',')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {as_text} FROM {query} AS searched", parameters)  # noqa: S608
        (keys,) = cursor.fetchone()
    return np.fromstring(keys, np.int64, sep=",") if keys else np.zeros(0, np.int64)


_ALL_TEXT = "title || ' ¶ ' || body"


def _fts5(term: Term) -> str:
    star = " *" if term.is_prefix else ""
    return " OR ".join(f'"{" ".join(words)}"{star}' for words in term.spellings)


def _tsquery(terms: Sequence[Term]) -> str:
    """Return every word of any spelling of every term; words are letters and digits, so quoting them is safe."""
    return " & ".join(
        f"({' | '.join(_all_words(words, is_prefix=term.is_prefix) for words in term.spellings)})"
        for term in terms
    )


def _all_words(words: Sequence[str], *, is_prefix: bool) -> str:
    *whole, last = words
    return " & ".join([*(f"'{word}'" for word in whole), f"'{last}'{':*' if is_prefix else ''}"])
