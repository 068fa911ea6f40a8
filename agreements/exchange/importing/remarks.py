"""Counts what is worth telling about a file, with the first rows it concerns."""

from collections import Counter
from dataclasses import dataclass, field

FEW = 5
MOST_TEXTS = 10


@dataclass
class Remarks:
    """Remarks on a file as a whole, each with its count and its first few rows."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    # those that change nothing of what is imported, or only what somebody chose
    trivial: set[str] = field(default_factory=set)
    _told: dict[str, set[str]] = field(default_factory=dict)

    def note(self, what: str, row: int, *, is_trivial: bool = False) -> None:
        self.counts[what] += 1
        if is_trivial:
            self.trivial.add(what)
        rows = self.examples.setdefault(what, [])
        if len(rows) < FEW and row not in rows:
            rows.append(row)

    def note_text(self, about: str, text: str, remark: str, further: str, row: int) -> None:
        """Count a remark on a text by itself, if few texts have been told about this, and with all others beyond that."""
        told = self._told.setdefault(about, set())
        if text in told or len(told) < MOST_TEXTS:
            told.add(text)
            self.note(remark, row)
        else:
            self.note(further, row)

    def add(self, what: str, count: int, rows: list[int]) -> None:
        """Take over what was counted elsewhere."""
        self.counts[what] += count
        self.examples.setdefault(what, []).extend(rows)


@dataclass(frozen=True)
class Question:
    """What must be answered about a column before the file can be imported.

    `about` is the key of a profile's entry that answers it; `text` says what is unclear, and `remedy` how to answer in the
    profile.
    """

    about: str
    column: str
    text: str
    remedy: str
    count: int
    rows: list[int]
