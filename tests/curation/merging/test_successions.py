"""Merging and undoing keep who succeeded whom, and when names were used."""

from datetime import UTC, datetime

import pytest

from agreements.curation.history.past import entries_of
from agreements.curation.merging.merges import merge, undo
from agreements.models import Party, Succession
from tests.curation.merging.registers import contents
from tests.factories import PartyFactory, PartyNameFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def succession(predecessor: Party, successor: Party, date: str = "1992") -> Succession:
    return Succession.objects.create(predecessor=predecessor, successor=successor, date=date)


def test_successions_move_with_the_party_and_come_back() -> None:
    kept, other, before, after, both = (PartyFactory() for _n in range(5))
    succession(before, other, "1991-12-26")
    succession(other, after)
    succession(kept, both)
    succession(other, both, "1993")
    succession(kept, other)
    PartyNameFactory(party=kept, name="Old")
    PartyNameFactory(party=other, name="Old", used_from="1950", used_until="1960")
    stored = contents()

    row = merge(kept, other, by=None, at=AT)

    assert {(each.predecessor, each.successor) for each in Succession.objects.all()} == {
        (before, kept),
        (kept, after),
        (kept, both),
    }
    assert str(Succession.objects.get(predecessor=kept, successor=both).date) == "1992"
    assert entries_of(Party, before.pk)

    undo(row, by=None, at=AT)

    assert contents() == stored
