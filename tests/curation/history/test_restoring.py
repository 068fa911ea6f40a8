"""Restoring a version: the whole record as it was, or a sentence that says what prevents it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from agreements.curation import workflow
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.history.restoring import RestoreError, restore
from agreements.curation.history.states import State, state_of
from agreements.curation.merging.merges import merge, undo
from agreements.domain.choices import Publication, PublicationVerb, RelationKind, Role, TermKind
from agreements.domain.permissions import StaffRole
from agreements.models import (
    Agreement,
    Area,
    Change,
    Document,
    FormerPartySlug,
    Import,
    ImportedRecord,
    Participation,
    Party,
    PartyMerge,
    PublicationStep,
    Removal,
    SearchEntry,
    Source,
)
from agreements.models.references import ReferenceCounter
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


def back_to(model: Any, key: int, number: int, by: Any = None) -> Any:
    """Restore the version `number`, counted from the first."""
    entry = entries_of(model, key)[::-1][number]
    return restore(model, key, entry, by=by, at=timezone.now(), why="It was right before")


def full_agreement() -> Agreement:
    with recorded():
        agreement: Agreement = AgreementFactory(
            title="Memorandum on labour",
            parties_note="A third party is not named.",
            signed="2023-08",
            areas=[AreaFactory(name="Labour")],
            parties=PartyFactory.create_batch(2),
        )
        for factory in (
            SignatoryFactory,
            EventFactory,
            CommitmentFactory,
            DocumentFactory,
            RelationFactory,
            EvidenceFactory,
        ):
            factory(agreement=agreement)
    return agreement


def test_a_version_comes_back_with_all_its_rows(editor: User) -> None:
    agreement = full_agreement()
    was = state_of(Agreement.objects.get(pk=agreement.pk))
    with recorded():
        agreement.title, agreement.signed = "Spoilt", None
        agreement.save()
        agreement.areas.set([AreaFactory()])
        agreement.participations.first().delete()
        agreement.signatories.update(name="Spoilt")
        agreement.events.all().delete()
        EventFactory(agreement=agreement)
        CommitmentFactory(agreement=agreement)

    back_to(Agreement, agreement.pk, 0, by=editor)

    assert state_of(Agreement.objects.get(pk=agreement.pk)) == was
    latest = entries_of(Agreement, agreement.pk)[0]
    assert (latest.by, latest.why, latest.state) == (editor, "It was right before", was)


def test_a_restored_version_can_be_restored_away_again() -> None:
    agreement = full_agreement()
    with recorded():
        agreement.title = "Second"
        agreement.save()
    back_to(Agreement, agreement.pk, 0)

    back_to(Agreement, agreement.pk, 1)

    assert Agreement.objects.get(pk=agreement.pk).title == "Second"
    assert len(entries_of(Agreement, agreement.pk)) == 4


def test_the_publication_stays_as_it_is() -> None:
    with recorded():
        agreement = AgreementFactory(draft=True, title="Draft")
    published_at = timezone.now()
    with recorded():
        agreement.title, agreement.publication = "Published", Publication.PUBLISHED
        agreement.published_at = published_at
        agreement.save()

    restored = back_to(Agreement, agreement.pk, 0)

    restored.refresh_from_db()
    assert (restored.title, restored.publication) == ("Draft", Publication.PUBLISHED)
    assert restored.published_at == published_at


def test_what_is_derived_follows() -> None:
    target = AgreementFactory()
    with recorded():
        agreement = AgreementFactory(
            signed="2020-01-01", in_force="2020-01-01", term_kind=TermKind.FIXED, term_months=12
        )
        RelationFactory(agreement=agreement, target=target, kind=RelationKind.SUPERSEDES)
        EvidenceFactory.create_batch(2, agreement=agreement)
    expires = agreement.expires
    with recorded():
        agreement.term, agreement.signed = "P2Y", None
        agreement.save()
        agreement.relations_out.all().delete()
        agreement.evidence.first().delete()
    target.refresh_from_db()
    assert target.superseded_on is None

    back_to(Agreement, agreement.pk, 0)

    agreement, target = Agreement.objects.get(pk=agreement.pk), Agreement.objects.get(pk=target.pk)
    assert agreement.expires == expires
    assert str(agreement.signed_earliest) == "2020-01-01"
    assert agreement.verification == "corroborated"
    assert str(target.superseded_on) == "2020-01-01"


def test_the_search_follows() -> None:
    with recorded():
        agreement = AgreementFactory(title="Fisheries", parties=[PartyFactory(name="Sea Board")])
    with recorded():
        agreement.title = "Forestry"
        agreement.save()
        agreement.participations.all().delete()

    back_to(Agreement, agreement.pk, 0)

    entry = SearchEntry.objects.get(pk=agreement.pk)
    assert "fisheries" in entry.title
    assert "sea board" in entry.body


def test_rows_that_changed_places_come_back() -> None:
    one, other = PartyFactory.create_batch(2)
    with recorded():
        agreement = AgreementFactory(parties=[one, other])
    first, second = agreement.participations.all()
    with recorded():
        first.role = Role.WITNESS
        first.save()
        second.party = one
        second.save()
        first.party, first.role = other, Role.PARTY
        first.save()

    back_to(Agreement, agreement.pk, 0)

    assert [row.party for row in Participation.objects.order_by("position")] == [one, other]


def test_a_row_keeps_its_id() -> None:
    with recorded():
        commitment = CommitmentFactory()
    key, agreement = commitment.pk, commitment.agreement
    with recorded():
        commitment.delete()

    back_to(Agreement, agreement.pk, 0)

    assert agreement.commitments.get().pk == key


def test_evidence_comes_and_goes_with_its_document() -> None:
    with recorded():
        agreement = AgreementFactory(draft=True)
    with recorded():
        document = DocumentFactory(agreement=agreement)
        evidence = EvidenceFactory(agreement=agreement, source=None, document=document)

    back_to(Agreement, agreement.pk, 0)
    assert not Document.objects.exists()

    back_to(Agreement, agreement.pk, 1)
    assert agreement.evidence.get().document == agreement.documents.get() == document

    with recorded():
        Agreement.objects.get(pk=agreement.pk).delete()
    assert not Document.objects.exists()
    back_to(Agreement, agreement.pk, 1)

    assert Agreement.objects.get().evidence.get() == evidence
    assert Document.objects.get() == document


def test_a_deleted_agreement_comes_back_as_it_was(editor: User) -> None:
    agreement = full_agreement()
    long_ago = timezone.now() - timedelta(days=400)
    Agreement.objects.filter(pk=agreement.pk).update(created_at=long_ago)
    Agreement.objects.filter(pk=agreement.pk).renew_edit_tokens()
    was, key, ref = state_of(Agreement.objects.get(pk=agreement.pk)), agreement.pk, agreement.ref
    with recorded(by=editor):
        agreement.delete()

    restored = back_to(Agreement, key, -1)

    restored = Agreement.objects.get(pk=restored.pk)
    assert (restored.pk, restored.ref, restored.created_at) == (key, ref, long_ago)
    assert state_of(restored) == was
    assert Removal.objects.get().restored_at is not None
    assert SearchEntry.objects.filter(pk=key).exists()
    assert entries_of(Agreement, key)[0].why == "It was right before"


def test_a_restored_reference_is_not_given_again() -> None:
    agreement = AgreementFactory()
    key = agreement.pk
    with recorded():
        agreement.delete()

    back_to(Agreement, key, -1)

    assert ReferenceCounter.take()[0] != Agreement.objects.get().ref


@pytest.mark.parametrize("factory", [PartyFactory, SourceFactory, AreaFactory])
def test_other_deleted_records_come_back_with_their_slug(factory: Any) -> None:
    record = factory()
    model, key, slug = type(record), record.pk, record.slug
    with recorded():
        record.delete()

    back_to(model, key, -1)

    assert model.objects.get(pk=key).slug == slug


def test_a_party_comes_back_with_its_names_and_the_addresses_it_had() -> None:
    party = PartyFactory(slug="first", name="Ministry of Labour")
    PartyNameFactory(party=party, name="Labour Ministry")
    party.slug = "second"
    party.save()
    key = party.pk
    with recorded():
        party.delete()
    assert not FormerPartySlug.objects.exists()

    restored = back_to(Party, key, -1)

    assert restored.slug == "second"
    assert [row.name for row in restored.names.all()] == ["Labour Ministry"]
    assert [row.slug for row in restored.former_slugs.all()] == ["first"]


def test_a_former_address_that_another_has_now_stays_with_it() -> None:
    party = PartyFactory(slug="first")
    party.slug = "second"
    party.save()
    key = party.pk
    with recorded():
        party.delete()
    PartyFactory(slug="first")

    restored = back_to(Party, key, -1)

    assert not restored.former_slugs.exists()


def test_an_older_slug_comes_back_and_the_one_in_between_leads_on() -> None:
    with recorded():
        party = PartyFactory(slug="first")
    with recorded():
        party.slug = "second"
        party.save()

    back_to(Party, party.pk, 0)

    party.refresh_from_db()
    assert party.slug == "first"
    assert [row.slug for row in party.former_slugs.all()] == ["second"]


def test_what_the_version_names_must_exist() -> None:
    party = PartyFactory(name="Ministry of Labour")
    with recorded():
        agreement = AgreementFactory(title="Before", parties=[party])
    with recorded():
        agreement.participations.all().delete()
        agreement.title = "After"
        agreement.save()
        party.delete()

    with pytest.raises(RestoreError, match="Ministry of Labour” no longer exists"):
        back_to(Agreement, agreement.pk, 0)

    assert Agreement.objects.get(pk=agreement.pk).title == "After"
    assert len(entries_of(Agreement, agreement.pk)) == 2


def test_an_area_that_is_gone_is_named() -> None:
    area = AreaFactory(name="Labour")
    with recorded():
        agreement = AgreementFactory(areas=[area])
    with recorded():
        area.delete()

    with pytest.raises(RestoreError, match="Cooperation areas: “Labour” no longer exists"):
        back_to(Agreement, agreement.pk, 0)


def test_once_what_is_missing_is_restored_the_rest_follows() -> None:
    area = AreaFactory(name="Labour")
    with recorded():
        agreement = AgreementFactory(areas=[area])
    key = area.pk
    with recorded():
        area.delete()

    back_to(Area, key, -1)
    back_to(Agreement, agreement.pk, 0)

    assert [row.name for row in agreement.areas.all()] == ["Labour"]


def test_a_slug_that_is_taken_is_named_with_who_has_it() -> None:
    party = PartyFactory(slug="labour")
    key = party.pk
    with recorded():
        party.delete()
    PartyFactory(slug="labour", name="Another ministry")

    with pytest.raises(RestoreError, match="“labour” is now used by “Another ministry”"):
        back_to(Party, key, -1)

    assert not Party.objects.filter(pk=key).exists()


def test_an_address_of_a_source_that_is_taken_is_refused_in_words() -> None:
    source = SourceFactory(url="https://news.example/one")
    key = source.pk
    with recorded():
        source.delete()
    SourceFactory(url="https://news.example/one")

    with pytest.raises(RestoreError, match="There is already a source with this URL"):
        back_to(Source, key, -1)


def test_uploaded_files_come_back_with_their_rows() -> None:
    with recorded():
        document = DocumentFactory(uploaded=True)
    name, digest, agreement = document.file.name, document.sha256, document.agreement
    with recorded():
        document.delete()

    back_to(Agreement, agreement.pk, 0)

    restored = Document.objects.get()
    assert (restored.file.name, restored.sha256) == (name, digest)
    assert restored.file.storage.exists(name)


def test_an_identical_version_of_a_record_that_is_there_changes_nothing() -> None:
    agreement = full_agreement()

    back_to(Agreement, agreement.pk, 0)

    assert len(entries_of(Agreement, agreement.pk)) == 1
    assert ParticipationFactory._meta.model.objects.count() == 2


def test_what_an_older_version_did_not_know_of_stays_as_it_is() -> None:
    agreement = full_agreement()
    with recorded():
        agreement.title, agreement.place = "Second", "Baku"
        agreement.save()
    entry = entries_of(Agreement, agreement.pk)[-1]
    older = replace(
        entry,
        state=State({"title": "Of long ago"}, {"events": []}),
    )

    restore(Agreement, agreement.pk, older, by=None, at=timezone.now(), why="")

    stored = Agreement.objects.get(pk=agreement.pk)
    assert (stored.title, stored.place, stored.events.count()) == ("Of long ago", "Baku", 0)
    assert (stored.participations.count(), stored.areas.count()) == (2, 1)


# ------------------------------------------------------------------ parties that have since been merged


def merged_away(kept: Party, other: Party) -> PartyMerge:
    return merge(kept, other, by=None, at=timezone.now())


def of_two(*parties: Party) -> Agreement:
    with recorded():
        agreement: Agreement = AgreementFactory(draft=True, title="Before", parties=parties)
        SignatoryFactory(agreement=agreement, party=parties[0])
    with recorded():
        agreement.title = "After"
        agreement.save()
    return agreement


def test_a_party_that_was_merged_away_is_the_one_it_was_merged_into() -> None:
    kept, other, partner = PartyFactory(), PartyFactory(), PartyFactory()
    agreement = of_two(other, partner)
    merged_away(kept, other)

    back_to(Agreement, agreement.pk, 0)

    stored = Agreement.objects.get(pk=agreement.pk)
    assert stored.title == "Before"
    assert {row.party for row in stored.participations.all()} == {kept, partner}
    assert stored.signatories.get().party == kept


def test_merges_of_merges_are_followed_to_the_end() -> None:
    first, second, last, partner = PartyFactory.create_batch(4)
    agreement = of_two(first, partner)
    merged_away(second, first)
    merged_away(last, second)

    back_to(Agreement, agreement.pk, 0)

    assert {row.party for row in agreement.participations.all()} == {last, partner}


def test_two_parties_that_are_one_by_now_come_back_once() -> None:
    kept, other = PartyFactory.create_batch(2)
    agreement = of_two(other, kept)
    merged_away(kept, other)

    back_to(Agreement, agreement.pk, 0)

    assert [row.party for row in agreement.participations.all()] == [kept]


def test_a_merge_that_was_undone_is_not_followed() -> None:
    kept, other, partner = PartyFactory.create_batch(3)
    agreement = of_two(other, partner)
    row = merged_away(kept, other)
    undo(row, by=None, at=timezone.now())

    back_to(Agreement, agreement.pk, 0)

    assert {row.party_id for row in agreement.participations.all()} == {other.pk, partner.pk}


def test_a_party_that_was_merged_away_comes_back_by_undoing_the_merge_alone() -> None:
    kept, other = PartyFactory(name="Ministry of Labour"), PartyFactory(name="Labor Ministry")
    merged_away(kept, other)

    with pytest.raises(RestoreError, match="“Labor Ministry” was merged into “Ministry of Labour”"):
        back_to(Party, other.pk, -1)

    assert not Party.objects.filter(name="Labor Ministry").exists()


def test_where_the_party_was_merged_into_is_gone_too_it_is_named() -> None:
    kept, other, partner = PartyFactory(), PartyFactory(name="Labor Ministry"), PartyFactory()
    agreement = of_two(other, partner)
    merged_away(kept, other)
    agreement.signatories.all().delete()
    agreement.participations.filter(party=kept).delete()
    Party.objects.get(pk=kept.pk).delete()

    with pytest.raises(RestoreError, match="“Labor Ministry” no longer exists"):
        back_to(Agreement, agreement.pk, 0)


# ------------------------------------------------------------------ what is restored with a record


def test_steps_and_public_log_of_a_deleted_record_come_back_in_their_places() -> None:
    publisher = colleague(StaffRole.PUBLISHER)
    with recorded():
        agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
        EvidenceFactory(agreement=agreement)
    now = timezone.now()
    workflow.take(PublicationVerb.PUBLISH, agreement, by=publisher, at=now)
    workflow.take(PublicationVerb.WITHDRAW, agreement, by=publisher, at=now, reason="A mistake")
    workflow.take(PublicationVerb.PUBLISH, agreement, by=publisher, at=now)
    with recorded(by=publisher):
        agreement.refresh_from_db()
        agreement.place = "Baku"
        agreement.save()
    later = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=later)
    workflow.take(PublicationVerb.PUBLISH, later, by=publisher, at=now)
    steps, log = list(PublicationStep.objects.values()), list(Change.objects.values())
    key = agreement.pk
    with recorded():
        agreement.delete()
    assert (PublicationStep.objects.count(), Change.objects.count()) == (1, 1)

    back_to(Agreement, key, -1)

    assert list(PublicationStep.objects.values()) == steps
    assert list(Change.objects.values()) == log
    assert [change["kind"] for change in reversed(log)] == [
        "published",
        "published_again",
        "changed",
        "published",
    ]


def test_a_step_of_an_account_that_is_gone_does_not_come_back() -> None:
    publisher = colleague(StaffRole.PUBLISHER)
    agreement = AgreementFactory(draft=True)
    workflow.take(PublicationVerb.SUBMIT, agreement, by=publisher, at=timezone.now())
    key = agreement.pk
    with recorded():
        agreement.delete()
    publisher.delete()

    back_to(Agreement, key, -1)

    assert not PublicationStep.objects.exists()


# ------------------------------------------------------------------ relations of other records to a deleted one


def superseded() -> tuple[Agreement, Agreement]:
    """A record that has since been deleted, and the published one that supersedes it."""
    with recorded():
        old = AgreementFactory(signed="2010-01-01", in_force="2010-01-01")
        new = AgreementFactory(signed="2020-01-01", in_force="2020-01-01")
        RelationFactory(agreement=new, target=old, kind=RelationKind.SUPERSEDES, note="Article 9")
    key = old.pk
    with recorded():
        Agreement.objects.get(pk=key).delete()
    return Agreement(pk=key), new


def test_what_superseded_a_deleted_record_does_so_again() -> None:
    old, new = superseded()
    assert not new.relations_out.exists()

    back_to(Agreement, old.pk, -1)

    relation = new.relations_out.get()
    assert (relation.target_id, relation.kind, relation.note) == (
        old.pk,
        RelationKind.SUPERSEDES,
        "Article 9",
    )
    assert str(Agreement.objects.get(pk=old.pk).superseded_on) == "2020-01-01"
    assert entries_of(Agreement, new.pk)[0].why == "It was right before"


def test_a_relation_of_a_record_that_is_gone_too_comes_back_with_that() -> None:
    with recorded():
        old, new = AgreementFactory(), AgreementFactory()
        RelationFactory(agreement=new, target=old)
    keys = old.pk, new.pk
    with recorded():
        Agreement.objects.filter(pk__in=keys).delete()

    for key in keys:
        back_to(Agreement, key, -1)

    assert Agreement.objects.get(pk=keys[1]).relations_out.get().target_id == keys[0]


def test_who_may_not_change_the_other_record_brings_no_relation_of_it_back() -> None:
    old, new = superseded()

    back_to(Agreement, old.pk, -1, by=colleague(StaffRole.EDITOR))

    assert not new.relations_out.exists()


def test_an_imported_record_comes_back_into_its_import() -> None:
    at = timezone.now()
    with recorded():
        agreement = AgreementFactory(draft=True)
    run = Import.objects.create(state="applied", uploaded_at=at, applied_at=at)
    line = ImportedRecord.objects.create(
        run=run, row=2, outcome="created", agreement=agreement, ref=agreement.ref
    )
    with recorded():
        Agreement.objects.get().delete()

    back_to(Agreement, agreement.pk, -1)

    line.refresh_from_db()
    assert line.agreement_id == agreement.pk


def test_a_record_that_came_back_as_it_was_stands_under_its_earlier_tokens_too() -> None:
    with recorded():
        agreement = AgreementFactory(draft=True)
    earlier = Agreement.objects.get().edit_token
    with recorded():
        Agreement.objects.get().delete()

    back_to(Agreement, agreement.pk, -1)

    tokens = entries_of(Agreement, agreement.pk)[0].state.tokens
    assert tokens == (Agreement.objects.get().edit_token, earlier)


# ------------------------------------------------------------------ what a published record needs


@pytest.mark.parametrize("lacking", ["evidence", "participations"])
def test_a_version_without_what_a_published_record_needs_is_refused(lacking: str) -> None:
    with recorded():
        agreement = AgreementFactory(title="Bare", draft=True)
        if lacking != "participations":
            ParticipationFactory.create_batch(2, agreement=agreement)
        if lacking != "evidence":
            EvidenceFactory(agreement=agreement)
    with recorded():
        ParticipationFactory.create_batch(2, agreement=agreement)
        EvidenceFactory(agreement=agreement)
        agreement.publication = Publication.PUBLISHED
        agreement.save()

    with pytest.raises(RestoreError, match=f"{agreement.ref}: a published record") as refusal:
        back_to(Agreement, agreement.pk, 0)

    assert "withdraw" in str(refusal.value)
    assert getattr(agreement, lacking).exists()
