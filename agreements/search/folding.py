"""Folding: text as the search compares it, in words of plain lower-case Latin letters and digits.

Everything that is indexed, searched for or marked on a page is folded here, in Python for both databases, so that
"Şəki", "ШӘКИ" and "seki" cannot be folded one way in the index and another in the query.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from agreements.search.letters import APOSTROPHES, IN_LATIN, with_context

# Longer words are compared by their beginnings: indexes limit the length of a word.
LONGEST_WORD = 64

_RUN = re.compile("x+")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and its position in the original text; the two words of a "½" have the same position."""

    folded: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text in order; any text can be folded."""
    for run in _RUN.finditer(text.translate(_SHAPES)):
        for folded in _folded(text[run.start() : run.end()]):
            yield Word(folded, run.start(), run.end())


def fold(text: str) -> str:
    """Return the folded words of a text separated by spaces; empty if it has no letters or digits."""
    return " ".join(word.folded for word in words(text))


# Registers repeat their words: nearly every word is among the last few thousand.
@lru_cache(maxsize=50_000)
def _folded(run: str) -> tuple[str, ...]:
    plain = with_context(unicodedata.normalize("NFKC", run).casefold()).translate(_LETTERS)
    return tuple(word[:LONGEST_WORD] for word in plain.split())


class _PerCharacter(dict[int, str]):
    """A table for `str.translate` that computes a character when it first occurs."""

    def __init__(self, of: Callable[[str], str]) -> None:
        super().__init__()
        self.of = of

    def __missing__(self, code: int) -> str:
        self[code] = self.of(chr(code))
        return self[code]


def _shape(character: str) -> str:
    """Return an x for a character within words, a blank for one between words."""
    # Marks, apostrophes and invisible joiners (category Cf) occur inside words.
    category = unicodedata.category(character)
    inside = category[0] in "LMN" or category == "Cf" or character in APOSTROPHES
    return "x" if inside else " "


def _letter(character: str) -> str:
    """Return it in plain lower-case Latin; letters of alphabets without a transliteration stay as they are."""
    if ord(character) in IN_LATIN:
        return IN_LATIN[ord(character)]
    return "".join(map(_plain, unicodedata.normalize("NFKD", character)))


def _plain(part: str) -> str:
    if ord(part) in IN_LATIN:
        return IN_LATIN[ord(part)]
    category = unicodedata.category(part)
    if category[0] == "N":
        return str(unicodedata.decimal(part, part))
    if category[0] == "L":
        return part
    return "" if category[0] == "M" or category == "Cf" else " "


_SHAPES, _LETTERS = _PerCharacter(_shape), _PerCharacter(_letter)
