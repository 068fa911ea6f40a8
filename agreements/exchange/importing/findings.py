"""What looks wrong in the new records of a file, counted for the whole file, and which of them may be in the register."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from agreements.curation.quality_checks import findings_of_facts
from agreements.domain.choices import Role
from agreements.exchange.importing.planned import Planned
from agreements.exchange.importing.reconciling import NewParty, PartyBook
from agreements.models import Agreement, Participation, Party

MOST_LOOK_ALIKES = 20


class Findings:
    """`counts` and `examples` (the first rows) by the code of the quality check; `look_alikes` are of new records."""

    def __init__(self, book: PartyBook, *, at: datetime) -> None:
        self.book = book
        self.at = at
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[int]] = {}
        # the row of a new record, and the references of stored records that say the same
        self.look_alikes: list[tuple[int, list[str]]] = []
        self.further_look_alikes = 0
        self._titles: Counter[tuple[str, str]] = Counter()

    def look_at(self, planned: Planned) -> None:
        """Count what looks wrong in a new record."""
        agreement = planned.as_agreement()
        agreement.updated_at = self.at
        rows = [
            Participation(party=self._party(row["party_id"]), role=row["role"])
            for row in planned.new_parties
        ]
        for finding in findings_of_facts(agreement, rows):
            self._count(finding.code, planned.statement.row)
        title_and_date = (agreement.title.casefold(), str(agreement.signed or ""))
        self._titles[title_and_date] += 1
        if agreement.signed and self._titles[title_and_date] > 1:
            self._count("same_title_and_date", planned.statement.row)

    def note_look_alikes(self, new: Sequence[Planned]) -> None:
        """Note which new records share title, parties and date with a stored one; two queries for a block.

        A row without a reference is recognised by everything it says, so once edited it counts as new.
        """
        there: dict[Any, list[str]] = defaultdict(list)
        for ref, *likeness in _stored_like(one.facts.get("title", "") for one in new):
            there[tuple(likeness)].append(ref)
        for one in new:
            if refs := there.get(_likeness(one)):
                if len(self.look_alikes) < MOST_LOOK_ALIKES:
                    self.look_alikes.append((one.statement.row, refs))
                else:
                    self.further_look_alikes += 1

    def _party(self, key: "int | NewParty") -> Party:
        if not isinstance(key, NewParty):
            return self.book.outline_of(key)
        new = key.party
        # a party that is not stored has no id, by which the quality checks tell parties apart
        return Party(pk=-id(key), name=new.name, kind=new.kind, country=new.country)

    def _count(self, code: str, row: int) -> None:
        self.counts[code] += 1
        examples = self.examples.setdefault(code, [])
        if len(examples) < 5:
            examples.append(row)


def _likeness(planned: Planned) -> tuple[str, str, frozenset[Any]]:
    facts = planned.facts
    of_them = frozenset(row["party_id"] for row in planned.new_parties if row["role"] == Role.PARTY)
    return facts.get("title", ""), str(facts.get("signed") or ""), of_them


def _stored_like(titles: Iterable[str]) -> Iterator[tuple[str, str, str, frozenset[Any]]]:
    """Yield the stored records with these very titles: reference, title, date of signature, ids of the parties."""
    wanted = {title for title in titles if title}
    if not wanted:
        return
    found = Agreement.objects.filter(title__in=wanted).order_by("pk")
    stored = list(found.values_list("pk", "ref", "title", "signed"))
    parties: dict[int, set[int]] = defaultdict(set)
    rows = Participation.objects.filter(agreement__in=found.values("pk"), role=Role.PARTY)
    for key, party in rows.order_by().values_list("agreement_id", "party_id"):
        parties[key].add(party)
    for key, ref, title, signed in stored:
        yield ref, title, str(signed or ""), frozenset(parties[key])
