"""The footnotes of an agreement's page: every piece of evidence gets a number, in the order the facts appear.

The page's view builds them from the agreement's evidence; the template tag `footnotes` shows the numbers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agreements.domain.choices import Basis
from agreements.domain.facts import ON_PAGE
from agreements.models import Evidence, Source

# The page shows the facts in this order, so that the numbers run from top to bottom.
ORDER_OF_APPEARANCE = [fact.code for fact in ON_PAGE if fact.has_evidence]


@dataclass(frozen=True)
class Footnote:
    """One piece of evidence with its number on the page."""

    number: int
    evidence: Evidence

    @property
    def is_stated(self) -> bool:
        return self.evidence.basis == Basis.STATED


class Footnotes:
    """All footnotes of one page, by number and by fact."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        appearance = {fact: place for place, fact in enumerate(ORDER_OF_APPEARANCE)}
        ordered = sorted(evidence, key=lambda row: (appearance[row.fact], row.pk))
        self._notes = [Footnote(number, row) for number, row in enumerate(ordered, start=1)]

    def __iter__(self) -> Iterator[Footnote]:
        return iter(self._notes)

    def __len__(self) -> int:
        return len(self._notes)

    def of(self, fact: str) -> list[Footnote]:
        """Return the footnotes of this fact, in order of their numbers."""
        return [note for note in self._notes if note.evidence.fact == fact]

    @property
    def sources(self) -> list[Source]:
        """Return the sources of the footnotes, each once, in order of the numbers."""
        return list(
            {note.evidence.source_id: note.evidence.source for note in self._notes}.values()
        )
