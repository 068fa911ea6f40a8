"""Reads what people type into the search box into terms: words, "phrases", and -words to exclude.

`AgreementQuerySet.containing` calls this for the list, its files and the admin. Nothing else is special and nothing is
refused: unclosed quotes, stars, brackets and colons only separate words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from agreements.search.folding import Word, in_all_spellings, words

# More words than anybody types; of a page pasted into the box only the beginning is searched for.
MOST_TERMS = 100
_MOST_MIXTURES = 8

_AS_TYPED = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"−": "-"})
_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)(?P<closing>"?)|(?P<plain>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words that must follow one another; with `is_prefix` the last one may be longer.

    `others` are the same words spelled otherwise: any of the spellings may stand in a record.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    others: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, words: Sequence[Word], *, is_prefix: bool = False) -> "Term":
        first, *others = _spelled(words)
        return cls(first, is_prefix, tuple(others))

    @property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        return (self.words, *self.others)

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A record must contain every wanted term and no unwanted one; a query without terms finds nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @classmethod
    def read(cls, text: str) -> "SearchQuery":
        """Return the terms typed, each once.

        The last word is a prefix, and so is the end of every exclusion, unless its quotes are closed: -migra excludes
        what migra finds. A word that folding splits, such as AGR-0001, is a phrase.
        """
        wanted: list[Term] = []
        unwanted: list[Term] = []
        is_unfinished = False
        for part in _PART.finditer(text.translate(_AS_TYPED)):
            if not (present := list(words(part["quoted"] or part["plain"] or ""))):
                continue
            if part["minus"]:
                unwanted.append(Term.of(present, is_prefix=not part["closing"]))
                is_unfinished = False
            else:
                wanted.append(Term.of(present))
                is_unfinished = not part["closing"]
        if is_unfinished:
            wanted[-1] = replace(wanted[-1], is_prefix=True)
        return cls(_each_once(wanted), _each_once(unwanted))


def _each_once(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def _spelled(present: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
    """Return the spellings of a phrase as the index has them and, if there are few, in any mixture."""
    keys = [word.keys for word in present]
    aligned = [tuple(spelling.split()) for spelling in in_all_spellings(keys)]
    mixtures = product(*keys) if prod(map(len, keys)) <= _MOST_MIXTURES else ()
    return tuple(dict.fromkeys([*aligned, *mixtures]))
