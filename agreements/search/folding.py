"""Text as the search compares it: plain small Latin letters and digits, in words.

Whatever is indexed, asked for or marked on a page goes through here, so that "Şəki", "ШӘКИ" and "seki" cannot be folded
one way in the index and another in the query. It is written once, in Python, for both databases.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agreements.search.letters import APOSTROPHES, IN_LATIN, with_context

# Longer words are compared by their beginnings: no index takes a word of any length.
LONGEST_WORD = 64

_RUN = re.compile("x+")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, and where in the original text it stands; two words of one "½" stand at the same place."""

    folded: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text in their order; any text has some or none, and no text fails."""
    for run in _RUN.finditer(text.translate(_SHAPES)):
        for folded in _folded(text[run.start() : run.end()]):
            yield Word(folded, run.start(), run.end())


def fold(text: str) -> str:
    """Return the folded words of a text with a space between them; what has no letters or digits folds to nothing."""
    return " ".join(word.folded for word in words(text))


# Registers repeat their words: nearly every one that comes is among the last few thousand.
@lru_cache(maxsize=50_000)
def _folded(run: str) -> tuple[str, ...]:
    plain = with_context(unicodedata.normalize("NFKC", run).casefold()).translate(_LETTERS)
    return tuple(word[:LONGEST_WORD] for word in plain.split())


class _PerCharacter(dict[int, str]):
    """A table for `str.translate` that works a character out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = self.of(chr(code))
        return self[code]

    def of(self, character: str) -> str:
        raise NotImplementedError


class _Shapes(_PerCharacter):
    """An x for what a word is made of, a blank for what stands between words; as long as the original."""

    def of(self, character: str) -> str:
        # Marks, apostrophes and unseen joiners (category Cf) stand inside of words.
        category = unicodedata.category(character)
        inside = category[0] in "LMN" or category == "Cf" or character in APOSTROPHES
        return "x" if inside else " "


class _Letters(_PerCharacter):
    """A small letter in plain Latin; a letter of an alphabet we have no Latin for stays as it is."""

    def of(self, character: str) -> str:
        return "".join(map(self._plain, unicodedata.normalize("NFKD", character)))

    @staticmethod
    def _plain(part: str) -> str:
        if ord(part) in IN_LATIN:
            return IN_LATIN[ord(part)]
        category = unicodedata.category(part)
        if category[0] == "N":
            return str(unicodedata.decimal(part, part))
        if category[0] == "L":
            return part
        return "" if category[0] == "M" or category == "Cf" else " "


_SHAPES = _Shapes()
_LETTERS = _Letters(IN_LATIN)
