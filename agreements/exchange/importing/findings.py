"""Counts what looks wrong in the new records of a file, and notes which of them may already be in the register."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.utils import timezone

from agreements.curation.quality_checks import finding_of_party, findings_of_facts
from agreements.domain.choices import Role
from agreements.exchange.importing.reconciling import Key, NewParty, PartyBook
from agreements.exchange.importing.remarks import Remarks
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, Participation, Party

MOST_LOOK_ALIKES = 20

# title, date of signature and parties of a record
_Likeness = tuple[str, str, frozenset[Any]]


class Findings:
    """`remarks` counts the codes of the quality checks; `look_alikes` are new records that resemble stored ones."""

    def __init__(self, book: PartyBook, *, at: datetime) -> None:
        self.book = book
        self.day = timezone.localdate(at)
        self.remarks = Remarks()
        # the row of a new record, and the references of the stored records it resembles
        self.look_alikes: list[tuple[int, list[str]]] = []
        self.further_look_alikes = 0
        self._titles: Counter[tuple[str, str]] = Counter()
        # the checks only read them, and say the same of a party every time
        self._participation = cache(self._participation_of)
        self._of_party = cache(finding_of_party)

    def look_at(self, statement: Statement) -> None:
        """Count what looks wrong in a new record."""
        agreement = statement.as_agreement()
        rows = [self._participation(row["party_id"], row["role"]) for row in statement.new_parties]
        for finding in findings_of_facts(agreement, rows, self.day, self._of_party):
            self.remarks.note(finding.code, statement.row)
        title_and_date = (agreement.title.casefold(), str(agreement.signed or ""))
        self._titles[title_and_date] += 1
        if agreement.signed and self._titles[title_and_date] > 1:
            self.remarks.note("same_title_and_date", statement.row)

    def note_look_alikes(self, new: Sequence[Statement]) -> None:
        """Note which new records share title, parties and date with a stored one; two queries for a block.

        A row without a reference is recognised by everything it says, so it counts as new once it is edited.
        """
        there: dict[_Likeness, list[str]] = defaultdict(list)
        for ref, likeness in _stored_like({one.title for one in new if one.title}):
            there[likeness].append(ref)
        for one in new:
            parties = frozenset(
                row["party_id"] for row in one.new_parties if row["role"] == Role.PARTY
            )
            refs = there.get((one.title, str(one.facts.get("signed") or ""), parties))
            if refs and len(self.look_alikes) < MOST_LOOK_ALIKES:
                self.look_alikes.append((one.row, refs))
            elif refs:
                self.further_look_alikes += 1

    def _participation_of(self, key: Key, role: str) -> Participation:
        party = self.book.party(key)
        if isinstance(key, NewParty):
            # the quality checks tell parties apart by id, which a party has only once it is stored
            party = Party(pk=-id(key), name=party.name, kind=party.kind, country=party.country)
        return Participation(party=party, role=role)


def _stored_like(titles: Iterable[str]) -> Iterator[tuple[str, _Likeness]]:
    """Yield the reference and likeness of the stored records with exactly these titles."""
    found = Agreement.objects.filter(title__in=titles).order_by("pk")
    parties: dict[int, set[int]] = defaultdict(set)
    rows = Participation.objects.filter(agreement__in=found.values("pk"), role=Role.PARTY)
    for key, party in rows.order_by().values_list("agreement_id", "party_id"):
        parties[key].add(party)
    for key, ref, title, signed in found.values_list("pk", "ref", "title", "signed"):
        yield ref, (title, str(signed or ""), frozenset(parties[key]))
