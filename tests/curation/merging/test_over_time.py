"""Merging parties loses nothing of what is recorded about them over time, and undoing it brings everything back."""

from datetime import UTC, datetime

import pytest

from agreements.curation.history.past import entries_of
from agreements.curation.merging.merges import merge, undo
from agreements.curation.merging.obstacles import MergeError
from agreements.models import Membership, Participation, Party, Signatory
from tests.factories import (
    AgreementFactory,
    MembershipFactory,
    ParticipationFactory,
    PartyFactory,
    SignatoryFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def kept() -> Party:
    return PartyFactory(name="Georgia", slug="georgia")


@pytest.fixture
def other() -> Party:
    return PartyFactory(name="Republic of Georgia", slug="other")


def over_time(party: Party) -> list[tuple[str, str, str]]:
    rows = Participation.objects.filter(party=party).order_by("agreement__ref")
    return [(row.consent, str(row.in_force_until or ""), row.reservations) for row in rows]


def test_the_row_that_stays_takes_over_what_only_the_other_says(kept: Party, other: Party) -> None:
    agreement = AgreementFactory(draft=True)
    ParticipationFactory(agreement=agreement, party=kept)
    ParticipationFactory(
        agreement=agreement,
        party=other,
        consent="accession",
        in_force_until="2009-08-18",
        reservations="None",
    )
    alone = AgreementFactory(draft=True)
    ParticipationFactory(agreement=alone, party=other, consent="ratification")

    merged = merge(kept, other, by=None, at=NOW)

    assert over_time(kept) == [("accession", "2009-08-18", "None"), ("ratification", "", "")]
    assert str(Participation.objects.get(agreement=agreement).last_day) == "2009-08-18"

    undo(merged, by=None, at=NOW)

    assert over_time(kept) == [("", "", "")]
    again = Party.objects.get(slug="other")
    assert over_time(again) == [("accession", "2009-08-18", "None"), ("ratification", "", "")]


def test_undoing_keeps_what_somebody_changed_since(kept: Party, other: Party) -> None:
    agreement = AgreementFactory(draft=True)
    ParticipationFactory(agreement=agreement, party=kept)
    ParticipationFactory(agreement=agreement, party=other, consent="accession", reservations="R")
    merged = merge(kept, other, by=None, at=NOW)
    row = Participation.objects.get(party=kept)
    row.consent = "ratification"
    row.save()

    undo(merged, by=None, at=NOW)

    assert over_time(kept) == [("ratification", "", "")]


def test_two_histories_are_refused(kept: Party, other: Party) -> None:
    agreement = AgreementFactory(draft=True, ref="AGR-0042")
    ParticipationFactory(agreement=agreement, party=kept, in_force_until="1990")
    ParticipationFactory(agreement=agreement, party=other, in_force_from="1991")

    with pytest.raises(MergeError, match="AGR-0042"):
        merge(kept, other, by=None, at=NOW)

    assert Party.objects.filter(pk=other.pk).exists()


def test_equal_histories_are_one(kept: Party, other: Party) -> None:
    agreement = AgreementFactory(draft=True)
    for party in (kept, other):
        ParticipationFactory(agreement=agreement, party=party, in_force_until="1990")

    merged = merge(kept, other, by=None, at=NOW)
    assert over_time(kept) == [("", "1990", "")]
    undo(merged, by=None, at=NOW)

    assert over_time(kept) == [("", "1990", "")]


def test_further_parties_of_signatories_move_and_come_back(kept: Party, other: Party) -> None:
    row = SignatoryFactory(agreement=AgreementFactory(draft=True), second_party=other)

    merged = merge(kept, other, by=None, at=NOW)
    assert Signatory.objects.get(pk=row.pk).second_party == kept
    undo(merged, by=None, at=NOW)

    assert Signatory.objects.get(pk=row.pk).second_party_id == other.pk


def test_memberships_move_and_come_back(kept: Party, other: Party) -> None:
    union = PartyFactory(name="Union")
    MembershipFactory(organisation=union, member=other, since="1993")
    MembershipFactory(organisation=union, member=kept, since="1993")
    MembershipFactory(organisation=union, member=other, since="1920", until="1921")
    MembershipFactory(organisation=other, member=kept)
    MembershipFactory(organisation=other, member=PartyFactory(name="Third"))
    before = set(Membership.objects.values_list("organisation", "member", "since", "until"))

    merged = merge(kept, other, by=None, at=NOW)

    rows = Membership.objects.all()
    assert {(row.organisation.name, row.member.name, str(row.since or "")) for row in rows} == {
        ("Union", "Georgia", "1993"),
        ("Union", "Georgia", "1920"),
        ("Georgia", "Third", ""),
    }
    undo(merged, by=None, at=NOW)
    assert set(Membership.objects.values_list("organisation", "member", "since", "until")) == before


def test_memberships_with_a_party_that_is_gone_do_not_prevent_undoing(
    kept: Party, other: Party
) -> None:
    union, stays = PartyFactory(name="Union"), PartyFactory(name="Stays")
    for organisation in (union, stays):
        for member in (kept, other):
            MembershipFactory(organisation=organisation, member=member, since="1993")
    merged = merge(kept, other, by=None, at=NOW)
    union.delete()
    versions = len(entries_of(Party, stays.pk))

    undo(merged, by=None, at=NOW)

    again = Membership.objects.filter(member=other.pk)
    assert [(row.organisation, str(row.since)) for row in again] == [(stays, "1993")]
    assert len(entries_of(Party, stays.pk)) == versions + 1
