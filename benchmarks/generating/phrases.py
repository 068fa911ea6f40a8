"""Texts together with their folded words, combined without folding them again.

Folding works word by word, so a sentence is folded once its parts are, and a generated register has few parts: names,
fields and phrases that recur a million times.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agreements.search import fold


class Phrase(NamedTuple):
    """A text and its folded words."""

    text: str
    folded: str


NOTHING = Phrase("", "")


@lru_cache(maxsize=200_000)
def phrase(text: str) -> Phrase:
    """Return a text with its folded words, folded once."""
    return Phrase(text, fold(text))


def side_by_side(first: Phrase, second: Phrase) -> Phrase:
    """Return two phrases that are not empty, with a space between them."""
    return Phrase(f"{first.text} {second.text}", f"{first.folded} {second.folded}")


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase with placeholders, written {}, that no letter touches."""

    text: str
    folded: str

    @classmethod
    def read(cls, text: str) -> "Template":
        around = [fold(part) for part in text.split("{}")]
        return cls(text, " ".join(" {} ".join(around).split()))

    def filled(self, *phrases: Phrase) -> Phrase:
        """Return the phrase with these non-empty phrases in its placeholders."""
        return Phrase(
            self.text.format(*[filling.text for filling in phrases]),
            self.folded.format(*[filling.folded for filling in phrases]),
        )
