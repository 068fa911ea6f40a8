"""Counts what looks wrong in the new records of a file, and notes which of them may already be in the register."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from agreements.curation.quality_checks import finding_of_party, findings_of_facts
from agreements.domain.alphabet import sort_key
from agreements.domain.choices import Kind, Role
from agreements.domain.partial_dates import PartialDate
from agreements.exchange.importing.reconciling import Key, NewParty, PartyBook
from agreements.exchange.importing.remarks import Remarks
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, Participation, Party

MOST_LOOK_ALIKES = 200


class Alike(NamedTuple):
    """A stored record that a new one is like."""

    ref: str
    key: int


@dataclass(frozen=True)
class LookAlike:
    """A new record, by its first row and all its `rows`, with the stored ones that it is like."""

    row: int
    rows: list[int]
    found: list[Alike]


class Findings:
    """`remarks` counts the codes of the quality checks; `look_alikes` are new records that resemble stored ones."""

    def __init__(self, book: PartyBook, *, at: datetime) -> None:
        self.book = book
        self.day = timezone.localdate(at)
        self.remarks = Remarks()
        self.look_alikes: list[LookAlike] = []
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
        """Note which new records are like a stored one; two queries for a block.

        A row without a reference is recognised by everything it says, so it counts as new once it is edited.
        """
        stored = _Stored({one.title for one in new}, {_day(one.facts.get("signed")) for one in new})
        for one in new:
            parties = frozenset(
                row["party_id"] for row in one.new_parties if row["role"] == Role.PARTY
            )
            kind = str(one.facts.get("kind") or Kind.MOU)
            found = stored.like(one.title, one.facts.get("signed"), kind, parties)
            if found and len(self.look_alikes) < MOST_LOOK_ALIKES:
                rows = [row.number for row in one.origin] or [one.row]
                self.look_alikes.append(LookAlike(one.row, rows, found))
            elif found:
                self.further_look_alikes += 1

    def _participation_of(self, key: Key, role: str) -> Participation:
        party = self.book.party(key)
        if isinstance(key, NewParty):
            # the quality checks tell parties apart by id, which a party has only once it is stored
            party = Party(pk=-id(key), name=party.name, kind=party.kind, country=party.country)
        return Participation(party=party, role=role)


class _Stored:
    """The stored records that new ones may be: those with one of these titles, however written, or days of signature."""

    def __init__(self, titles: Iterable[str], days: Iterable[date | None]) -> None:
        self._titled: dict[tuple[str, frozenset[int]], list[tuple[Alike, str]]] = defaultdict(list)
        self._dated: dict[tuple[str, str, frozenset[int]], list[Alike]] = defaultdict(list)
        is_like = Q(title_sort__in=set(map(sort_key, titles))) | Q(
            signed_earliest__in=set(filter(None, days))
        )
        found = Agreement.objects.filter(is_like).order_by("pk")
        parties: dict[int, set[int]] = defaultdict(set)
        rows = Participation.objects.filter(agreement__in=found.values("pk"), role=Role.PARTY)
        for key, party in rows.order_by().values_list("agreement_id", "party_id"):
            parties[key].add(party)
        facts = found.values_list("pk", "ref", "title_sort", "signed", "kind")
        for key, ref, title, signed, kind in facts.iterator():
            one, its_parties = Alike(ref, key), frozenset(parties[key])
            self._titled[title, its_parties].append((one, str(signed or "")))
            if signed and _day(signed) and its_parties:
                self._dated[str(signed), kind, its_parties].append(one)

    def like(
        self, title: str, signed: PartialDate | None, kind: str, parties: frozenset[Any]
    ) -> list[Alike]:
        """Return the stored records with these parties and either the same title and no other date, or date and kind."""
        day = str(signed or "")
        titled = [
            one
            for one, its_day in self._titled.get((sort_key(title), parties), ())
            if not day or not its_day or day == its_day
        ]
        return list(dict.fromkeys([*titled, *self._dated.get((day, kind, parties), ())]))


def _day(signed: PartialDate | None) -> date | None:
    """Return the day of a date that is known to the day."""
    return signed.earliest if signed and signed.earliest == signed.latest else None
