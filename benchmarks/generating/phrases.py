"""Texts together with their folded spellings, combined without folding them again.

Folding works word by word, so a sentence is folded once its parts are, in every spelling, and a generated register has
few parts: names, fields and phrases that recur a million times.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agreements.search import BOUNDARY, in_all_spellings, spellings


class Phrase(NamedTuple):
    """A text and its folded spellings."""

    text: str
    spellings: tuple[str, ...]

    @property
    def indexed(self) -> str:
        """All spellings, as the search index contains them."""
        return f" {BOUNDARY} ".join(self.spellings)


NOTHING = Phrase("", ())


@lru_cache(maxsize=200_000)
def phrase(text: str) -> Phrase:
    """Return a text with its spellings, folded once."""
    return Phrase(text, spellings(text))


def side_by_side(first: Phrase, second: Phrase) -> Phrase:
    """Return two phrases that are not empty, with a space between them."""
    both = in_all_spellings([first.spellings, second.spellings])
    return Phrase(f"{first.text} {second.text}", both)


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase with placeholders, written {}, that no letter touches; `around` are the spellings of its parts."""

    text: str
    around: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, text: str) -> "Template":
        return cls(text, tuple(spellings(part) for part in text.split("{}")))

    def filled(self, *phrases: Phrase) -> Phrase:
        """Return the phrase with these non-empty phrases in its placeholders."""
        first, *rest = self.around
        parts = [first]
        for filling, following in zip(phrases, rest, strict=True):
            parts += [filling.spellings, following]
        return Phrase(
            self.text.format(*[filling.text for filling in phrases]),
            in_all_spellings([part for part in parts if part]),
        )
