"""The footnotes of an agreement's page: evidence is numbered in the order in which the facts appear.

The view builds them from the agreement's evidence; the template tag `footnotes` shows the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from agreements.domain.choices import Basis
from agreements.domain.facts import ON_PAGE
from agreements.models import Evidence, Source

# The page shows the facts in this order, so that the numbers run from top to bottom.
ORDER_OF_APPEARANCE = [fact.code for fact in ON_PAGE if fact.has_evidence]

# before the name of a source or document
_HOW = {
    Basis.STATED: pgettext_lazy("evidence", "stated in"),
    Basis.INFERRED: pgettext_lazy("evidence", "inferred from"),
    Basis.CONTRADICTED: pgettext_lazy("evidence", "contradicted by"),
}


@dataclass(frozen=True)
class Footnote:
    """One piece of evidence with its number on the page."""

    number: int
    evidence: Evidence

    @property
    def is_stated(self) -> bool:
        return self.evidence.basis == Basis.STATED

    @property
    def how(self) -> str:
        """Say how the fact rests on its source, such as “inferred from”."""
        return str(_HOW[Basis(self.evidence.basis)])


class Footnotes(list[Footnote]):
    """All footnotes of one page, in order of their numbers."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        ordered = sorted(evidence, key=lambda row: (ORDER_OF_APPEARANCE.index(row.fact), row.pk))
        super().__init__(Footnote(number, row) for number, row in enumerate(ordered, start=1))

    def of(self, fact: str) -> list[Footnote]:
        """Return the footnotes of this fact, in order of their numbers."""
        return [note for note in self if note.evidence.fact == fact]

    @property
    def sources(self) -> list[Source]:
        """Return the sources of the footnotes, each once, in order of the numbers; documents are none."""
        return list(dict.fromkeys(filter(None, (note.evidence.source for note in self))))
