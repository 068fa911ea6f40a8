"""Compares the texts of two files line by line, and changed lines word by word, for the page that shows them side by side.

Pure text in, rows out. The cost is bounded: longer texts are compared as far as `MOST_LINES`, and lines of many words as
a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MOST_LINES = 2_000
# unchanged lines shown before and after a change
AROUND = 2
_MOST_WORDS = 300
# below this, two lines are not versions of one another
_ALIKE = 0.4
_WORDS = re.compile(r"\S+")

# A piece of a line, and whether the other text lacks it.
Piece = tuple[str, bool]


@dataclass(frozen=True)
class Line:
    """A line of both texts, or of one if the other is empty; `kind` is equal, changed, removed, added or left_out.

    `count` is how many unchanged lines were left out.
    """

    kind: str
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Comparison:
    lines: list[Line]
    # the texts are longer than what was compared
    is_cut: bool

    @property
    def is_same(self) -> bool:
        return all(line.kind in ("equal", "left_out") for line in self.lines)


def compared(before: str, after: str) -> Comparison:
    """Return the differences between two texts, with a few unchanged lines around each."""
    old, new = before.splitlines(), after.splitlines()
    is_cut = max(len(old), len(new)) > MOST_LINES
    matcher = SequenceMatcher(None, old[:MOST_LINES], new[:MOST_LINES], autojunk=True)
    steps = matcher.get_opcodes()
    lines: list[Line] = []
    for place, (step, a, b, c, d) in enumerate(steps):
        if step == "equal":
            lines += _unchanged(old[a:b], is_first=place == 0, is_last=place == len(steps) - 1)
        else:
            lines += _changed(old[a:b], new[c:d])
    return Comparison(lines, is_cut)


def side_by_side(one: str, other: str) -> Comparison:
    """Return the lines of two texts next to each other, such as those in two languages, without comparing them."""
    old, new = one.splitlines(), other.splitlines()
    pairs = zip_longest(old[:MOST_LINES], new[:MOST_LINES], fillvalue="")
    lines = [Line("equal", ((left, False),), ((right, False),)) for left, right in pairs]
    return Comparison(lines, max(len(old), len(new)) > MOST_LINES)


def _unchanged(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Line]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    left_out = len(lines) - head - tail
    for place, text in enumerate(lines):
        if place < head or place >= len(lines) - tail or left_out <= 1:
            yield Line("equal", ((text, False),), ((text, False),))
        elif place == head:
            yield Line("left_out", count=left_out)


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    for left, right in zip_longest(old, new):
        if left is None:
            yield Line("added", after=((right, True),))
        elif right is None:
            yield Line("removed", before=((left, True),))
        else:
            yield from _pair(left, right)


def _pair(left: str, right: str) -> Iterator[Line]:
    old, new = _WORDS.findall(left), _WORDS.findall(right)
    if max(len(old), len(new)) <= _MOST_WORDS:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            yield Line("changed", *_pieces(matcher, old, new))
            return
    yield Line("removed", before=((left, True),))
    yield Line("added", after=((right, True),))


def _pieces(
    matcher: "SequenceMatcher[str]", old: list[str], new: list[str]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before: list[Piece] = []
    after: list[Piece] = []
    for step, a, b, c, d in matcher.get_opcodes():
        if a < b:
            before.append((" ".join(old[a:b]), step != "equal"))
        if c < d:
            after.append((" ".join(new[c:d]), step != "equal"))
    return tuple(before), tuple(after)
