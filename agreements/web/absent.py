"""What a record does not say, in one line of its page: “Not known: term, notice. Not assessed: legal nature.”

How each fact says that it is missing is declared with the fact, so “unknown”, “not assessed” and “none recorded” stay
distinct. A fact with evidence is never among them: its footnotes need a place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from agreements.domain.declarations import Fact
from agreements.domain.facts import ON_PAGE
from agreements.models import Agreement
from agreements.web.footnotes import Footnotes


@dataclass(frozen=True)
class Absent:
    """The facts that are missing in the same way."""

    words: str
    facts: list[str]


def absent(agreement: Agreement, notes: Footnotes, rows: Mapping[str, object]) -> list[Absent]:
    """Return what is missing, in order of the page; no query. `rows` are the contents of the facts in other tables."""
    found: dict[str, list[str]] = {}
    for fact, words in _missing(agreement, notes, rows):
        heading = str(fact.heading)
        found.setdefault(words, []).append(heading[:1].lower() + heading[1:])
    return [Absent(capfirst(words), facts) for words, facts in found.items()]


def is_absent(fact: Fact, agreement: Agreement, notes: Footnotes) -> bool:
    """Whether a row of the table of facts has nothing to say and no evidence."""
    said = fact.said_of(agreement)
    return said is None or not (said.is_known or notes.of(fact.code))


def _missing(
    agreement: Agreement, notes: Footnotes, rows: Mapping[str, object]
) -> Iterator[tuple[Fact, str]]:
    for fact in ON_PAGE:
        if fact.code in rows:
            if not (rows[fact.code] or notes.of(fact.code)):
                yield fact, str(fact.absent_of(agreement))
        elif fact.page and fact.page.is_row and not _always_shown(fact):
            said = fact.said_of(agreement)
            if said and is_absent(fact, agreement, notes):
                yield fact, str(said.value)


def _always_shown(fact: Fact) -> bool:
    """The steps of every agreement's life stand beside its status; a termination is none of them."""
    return bool(fact.page and fact.page.is_step and fact.page.says)
