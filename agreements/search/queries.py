"""What people type into the search box, read into terms: words, "phrases", and -words to leave out.

`AgreementQuerySet.containing` reads it for the list, its files and the admin. Nothing else is special and nothing is
refused: quotes left open, stars, brackets and colons are what stands between words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agreements.search.folding import fold

# More words than anybody types; a page pasted into the box is asked for by its beginning.
MOST_TERMS = 100

_AS_TYPED = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"−": "-"})
_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)(?P<closing>"?)|(?P<plain>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words that must stand one behind the other; with `is_prefix` the last of them may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Terms of which every wanted one must stand in a record, and no unwanted one; without any it finds nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @classmethod
    def read(cls, text: str) -> "SearchQuery":
        """Return the terms of what was typed, each once; the last word is a beginning unless its quotes are closed.

        A word that folding takes apart, such as AGR-0001, is a phrase.
        """
        parts = [part for part in _parts(text) if part.words]
        wanted = [part.words for part in parts if not part.is_unwanted]
        terms = [Term(words) for words in wanted]
        if terms and not parts[-1].is_unwanted and not parts[-1].is_closed:
            terms[-1] = Term(wanted[-1], is_prefix=True)
        unwanted = [Term(part.words) for part in parts if part.is_unwanted]
        return cls(_each_once(terms), _each_once(unwanted))


@dataclass(frozen=True, slots=True)
class _Part:
    words: tuple[str, ...]
    is_unwanted: bool
    is_closed: bool


def _parts(text: str) -> Iterator[_Part]:
    for part in _PART.finditer(text.translate(_AS_TYPED)):
        words = fold(part["quoted"] or part["plain"] or "").split()
        yield _Part(tuple(words), bool(part["minus"]), bool(part["closing"]))


def _each_once(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]
