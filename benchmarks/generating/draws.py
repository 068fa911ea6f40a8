"""Random draws that depend only on a seed, so that a register is the same wherever and whenever it is generated.

Registers are uneven: a few states sign most agreements, and a few words occur in most titles. `rank` draws
accordingly.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Drawn = TypeVar("Drawn")


class Draws(Random):
    """A stream of draws; two with the same seed draw the same on any machine."""

    def chance(self, share: float) -> bool:
        """Return True in this share of all cases, from 0 to 1."""
        return self.random() < share

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1, all equally likely."""
        return int(self.random() * limit)

    def rank(self, count: int) -> int:
        """Return a place from 0 to `count` - 1 by Zipf's law: the tenth place is drawn a tenth as often as the first."""
        return int((count + 1) ** self.random()) - 1

    def of(self, choices: Sequence[Drawn]) -> Drawn:
        """Return one of these, all equally likely."""
        return choices[int(self.random() * len(choices))]

    def ranked(self, choices: Sequence[Drawn]) -> Drawn:
        """Return one of these, the first most often, following `rank`."""
        return choices[int((len(choices) + 1) ** self.random()) - 1]


def shares(weights: Mapping[Drawn, int]) -> tuple[Drawn, ...]:
    """Repeat each value by its weight, so that `Draws.of` draws it in that proportion."""
    return tuple(value for value, weight in weights.items() for _ in range(weight))
