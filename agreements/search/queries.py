"""Reads what people type into the search box into terms: words, "phrases", and -words to exclude.

`AgreementQuerySet.containing` calls this for the list, its files and the admin. Nothing else is special and nothing is
refused: unclosed quotes, stars, brackets and colons only separate words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agreements.search.folding import fold

# More words than anybody types; of a page pasted into the box only the beginning is searched for.
MOST_TERMS = 100

_AS_TYPED = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"−": "-"})
_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)(?P<closing>"?)|(?P<plain>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words that must follow one another; with `is_prefix` the last one may be longer."""

    words: tuple[str, ...]
    is_prefix: bool = False

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A record must contain every wanted term and no unwanted one; a query without terms finds nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @classmethod
    def read(cls, text: str) -> "SearchQuery":
        """Return the terms typed, each once; the last word is a prefix unless its quotes are closed.

        A word that folding splits, such as AGR-0001, is a phrase.
        """
        wanted: list[Term] = []
        unwanted: list[Term] = []
        is_unfinished = False
        for part in _PART.finditer(text.translate(_AS_TYPED)):
            if words := tuple(fold(part["quoted"] or part["plain"] or "").split()):
                (unwanted if part["minus"] else wanted).append(Term(words))
                is_unfinished = not part["minus"] and not part["closing"]
        if is_unfinished:
            wanted[-1] = Term(wanted[-1].words, is_prefix=True)
        return cls(_each_once(wanted), _each_once(unwanted))


def _each_once(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]
