"""Folding: text as the search compares it, in words of plain lower-case Latin letters and digits.

Everything that is indexed, searched for or marked on a page is folded here, in Python for both databases, so that
"Şəki", "ШӘКИ" and "seki" cannot be folded one way in the index and another in the query.

A word that is written in several ways has several keys: Əliyev is eliyev and aliyev. Two words are the same to the
search if they have a key in common, so both what is indexed and what is searched for is folded to all its keys.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agreements.search.letters import (
    APOSTROPHES,
    IN_LATIN,
    MOST_KEYS,
    SAME_NAME,
    spelled_otherwise,
    with_context,
)

# A word between two texts that nobody can search for, so that no phrase matches across it.
BOUNDARY = "¶"

# Longer words are compared by their beginnings: indexes limit the length of a word.
LONGEST_WORD = 64

_RUN = re.compile("x+")


Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """The keys of a word and its position in the original text; the two words of a "½" have the same position."""

    keys: Keys
    start: int
    end: int

    @property
    def folded(self) -> str:
        """Its first key, which only drops marks and changes the alphabet."""
        return self.keys[0]


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text in order; any text can be folded."""
    for run in _RUN.finditer(text.translate(_SHAPES)):
        for keys in _keys(text[run.start() : run.end()]):
            yield Word(keys, run.start(), run.end())


def fold(text: str) -> str:
    """Return the folded words of a text separated by spaces; empty if it has no letters or digits."""
    return " ".join(word.folded for word in words(text))


def spellings(text: str) -> Keys:
    """Return the folded text in all its spellings, `fold` of it first; () if it has no letters or digits.

    At most `MOST_KEYS`: each has every word, in the first spelling by its first key, in the second by its second, and so
    on, or by its last one.
    """
    return in_all_spellings([word.keys for word in words(text)])


def in_all_spellings(parts: Sequence[Keys]) -> Keys:
    """Return the spellings of words or texts side by side, given the spellings of each."""
    count = max(map(len, parts), default=0)
    return tuple(
        " ".join(part[min(place, len(part) - 1)] for part in parts) for place in range(count)
    )


def indexed(text: str) -> str:
    """Return all spellings of a text in one, with a boundary between them, as the index contains it."""
    return f" {BOUNDARY} ".join(spellings(text))


# Registers repeat their words: nearly every word is among the last few thousand.
@lru_cache(maxsize=50_000)
def _keys(run: str) -> tuple[Keys, ...]:
    """Return the keys of each word of a run of letters, which is one word nearly always."""
    word = unicodedata.normalize("NFKC", run).casefold()
    plain = _plain_words(word)
    if len(plain) != 1:
        return tuple((each,) for each in plain)
    others = [key for other in spelled_otherwise(word) for key in _plain_words(other)]
    keys = dict.fromkeys([*plain, *others])
    same = [SAME_NAME[key] for key in keys if key in SAME_NAME]
    return (tuple(dict.fromkeys([*plain, *same, *others]))[:MOST_KEYS],)


def _plain_words(word: str) -> list[str]:
    return [each[:LONGEST_WORD] for each in with_context(word).translate(_LETTERS).split()]


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
