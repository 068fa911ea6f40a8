"""A merge is undone: the register is as it was, except where somebody has since changed it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from agreements.curation.history.past import entries_of
from agreements.curation.merging.merges import merge, undo
from agreements.curation.merging.obstacles import MergeError, UndoError, obstacles_to_undoing
from agreements.curation.merging.previews import preview
from agreements.models import (
    Agreement,
    Event,
    FormerPartySlug,
    LikelyDuplicate,
    Participation,
    Party,
    PartyMerge,
    PartyName,
    Removal,
    Signatory,
)
from tests.curation.merging.registers import TwoParties, contents, two_parties
from tests.factories import (
    AgreementFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
)
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def merged(kept: Party, other: Party, **more: Any) -> PartyMerge:
    return merge(kept, other, **{"by": None, "at": AT, **more})


def undone(row: PartyMerge, **more: Any) -> Any:
    return undo(row, **{"by": None, "at": AT, **more})


def test_merge_and_undo_leave_the_register_as_it_was() -> None:
    kept, other, *_rest = two_parties()
    before = contents()
    row = merged(kept, other, take=("website",))
    assert contents() != before

    result = undone(row)

    assert contents() == before
    assert (result.party.pk, result.left) == (other.pk, 0)
    assert_current()
    assert not Agreement.objects.containing('"labor ministry" inspections').exclude(
        participations__party__parent=other
    )


def test_swapped_merge_is_undone_as_well() -> None:
    kept, other, *_rest = two_parties()
    before = contents()

    undone(merged(other, kept))

    assert contents() == before


def test_undo_is_in_the_history_with_who_did_it() -> None:
    kept, other, _body, alone, _shared = two_parties()
    user = User.objects.create_superuser("merger")
    row = merged(kept, other)
    token = Agreement.objects.get(pk=alone.pk).edit_token

    undone(row, by=user)

    for record in (alone, other):
        latest = entries_of(type(record), record.pk)[0]
        assert (latest.by, "was undone" in latest.why) == (user, True)
    assert Agreement.objects.get(pk=alone.pk).edit_token != token
    row.refresh_from_db()
    assert (row.undone_by, row.undone_at) == (user, AT)


def test_party_that_is_back_is_no_longer_among_what_was_deleted() -> None:
    kept, other, *_rest = two_parties()
    row = merged(kept, other)
    assert Removal.objects.get().restored_at is None

    undone(row)

    assert Removal.objects.get().restored_at == AT


def test_merge_is_undone_once() -> None:
    kept, other, *_rest = two_parties()
    row = merged(kept, other)
    undone(row)

    with pytest.raises(UndoError, match="already been undone"):
        undone(row)


def test_other_can_be_merged_again_after_an_undo() -> None:
    kept, other, *_rest = two_parties()
    undone(merged(kept, other))

    again = merged(Party.objects.get(pk=kept.pk), Party.objects.get(pk=other.pk))

    assert Participation.objects.filter(party=kept).count() == 3
    assert again.rows.filter(kind="participations").count() == 3


# ------------------------------------------------------------------ changes since the merge


def rows_given_to_a_third(world: TwoParties) -> None:
    third = PartyFactory()
    Participation.objects.filter(agreement=world.alone, party=world.kept).update(party=third)


def row_removed(world: TwoParties) -> None:
    Signatory.objects.filter(agreement=world.alone).delete()


@pytest.mark.parametrize("change", [rows_given_to_a_third, row_removed])
def test_rows_that_somebody_has_changed_since_stay(change: Callable[[TwoParties], None]) -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    change(world)
    changed = Participation.objects.filter(agreement=world.alone).exclude(party=world.kept)
    expected = set(changed.values_list("party", flat=True))

    result = undone(row)

    assert result.left == 1
    assert expected <= set(world.alone.participations.values_list("party", flat=True))
    assert Event.objects.get(agreement=world.alone).party == world.other
    assert_current()


def test_agreement_that_was_deleted_since_is_no_obstacle() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    Agreement.objects.get(pk=world.shared.pk).delete()

    result = undone(row)

    assert result.left == 3
    assert set(world.alone.participations.values_list("party", flat=True)) >= {world.other.pk}


def test_what_was_entered_since_stays_with_the_kept_one() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    later = AgreementFactory(parties=[world.kept])
    PartyNameFactory(party=world.kept, name="Later spelling")

    undone(row)

    assert later.participations.get().party == world.kept
    assert PartyName.objects.get(name="Later spelling").party == world.kept


def test_columns_and_names_that_were_changed_since_stay() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    kept = Party.objects.get(pk=world.kept.pk)
    kept.website = "https://new.example"
    kept.save()
    PartyName.objects.filter(party=kept, name="Labor Ministry").update(name="Labor Ministry (USA)")

    undone(row)

    kept.refresh_from_db()
    assert kept.website == "https://new.example"
    assert kept.names.filter(name="Labor Ministry (USA)").exists()


def test_name_that_was_corrected_to_a_doubled_one_is_there_once() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    # the other party had this spelling too, so it was dropped; now a moved spelling says the same
    PartyName.objects.filter(party=world.kept, name="Mehnat vazirligi").delete()
    PartyName.objects.filter(name="Əmək Nazirliyi").update(name="Mehnat vazirligi")

    undone(row)

    assert [row.name for row in world.other.names.all()] == ["Mehnat vazirligi"]


def test_role_that_was_changed_since_goes_back_with_the_row() -> None:
    world = two_parties()
    world.alone.parties_note = "The other one is not named."
    world.alone.save()
    row = merged(world.kept, world.other)
    Participation.objects.filter(agreement=world.alone, party=world.kept).update(role="depositary")

    undone(row)

    assert world.alone.participations.get(party=world.other).role == "depositary"


# ------------------------------------------------------------------ what prevents an undo


def kept_deleted(world: TwoParties) -> None:
    Agreement.objects.all().delete()
    Party.objects.filter(parent=world.kept).delete()
    Party.objects.get(pk=world.kept.pk).delete()


def kept_merged_away(world: TwoParties) -> None:
    merged(PartyFactory(name="Third"), world.kept)


def slug_taken(world: TwoParties) -> None:
    PartyFactory(name="Newcomer", slug="labor-ministry")


def parent_deleted(world: TwoParties) -> None:
    Party.objects.filter(parent=world.kept.parent).update(parent=None)
    Party.objects.get(slug="azerbaijan").delete()


def parent_under_a_body(world: TwoParties) -> None:
    Party.objects.filter(pk=world.kept.pk).update(parent=None)
    Party.objects.filter(slug="azerbaijan").update(parent=world.body)


def shared_row_removed(world: TwoParties) -> None:
    Participation.objects.filter(agreement=world.shared, party=world.kept, role="party").delete()


def shared_row_in_another_role(world: TwoParties) -> None:
    Participation.objects.filter(agreement=world.shared, party=world.kept, role="party").update(
        role="observer"
    )


def moved_row_in_the_shared_role(world: TwoParties) -> None:
    shared_row_removed(world)
    Participation.objects.filter(agreement=world.shared, party=world.kept, role="witness").update(
        role="party"
    )


def brought_back(world: TwoParties) -> None:
    Party.objects.create(pk=world.other.pk, name="Labor Ministry", slug="brought-back")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (kept_deleted, "“Ministry of Labour” has since been deleted"),
        (kept_merged_away, "has itself been merged into “Third”. Undo that merge first"),
        (slug_taken, "“Newcomer” now has its slug “labor-ministry”"),
        (parent_deleted, "part of no longer exists"),
        (parent_under_a_body, "is now part of one of its bodies"),
        (shared_row_removed, "Both took part in AGR-"),
        (shared_row_in_another_role, "Both took part in AGR-"),
        (moved_row_in_the_shared_role, "Both took part in AGR-"),
        (brought_back, "restored from the history"),
    ],
)
def test_what_prevents_an_undo_is_named_and_nothing_written(
    change: Callable[[TwoParties], None], sentence: str
) -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    change(world)
    before = contents()

    with pytest.raises(UndoError) as refusal:
        undone(row)

    assert sentence in str(refusal.value)
    assert refusal.value.reasons == list(obstacles_to_undoing(PartyMerge.objects.get(pk=row.pk)))
    assert contents() == before


def test_undo_of_published_agreements_is_for_those_who_may_publish() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    user = User.objects.create_user("half", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="merge_party"))

    with pytest.raises(UndoError, match="Ask a publisher"):
        undone(row, by=user)


def test_merges_of_merges_are_undone_from_the_last_to_the_first() -> None:
    world = two_parties()
    third = PartyFactory(name="Third")
    before = contents()
    first = merged(world.kept, world.other)
    between = contents()
    second = merged(third, Party.objects.get(pk=world.kept.pk))

    undone(second)
    assert contents() == between
    undone(first)

    assert contents() == before


def test_two_merges_into_one_are_undone_in_any_order() -> None:
    kept, one, two = PartyFactory(), PartyFactory(), PartyFactory()
    for party in (one, two):
        AgreementFactory(parties=[party])
        SignatoryFactory(party=party)
    ParticipationFactory(party=kept)
    before = contents()
    rows = [merged(kept, one), merged(kept, two)]

    for row in rows:
        undone(row)

    assert contents() == before


def test_row_that_a_later_merge_let_stand_for_both_goes_back_after_that_merge_alone() -> None:
    kept, one, two, third = (PartyFactory(name=name) for name in ("Aa", "Bb", "Cc", "Dd"))
    shared = AgreementFactory(parties=[one, two, third])
    before = contents()
    first, second = merged(kept, one), merged(kept, two)

    with pytest.raises(UndoError) as refusal:
        undone(first)

    [reason] = refusal.value.reasons
    assert reason == (
        f"In {shared.ref}, one row stands for “Bb” and for “Cc”, which was later merged into “Aa”. "
        "Undo that merge first."
    )
    assert set(shared.participations.values_list("party__name", flat=True)) == {"Aa", "Dd"}
    undone(second)
    undone(first)
    assert contents() == before


def test_later_merge_whose_row_is_elsewhere_or_back_prevents_nothing() -> None:
    kept, one, two, third = (PartyFactory(name=name) for name in ("Aa", "Bb", "Cc", "Dd"))
    shared = AgreementFactory(parties=[one, two, third])
    first = merged(kept, one)
    undone(merged(kept, two))
    again = merged(kept, Party.objects.get(pk=two.pk))
    Participation.objects.filter(agreement=shared, party=kept).update(party=PartyFactory())

    assert list(obstacles_to_undoing(first)) == []
    assert "Both took part" in " ".join(obstacles_to_undoing(again))


def test_former_slug_that_another_took_since_is_not_claimed() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    PartyFactory(slug="labor")

    undone(row)

    assert not FormerPartySlug.objects.filter(slug="labor").exists()


def test_pairs_are_suggested_again_after_an_undo() -> None:
    kept, other = PartyFactory(name="Ministry of Labour"), PartyFactory(name="Ministry of Labor")

    undone(merged(kept, other))

    assert LikelyDuplicate.objects.get().likeness > 95


def test_loop_above_does_not_hide_the_sentence() -> None:
    world = two_parties()
    row = merged(world.kept, world.other)
    azerbaijan = Party.objects.get(slug="azerbaijan")
    loop = PartyFactory(parent=azerbaijan)
    Party.objects.filter(pk=azerbaijan.pk).update(parent=loop)

    with pytest.raises(MergeError, match="is part of itself"):
        undone(row)


def test_preview_of_a_loop_is_refused() -> None:
    one = PartyFactory()
    two = PartyFactory(parent=one)
    Party.objects.filter(pk=one.pk).update(parent=two)

    with pytest.raises(MergeError, match="is part of itself"):
        preview(PartyFactory(), Party.objects.get(pk=one.pk), by=None)
