"""Two parties become one: everything that named either of them names the one that is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.curation.history.past import entries_of
from agreements.curation.merging.merges import merge
from agreements.curation.merging.obstacles import MergeError
from agreements.curation.merging.previews import CHOOSABLE, preview
from agreements.curation.merging.rows import ROWS_OF_AGREEMENTS, ROWS_OF_ITS_OWN
from agreements.exchange.seeding import seed
from agreements.models import (
    Agreement,
    LikelyDuplicate,
    Participation,
    Party,
    PartyMerge,
    PartyName,
)
from tests.curation.merging.registers import contents, two_parties
from tests.factories import (
    AgreementFactory,
    EventFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
)
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def merged(kept: Party, other: Party, **more: Any) -> PartyMerge:
    return merge(kept, other, **{"by": None, "at": AT, **more})


def test_everything_that_named_the_other_names_the_kept_one() -> None:
    kept, other, body, alone, shared = two_parties()

    merged(kept, other)

    assert not Party.objects.filter(pk=other.pk).exists()
    assert alone.participations.filter(party=kept, role="party").exists()
    assert alone.signatories.get().party == kept
    assert alone.events.get().party == kept
    assert shared.commitments.get().party == kept
    body.refresh_from_db()
    assert body.parent == kept


def test_party_that_took_part_twice_in_one_role_does_so_once() -> None:
    kept, other, _body, _alone, shared = two_parties()

    merged(kept, other)

    rows = shared.participations.filter(party=kept).values_list("party", "role", "position")
    assert sorted(rows) == [(kept.pk, "party", 0), (kept.pk, "witness", 0)]


def test_names_of_the_other_become_spellings_each_once() -> None:
    kept, other, *_rest = two_parties()

    merged(kept, other)

    names = kept.names.order_by("name").values_list("name", flat=True)
    assert list(names) == ["Labor Ministry", "Mehnat vazirligi", "Əmək Nazirliyi"]
    kept.refresh_from_db()
    # the kept party had no short name and now has the other's
    assert kept.short_name == "LM"


def test_short_name_that_is_not_taken_is_a_spelling() -> None:
    kept, other = PartyFactory(short_name="MoL"), PartyFactory(name="Labor", short_name="LM")

    merged(kept, other)

    assert {row.name for row in kept.names.all()} == {"Labor", "LM"}


def test_same_name_is_no_spelling_of_itself() -> None:
    kept, other = PartyFactory(name="Same"), PartyFactory(name="Same")

    merged(kept, other)

    assert not kept.names.exists()


def test_old_addresses_lead_to_the_kept_one(client: Client) -> None:
    kept, other, *_rest = two_parties()

    merged(kept, other)

    for slug in ("labor", "labor-ministry"):
        assert client.get(f"/parties/{slug}/").headers["Location"] == "/parties/labour/"
        page = client.get(f"/agreements.csv?party={slug}")
        assert b"On migration" in b"".join(page.streaming_content)


def test_search_finds_the_agreements_by_either_name() -> None:
    kept, other, *_rest = two_parties()

    merged(kept, other)

    assert_current()
    found = Agreement.objects.containing("emek nazirliyi").order_by("title")
    assert [agreement.title for agreement in found] == [
        "On inspections",
        "On migration",
        "On pensions",
    ]
    assert Agreement.objects.containing("labor ministry migration").count() == 1


@pytest.mark.parametrize(
    ("take", "expected"),
    [((), ("MoL", "https://kept.example")), (("website",), ("MoL", "https://other.example"))],
    ids=["of the kept one", "of the other"],
)
def test_what_differs_is_as_was_chosen(take: tuple[str, ...], expected: tuple[str, str]) -> None:
    kept = PartyFactory(short_name="MoL", website="https://kept.example")
    other = PartyFactory(short_name="LM", website="https://other.example")

    merged(kept, other, take=take)

    kept.refresh_from_db()
    assert (kept.short_name, kept.website) == expected


def test_what_is_empty_is_filled() -> None:
    state = PartyFactory(country="AZ")
    kept, other = PartyFactory(), PartyFactory(parent=state, website="https://lm.example")

    merged(kept, other)

    kept.refresh_from_db()
    assert (kept.parent, kept.country, kept.website) == (state, "AZ", "https://lm.example")


def test_parent_of_the_other_that_lies_under_the_kept_one_is_not_taken() -> None:
    kept = PartyFactory()
    other = PartyFactory(parent=PartyFactory(name="Department"))
    Party.objects.filter(name="Department").update(parent=kept)

    with pytest.raises(MergeError, match="is part of"):
        merged(kept, other, take=CHOOSABLE)


def test_every_touched_record_has_a_version_and_a_new_token() -> None:
    kept, other, body, alone, shared = two_parties()
    untouched = AgreementFactory(parties=[kept])
    records = [kept, body, alone, shared, untouched]
    before = [type(row).objects.get(pk=row.pk).edit_token for row in records]
    user = User.objects.create_superuser("merger")

    merged(kept, other, by=user, why="One letterhead.")

    after = [type(row).objects.get(pk=row.pk).edit_token for row in records]
    assert [a != b for a, b in zip(after, before, strict=True)] == [True, True, True, True, False]
    for row in (kept, alone, shared):
        latest = entries_of(type(row), row.pk)[0]
        assert latest.by == user
        assert (
            "“Labor Ministry” was merged into “Ministry of Labour”. One letterhead." in latest.why
        )


def test_merge_itself_is_kept_with_who_and_why() -> None:
    kept, other, *_rest = two_parties()
    user = User.objects.create_superuser("merger")

    merge_row = merged(kept, other, by=user, why="One letterhead.")

    assert str(merge_row) == "Labor Ministry → Ministry of Labour"
    assert (merge_row.by, merge_row.at, merge_row.why) == (user, AT, "One letterhead.")
    assert merge_row.other["slug"] == "labor-ministry"


# ------------------------------------------------------------------ refusals


def test_party_is_not_merged_with_itself() -> None:
    party = PartyFactory()

    with pytest.raises(MergeError, match="cannot be merged with itself"):
        merged(party, party)


@pytest.mark.parametrize("levels", [1, 3])
@pytest.mark.parametrize("keep_upper", [True, False])
def test_party_is_not_merged_with_one_above_it(levels: int, keep_upper: bool) -> None:
    upper = lower = PartyFactory(name="Upper")
    for _level in range(levels):
        lower = PartyFactory(name="Lower", parent=lower)
    kept, other = (upper, lower) if keep_upper else (lower, upper)

    with pytest.raises(MergeError, match="“Lower” is part of “Upper”"):
        merged(kept, other)


def test_loop_in_the_tree_is_named() -> None:
    one = PartyFactory(name="One")
    two = PartyFactory(name="Two", parent=one)
    Party.objects.filter(pk=one.pk).update(parent=two)
    one.refresh_from_db()

    with pytest.raises(MergeError, match="is part of itself"):
        merged(one, PartyFactory())


def test_party_that_is_gone_is_named_with_where_it_went() -> None:
    kept, other, *_rest = two_parties()
    merged(kept, other)

    with pytest.raises(MergeError, match="“Labor Ministry” has just been merged into “Ministry of"):
        merged(PartyFactory(), other)


def test_deleted_party_is_refused() -> None:
    kept, other = PartyFactory(), PartyFactory()
    Party.objects.get(pk=other.pk).delete()

    with pytest.raises(MergeError, match="no longer in the register"):
        merged(kept, other)


def test_published_agreements_are_for_those_who_may_publish() -> None:
    kept, other = PartyFactory(), PartyFactory()
    AgreementFactory(parties=[other])
    user = User.objects.create_user("half", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="merge_party"))

    with pytest.raises(MergeError, match="Ask a publisher"):
        merged(kept, other, by=user)

    Agreement.objects.update(publication="draft")
    assert merged(kept, other, by=user).pk


def test_refused_merge_leaves_everything_as_it_was() -> None:
    kept, other, *_rest = two_parties()
    Party.objects.filter(pk=kept.pk).update(parent=other)
    kept.refresh_from_db()
    before = contents()

    with pytest.raises(MergeError):
        merged(kept, other)

    assert contents() == before
    assert not PartyMerge.objects.exists()


# ------------------------------------------------------------------ the preview


def test_preview_says_what_the_merge_does() -> None:
    kept, other, _body, _alone, shared = two_parties()
    before = contents()

    seen = preview(kept, other, by=None)

    assert dict(seen.moving) == {
        "participations": 3,
        "signatories": 1,
        "events": 1,
        "commitments": 1,
        "other names and spellings": 2,
        "former URLs": 1,
        "bodies that are part of it": 1,
    }
    assert (seen.agreements, seen.shared, seen.shared_count) == (2, [shared], 1)
    assert [(d.column, d.other, d.is_choice) for d in seen.differences] == [
        ("short_name", "LM", False),
        ("website", "https://lm.example", False),
    ]
    assert seen.new_names == ["Labor Ministry"]
    assert contents() == before


def test_preview_costs_the_same_for_many_agreements() -> None:
    kept, other, *_rest = two_parties()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            preview(kept, other, by=None)
        return len(captured)

    few = queries()
    third = PartyFactory()
    for _number in range(30):
        AgreementFactory(parties=[kept, other, third])

    assert queries() == few


# ------------------------------------------------------------------ what published records need


def test_two_parties_of_a_published_record_are_not_made_one() -> None:
    kept, other = PartyFactory.create_batch(2)
    agreement = AgreementFactory(parties=[kept, other])
    ParticipationFactory(agreement=agreement, party=PartyFactory(), role="witness")

    for ask in (lambda: preview(kept, other, by=None), lambda: merged(kept, other)):
        with pytest.raises(MergeError, match=f"{agreement.ref}: a published record names two"):
            ask()

    assert Party.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("fact", [{"draft": True}, {"parties_note": "The other is not named."}])
def test_two_parties_of_a_draft_or_with_a_note_are_made_one(fact: dict[str, Any]) -> None:
    kept, other = PartyFactory.create_batch(2)
    agreement = AgreementFactory(parties=[kept, other], **fact)

    merged(kept, other)

    assert agreement.participations.get().party == kept


# ------------------------------------------------------------------ everything else


def test_every_way_to_name_a_party_is_known_to_the_merge() -> None:
    """A new kind of row that names a party must either move with it or be left out deliberately."""
    naming = {relation.get_accessor_name() for relation in Party._meta.related_objects}
    goes_with_the_party = {"alike_earlier", "alike_later"}
    of_the_merge_itself = {"merges"}

    assert (
        naming
        == {*ROWS_OF_AGREEMENTS, *ROWS_OF_ITS_OWN} | goes_with_the_party | of_the_merge_itself
    )


def test_seeds_do_not_bring_the_other_back(project_root: Any) -> None:
    seed([project_root / "fixtures" / name for name in ("areas.json", "azernews.json")])
    agreement = Agreement.objects.order_by("pk").first()
    assert agreement is not None
    other = agreement.participations.order_by("pk")[0].party
    kept = PartyFactory(name="Kept")
    merged(kept, other)

    results = seed([project_root / "fixtures" / name for name in ("areas.json", "azernews.json")])

    assert not Party.objects.filter(slug=other.slug).exists()
    assert {r.reason for r in results if r.record.key == other.slug} == {"has been removed"}


def test_pairs_of_the_other_go_with_it() -> None:
    kept, other = PartyFactory(name="Ministry of Labour"), PartyFactory(name="Ministry of Labor")
    LikelyDuplicate.objects.create(first=kept, second=other, likeness=97)

    merged(kept, other)

    assert not LikelyDuplicate.objects.exists()


def test_many_agreements_are_written_in_pieces() -> None:
    kept, other = PartyFactory(), PartyFactory()
    numbered = [Agreement(ref=f"AGR-{n:05}", title=f"Memorandum {n}") for n in range(600)]
    agreements = Agreement.objects.bulk_create(numbered)
    Participation.objects.bulk_create(Participation(agreement=a, party=other) for a in agreements)
    Agreement.objects.all().refresh_search()

    with CaptureQueriesContext(connection) as captured:
        merged(kept, other)

    assert Participation.objects.filter(party=kept).count() == 600
    assert len(captured) < 410
    assert_current()


def test_name_of_255_letters_and_odd_ones_are_kept() -> None:
    kept = PartyFactory()
    other = PartyFactory(name="Ə" * 255, short_name="<script>")
    PartyNameFactory(party=other, name="х" * 255)

    merged(kept, other)

    assert set(kept.names.values_list("name", flat=True)) == {"Ə" * 255, "х" * 255}
    kept.refresh_from_db()
    assert kept.short_name == "<script>"


def test_events_and_roles_without_the_other_stay_as_they_are() -> None:
    kept, other = PartyFactory(), PartyFactory()
    agreement = AgreementFactory(parties=[kept])
    ParticipationFactory(agreement=agreement, role="observer")
    EventFactory(agreement=agreement)
    before = contents()

    merged(kept, other)

    after = contents()
    assert after["participations"] == before["participations"]
    assert after["Event"] == before["Event"]
    assert PartyName.objects.get().name == other.name
