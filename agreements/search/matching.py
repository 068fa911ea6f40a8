"""The question to the index, in the words of either database: FTS5 on SQLite, a tsvector on PostgreSQL.

Both are given folded words and nothing else, in quotes, so that no operator of theirs can be typed by a visitor. Both
compare whole words the same way: neither cuts, stems nor drops any.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import BigIntegerField, Expression
from numpy.typing import NDArray

from agreements.search.queries import Term

Keys = NDArray[np.int64]

ENTRIES = "agreements_searchentry"
# The full-text table that triggers keep beside the entries on SQLite; its columns are theirs.
FTS5 = "agreements_searchentry_fts"


class Found(Expression):
    """The keys of the agreements in which all of these terms stand, for `pk__in`; in the title alone if asked."""

    output_field = BigIntegerField()

    def __init__(self, terms: Sequence[Term], *, in_title: bool = False) -> None:
        super().__init__()
        self.terms = tuple(terms)
        self.in_title = in_title

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.terms, self.in_title)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[str]]:
        """A term is a quoted phrase; a star behind it leaves its last word open."""
        wanted = " AND ".join(f'"{term}"{" *" * term.is_prefix}' for term in self.terms)
        column = "title : " if self.in_title else ""
        return f"(SELECT rowid AS found FROM {FTS5} WHERE {FTS5} MATCH %s)", [f"{column}({wanted})"]  # noqa: S608

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[str]]:
        """Words are asked of the index; where they must stand together, the text of the few entries left is read."""
        vector, text = ("title_words", "title") if self.in_title else ("words", _ALL_TEXT)
        phrases = [
            f" {term}" if term.is_prefix else f" {term} " for term in self.terms if term.is_phrase
        ]
        together = f" AND strpos(' ' || {text} || ' ', %s) > 0" * len(phrases)
        found = (
            f"SELECT agreement_id AS found FROM {ENTRIES} WHERE {vector} @@ %s::tsquery{together}"  # noqa: S608
        )
        return f"({found})", [_tsquery(self.terms), *phrases]


def found_keys(terms: Sequence[Term], database: str, *, in_title: bool = False) -> Keys:
    """Return the keys of the agreements, drafts among them, in which all of these terms stand; one query.

    They come as one text: a common word stands in most agreements, and a row for each takes four times as long.
    """
    connection, found = connections[database], Found(terms, in_title=in_title)
    if connection.vendor == "sqlite":
        query, parameters = found.as_sqlite(None, connection)
        as_text = "group_concat(found)"
    else:
        query, parameters = found.as_postgresql(None, connection)
        as_text = "string_agg(found::text, ',')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {as_text} FROM {query} AS searched", parameters)  # noqa: S608
        (keys,) = cursor.fetchone()
    return np.fromstring(keys, np.int64, sep=",") if keys else np.zeros(0, np.int64)


_ALL_TEXT = "title || ' ¶ ' || body"


def _tsquery(terms: Sequence[Term]) -> str:
    """Every word of every term; a word is letters and digits, so that the quotes around it hold."""
    return " & ".join(
        f"'{word}'{':*' * (term.is_prefix and n == len(term.words))}"
        for term in terms
        for n, word in enumerate(term.words, start=1)
    )
