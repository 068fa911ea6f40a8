"""Versions: one of each record that a block writes, in its state at the end, with who wrote it and why."""

import contextlib
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from agreements.curation.history.past import entries_of, state_with_token
from agreements.curation.history.recording import note_about_to_change, note_written, recorded
from agreements.curation.history.states import State, state_of
from agreements.domain.choices import RowChangeKind
from agreements.models import (
    Agreement,
    Area,
    Party,
    Removal,
    SearchEntry,
    Signatory,
    Source,
)
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


def latest_state(record: type[Model], key: int) -> State:
    [latest] = entries_of(record, key, count=1)
    return latest.state


def whys(record: Any) -> list[str]:
    return [entry.why for entry in entries_of(type(record), record.pk)]


def test_a_block_keeps_who_when_and_why(editor: User) -> None:
    with recorded(by=editor, why="The source says so"):
        agreement = AgreementFactory(title="Memorandum on labour")

    [entry] = entries_of(Agreement, agreement.pk)
    assert (entry.by, entry.why, entry.changes) == (editor, "The source says so", None)
    assert entry.state.values["title"] == "Memorandum on labour"


def test_a_block_keeps_one_version_however_many_rows_it_writes() -> None:
    with recorded():
        agreement = AgreementFactory(parties=PartyFactory.create_batch(3))
        agreement.save()
        SignatoryFactory(agreement=agreement, name="A. Person")

    [entry] = entries_of(Agreement, agreement.pk)
    assert len(entry.state.rows["participations"]) == 3
    assert entry.state.rows["signatories"][0].values["name"] == "A. Person"


def test_a_version_holds_every_row_and_area_of_the_record() -> None:
    with recorded():
        agreement = AgreementFactory(areas=[AreaFactory(name="Labour")])
        for factory in (
            ParticipationFactory,
            SignatoryFactory,
            EventFactory,
            CommitmentFactory,
            DocumentFactory,
            RelationFactory,
            EvidenceFactory,
            partial(PeriodFactory, last="2030"),
            IdentifierFactory,
            LanguageVersionFactory,
        ):
            factory(agreement=agreement)

    state = latest_state(Agreement, agreement.pk)

    assert state == state_of(agreement)
    assert [area.name for area in state.values["areas"]] == ["Labour"]
    counts = {accessor: len(rows) for accessor, rows in state.rows.items()}
    assert set(counts.values()) == {1}


def test_a_change_of_a_row_alone_is_a_version_of_its_record(editor: User) -> None:
    with recorded():
        signatory = SignatoryFactory(name="A. Person")

    with recorded(by=editor, why="Misspelt"):
        signatory.name = "B. Person"
        signatory.save()

    entry = entries_of(Agreement, signatory.agreement_id)[0]
    [row] = entry.changes.rows
    assert (entry.by, entry.why) == (editor, "Misspelt")
    assert (row.kind, row.what, row.name) == (RowChangeKind.CHANGED, "Signatory", "B. Person")
    assert [(f.label, f.before, f.after) for f in row.fields] == [
        ("Name", "A. Person", "B. Person")
    ]


def test_removing_a_row_and_an_area_is_kept() -> None:
    area = AreaFactory(name="Labour")
    with recorded():
        agreement = AgreementFactory(
            areas=[area], parties=[PartyFactory(name="Ministry of Labour")]
        )

    with recorded():
        agreement.participations.get().delete()
        agreement.areas.clear()

    changes = entries_of(Agreement, agreement.pk)[0].changes
    assert [(row.kind, row.what, row.name) for row in changes.rows] == [
        (RowChangeKind.REMOVED, "Party", "Ministry of Labour")
    ]
    assert [(f.label, f.before, f.after) for f in changes.fields] == [
        ("Cooperation areas", "Labour", "")
    ]


def test_a_row_that_moves_is_in_the_versions_of_both() -> None:
    with recorded():
        event, other = EventFactory(), AgreementFactory()
    old = event.agreement

    with recorded():
        event.agreement = other
        event.save()

    assert latest_state(Agreement, old.pk).rows["events"] == []
    assert len(latest_state(Agreement, other.pk).rows["events"]) == 1


def test_a_version_is_read_anew_and_not_what_somebody_had_in_memory() -> None:
    with recorded():
        commitment = CommitmentFactory(agreement__title="Old title")
    stale = commitment.agreement
    Agreement.objects.filter(pk=stale.pk).update(title="New title")

    with recorded():
        commitment.text = "Something else"
        commitment.save()

    assert stale.title == "Old title"
    assert latest_state(Agreement, stale.pk).values["title"] == "New title"


def test_the_outer_block_counts(editor: User) -> None:
    another = User.objects.create_user("another")

    with recorded(by=editor):
        with recorded(by=another, why="Inner reason"):
            agreement = AgreementFactory()
        agreement.save()

    [entry] = entries_of(Agreement, agreement.pk)
    assert (entry.by, entry.why) == (editor, "Inner reason")


def test_an_inner_block_that_fails_leaves_nothing_behind() -> None:
    with recorded():
        kept = AgreementFactory()
        with contextlib.suppress(RuntimeError), recorded():
            lost = AgreementFactory()
            raise RuntimeError

    assert len(entries_of(Agreement, kept.pk)) == 1
    assert entries_of(Agreement, lost.pk) == []


def test_what_is_taken_back_is_not_kept() -> None:
    with recorded():
        agreement = AgreementFactory()

    with recorded(why="Never happened"):
        agreement.title = "Other"
        agreement.save()
        transaction.set_rollback(True)

    assert whys(agreement) == [""]


def test_a_record_without_versions_is_kept_as_it_was_found(editor: User) -> None:
    agreement = AgreementFactory(title="Before")

    with recorded(by=editor):
        agreement.title = "After"
        agreement.save()

    new, found = entries_of(Agreement, agreement.pk)
    assert found.by is None
    assert "As it was found" in found.why
    assert [(f.before, f.after) for f in new.changes.fields] == [("Before", "After")]


def test_what_was_changed_past_the_versions_is_a_version_before_the_next_change() -> None:
    with recorded():
        agreement = AgreementFactory(title="First")
    agreement.title = "Changed in the shell"
    agreement.save()

    with recorded(why="Third"):
        agreement.title = "Third"
        agreement.save()

    titles = [entry.state.values["title"] for entry in entries_of(Agreement, agreement.pk)]
    assert titles == ["Third", "Changed in the shell", "First"]


def test_saving_without_a_change_adds_no_version_but_its_token_is_known() -> None:
    with recorded():
        agreement = AgreementFactory(title="Same")
    first = Agreement.objects.get().edit_token

    with recorded():
        agreement.save()
    second = Agreement.objects.get().edit_token

    assert first != second
    assert len(entries_of(Agreement, agreement.pk)) == 1
    for token in (first, second):
        assert state_with_token(Agreement, agreement.pk, token).values["title"] == "Same"


@pytest.mark.parametrize("token", ["", "%", "never-given-out", "x" * 500, '", "', "_" * 22])
def test_an_unknown_token_has_no_state(token: str) -> None:
    with recorded():
        agreement = AgreementFactory()

    assert state_with_token(Agreement, agreement.pk, token) is None


def test_tokens_and_versions_of_bulk_writers(django_assert_max_num_queries: Any) -> None:
    with recorded():
        agreements = AgreementFactory.create_batch(3, title="Old")
    keys = [agreement.pk for agreement in agreements]

    with django_assert_max_num_queries(40), recorded(why="In bulk"):
        note_about_to_change(Agreement, keys)
        Agreement.objects.filter(pk__in=keys).update(title="New")
        Agreement.objects.filter(pk__in=keys).renew_edit_tokens()
        note_written(Agreement, keys)

    for agreement in agreements:
        new, old = entries_of(Agreement, agreement.pk)
        assert (new.why, new.state.values["title"], old.state.values["title"]) == (
            "In bulk",
            "New",
            "Old",
        )


def test_many_records_take_few_queries(django_assert_max_num_queries: Any) -> None:
    with recorded():
        agreements = AgreementFactory.create_batch(60)

    # one query for each save and its token, and hardly more than for a single record apart from that
    with django_assert_max_num_queries(60 * 12 + 60), recorded():
        for agreement in agreements:
            agreement.title += " changed"
            agreement.save()

    assert len(entries_of(Agreement, agreements[-1].pk)) == 2


def test_history_of_a_record_takes_the_same_queries_however_long_it_is(
    django_assert_num_queries: Any, editor: User
) -> None:
    with recorded(by=editor):
        agreement = AgreementFactory()
    for number in range(30):
        with recorded(by=editor, why=str(number)):
            agreement.title = f"Title {number}"
            agreement.save()

    with django_assert_num_queries(2):
        entries = entries_of(Agreement, agreement.pk, count=20)
        names = {entry.by.username for entry in entries}

    assert (len(entries), names, entries[0].why) == (20, {"editor"}, "29")


@pytest.mark.parametrize("factory", [AgreementFactory, PartyFactory, SourceFactory, AreaFactory])
def test_a_deleted_record_is_kept_with_who_deleted_it_and_why(factory: Any, editor: User) -> None:
    record = factory()
    key, name = record.pk, str(record)

    with recorded(by=editor, why="Entered twice"):
        record.delete()

    [removal] = Removal.objects.all()
    assert (removal.record, removal.key, removal.name) == (record._meta.label_lower, key, name)
    assert (removal.by, removal.why) == (editor, "Entered twice")
    entry = entries_of(type(record), key)[0]
    assert entry.removal == removal


def test_a_deleted_record_is_kept_with_all_its_rows() -> None:
    agreement = AgreementFactory(parties=PartyFactory.create_batch(2))
    key = agreement.pk

    with recorded():
        agreement.delete()

    assert len(latest_state(Agreement, key).rows["participations"]) == 2


def test_agreement_that_named_a_deleted_one_gets_a_version_without_it() -> None:
    with recorded():
        relation = RelationFactory()

    with recorded():
        relation.target.delete()

    assert latest_state(Agreement, relation.agreement_id).rows["relations_out"] == []


def test_names_belong_to_their_party() -> None:
    with recorded():
        party = PartyFactory()

    with recorded():
        PartyNameFactory(party=party, name="Another spelling")

    [row] = entries_of(Party, party.pk)[0].changes.rows
    assert (row.kind, row.what, row.name) == ("added", "Other name", "Another spelling")


def test_a_deleted_area_changes_its_agreements() -> None:
    area = AreaFactory(name="Labour")
    with recorded():
        agreement = AgreementFactory(areas=[area])

    with recorded():
        area.delete()

    assert latest_state(Agreement, agreement.pk).values["areas"] == ()
    assert not Area.objects.exists()


def test_outside_of_a_block_nothing_is_kept() -> None:
    signatory = SignatoryFactory()
    Signatory.objects.all().delete()

    assert entries_of(Agreement, signatory.agreement_id) == []


def test_the_search_is_current_after_the_block() -> None:
    with recorded():
        agreement = AgreementFactory(title="Memorandum on fisheries")

    assert "fisheries" in SearchEntry.objects.get(pk=agreement.pk).title


def test_a_source_that_a_version_names_can_be_read_after_it_is_gone() -> None:
    source = SourceFactory(publisher="The Gazette", title="News", url="")
    with recorded():
        evidence = EvidenceFactory(source=source)
        EvidenceFactory(agreement=evidence.agreement)
    agreement = evidence.agreement

    with recorded():
        evidence.delete()
        source.delete()

    [row] = entries_of(Agreement, agreement.pk)[0].changes.rows
    assert "The Gazette: News" in row.name
    assert not Source.objects.filter(publisher="The Gazette").exists()


def test_a_record_found_by_a_block_that_fails_is_found_again_by_the_outer_one() -> None:
    agreement = AgreementFactory(title="Before")

    with recorded():
        with contextlib.suppress(RuntimeError), recorded():
            agreement.title = "Taken back"
            agreement.save()
            raise RuntimeError
        agreement.title = "After"
        agreement.save()

    titles = [entry.state.values["title"] for entry in entries_of(Agreement, agreement.pk)]
    assert titles == ["After", "Before"]


def test_moment_is_held_in_utc_in_whatever_time_it_was_typed() -> None:
    in_baku = datetime(2023, 10, 20, 17, 54, tzinfo=timezone(timedelta(hours=4)))
    source = SourceFactory(published_at=in_baku)

    typed, stored = state_of(source), state_of(Source.objects.get())

    assert typed.values["published_at"] == "2023-10-20T13:54:00+00:00"
    assert typed == stored
