"""Counts what is worth telling about a file, with the first rows it concerns."""

from collections import Counter
from dataclasses import dataclass, field

from agreements.domain.partial_dates.values import quoted

FEW = 5
MOST_TEXTS = 10


@dataclass
class Remarks:
    """Remarks on a file as a whole, each with its count and its first few rows."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    _texts: dict[str, set[str]] = field(default_factory=dict)

    def note(self, what: str, row: int) -> None:
        self.counts[what] += 1
        rows = self.examples.setdefault(what, [])
        if len(rows) < FEW and row not in rows:
            rows.append(row)

    def add(self, what: str, count: int, rows: list[int]) -> None:
        """Take over what was counted elsewhere."""
        self.counts[what] += count
        self.examples.setdefault(what, []).extend(rows)

    def note_text(self, named: str, further: str, text: str, row: int) -> None:
        """Count a remark that names a `%(text)s` of the file; beyond the first few texts, the `further` ones together."""
        texts = self._texts.setdefault(named, set())
        shown = quoted(text)
        if shown in texts or len(texts) < MOST_TEXTS:
            texts.add(shown)
            self.note(named % {"text": shown}, row)
        else:
            self.note(further, row)


@dataclass(frozen=True)
class Question:
    """What must be answered about a column before the file can be imported.

    `about` is the key of a profile's entry that answers it, and `text` says what is unclear and how to answer.
    """

    about: str
    column: str
    text: str
    count: int
    rows: list[int]
