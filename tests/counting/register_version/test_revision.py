"""Every change that the public can see moves the register version, whatever writes it; other changes do not."""

import threading
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from agreements.counting.register_version import KEPT, are_missing, current, touched_since
from agreements.counting.register_version.triggers import install, uninstall
from agreements.domain.choices import Publication
from agreements.models import (
    Agreement,
    Area,
    Event,
    Party,
    PartyName,
    RevisionShard,
    SearchEntry,
    Source,
    TouchedAgreement,
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
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

# On PostgreSQL a transaction moves the version once, however much it changes: each change needs its own transaction.
pytestmark = pytest.mark.django_db(transaction=True)

BELONGING = {
    "commitment": CommitmentFactory,
    "document": DocumentFactory,
    "event": EventFactory,
    "evidence": EvidenceFactory,
    "identifier": IdentifierFactory,
    "language version": LanguageVersionFactory,
    "participation": ParticipationFactory,
    "period": partial(PeriodFactory, last="2030"),
    "relation": RelationFactory,
    "signatory": SignatoryFactory,
}


def touched(write):
    """Return the keys that `write` touches; an empty set if it only moved the version, None if it did not move it."""
    before = current()
    write()
    now = current()
    if now == before:
        return None
    return touched_since(before, now)


def changed(agreement):
    """Save it with a change that the public sees; without one, the version would not change."""
    agreement.title += "!"
    agreement.save()


def row_of(agreement, kind):
    if kind == "participation":
        return ParticipationFactory(agreement=agreement, party=PartyFactory())
    if kind == "evidence":
        return EvidenceFactory(agreement=agreement, source=SourceFactory())
    if kind == "relation":
        return RelationFactory(agreement=agreement, target=AgreementFactory())
    if kind == "document":
        return DocumentFactory(agreement=agreement, is_public=True)
    return BELONGING[kind](agreement=agreement)


def test_an_agreement_is_touched_by_every_way_of_writing():
    agreement = AgreementFactory()

    assert touched(lambda: changed(agreement)) == {agreement.pk}
    assert touched(lambda: Agreement.objects.update(title="Other")) == {agreement.pk}
    agreement.place = "Ganja"
    assert touched(lambda: Agreement.objects.bulk_update([agreement], ["place"])) == {agreement.pk}
    with connection.cursor() as cursor:
        assert touched(
            lambda: cursor.execute("UPDATE agreements_agreement SET place = 'Baku'")
        ) == {agreement.pk}


def test_publishing_withdrawing_and_deleting_touch_it():
    agreement = AgreementFactory(draft=True)
    rows = Agreement.objects.filter(pk=agreement.pk)

    assert touched(lambda: rows.update(title="Still a draft")) is None
    assert touched(lambda: rows.update(publication=Publication.PUBLISHED)) == {agreement.pk}
    assert touched(lambda: rows.update(publication=Publication.WITHDRAWN)) == {agreement.pk}
    assert touched(lambda: rows.update(title="Not public any more")) is None
    rows.update(publication=Publication.PUBLISHED)
    assert touched(rows.delete) == {agreement.pk}


@pytest.mark.parametrize("kind", BELONGING)
def test_a_row_of_a_published_agreement_touches_it(kind):
    agreement = AgreementFactory()
    row = row_of(agreement, kind)
    rows = type(row).objects.filter(pk=row.pk)

    assert touched(row.save) >= {agreement.pk}
    assert touched(rows.delete) >= {agreement.pk}


@pytest.mark.parametrize("kind", BELONGING)
def test_a_row_of_a_draft_moves_nothing(kind):
    row = row_of(AgreementFactory(draft=True), kind)

    assert touched(row.save) is None
    assert touched(type(row).objects.filter(pk=row.pk).delete) is None


def test_a_row_that_changes_hands_touches_both():
    one, other = AgreementFactory(), AgreementFactory()
    signatory = SignatoryFactory(agreement=one)
    signatory.agreement = other

    assert touched(signatory.save) == {one.pk, other.pk}


def test_areas_and_relations_touch_both_sides():
    agreement, other, area = AgreementFactory(), AgreementFactory(), AreaFactory()

    assert touched(lambda: agreement.areas.add(area)) >= {agreement.pk}
    assert touched(lambda: agreement.areas.clear()) >= {agreement.pk}
    assert touched(lambda: RelationFactory(agreement=agreement, target=other)) >= {
        agreement.pk,
        other.pk,
    }


def test_shared_rows_move_the_revision():
    party, area, source = PartyFactory(), AreaFactory(), SourceFactory()
    ParticipationFactory(party=party)
    EvidenceFactory(source=source)

    assert touched(lambda: Party.objects.update(name="Renamed")) == set()
    assert touched(lambda: PartyName.objects.create(party=party, name="Another")) is not None
    assert touched(lambda: Area.objects.update(name="Renamed")) == set()
    assert touched(lambda: Source.objects.filter(pk=source.pk).update(title="Renamed")) == set()
    assert touched(lambda: AreaFactory(parent=area)) == set()


def test_what_counts_are_taken_over_touches_all():
    state, body = PartyFactory(), PartyFactory(country="")
    ParticipationFactory(party=body)

    for change in ({"parent": state}, {"country": "UZ"}):
        before = current()
        Party.objects.filter(pk=body.pk).update(**change)
        assert current() != before
        assert touched_since(before, current()) is None


def test_a_change_that_is_rolled_back_leaves_no_trace():
    agreement = AgreementFactory()
    before = current()
    try:
        with transaction.atomic():
            changed(agreement)
            moved = current()
            raise LookupError
    except LookupError:
        pass

    assert current() == before
    changed(agreement)
    assert current() not in (before, moved)
    assert touched_since(before, current()) == {agreement.pk}
    assert touched_since(moved, current()) is None


def test_of_two_changes_in_the_same_place_one_rolled_back_none_passes_for_the_other():
    agreement = AgreementFactory()
    with transaction.atomic():
        changed(agreement)
        moved = current()
        transaction.set_rollback(True)
    changed(agreement)

    assert {n for n, _nonce in current().shards.values()} == {
        n for n, _nonce in moved.shards.values()
    }
    assert touched_since(moved, current()) is None


def test_only_the_latest_changes_are_remembered():
    agreement = AgreementFactory()
    before = current()
    RevisionShard.objects.update(number=F("number") + KEPT + 5)

    changed(agreement)

    assert touched_since(before, current()) is None
    shard = _moved(before)
    forgotten = before.shards[shard][0]
    assert not TouchedAgreement.objects.filter(shard=shard, number__lte=forgotten).exists()


def _moved(before):
    """Return the shard that the last change moved: the one with another nonce."""
    now = current().shards
    return next(shard for shard in now if now[shard][1] != before.shards[shard][1])


def test_key_is_short_and_differs():
    agreement = AgreementFactory()
    before = current().key
    changed(agreement)

    assert len(before) == 16
    assert before != current().key


def test_the_triggers_stand_after_a_flush_and_a_migrate_with_nothing_to_do():
    agreement = AgreementFactory()

    call_command("migrate", verbosity=0)

    assert touched(lambda: changed(agreement)) == {agreement.pk}


def test_the_triggers_come_back_when_an_update_was_broken_off():
    agreement = AgreementFactory()
    uninstall(connection)
    assert are_missing(connection)

    # everything is already migrated, as with the previous release
    call_command("migrate", verbosity=0)

    assert not are_missing(connection)
    assert touched(lambda: changed(agreement)) == {agreement.pk}


def test_what_they_move_comes_back_when_a_flush_was_broken_off():
    agreement = AgreementFactory()
    RevisionShard.objects.all().delete()
    assert are_missing(connection)

    call_command("migrate", verbosity=0)

    assert touched(lambda: changed(agreement)) == {agreement.pk}


def test_what_a_search_finds_moves_it():
    agreement = AgreementFactory()
    entries = SearchEntry.objects.filter(pk=agreement.pk)

    assert touched(lambda: entries.update(body="found by this")) == {agreement.pk}


def test_what_is_forgotten_while_it_is_read_is_not_taken_for_unchanged(monkeypatch):
    agreement = AgreementFactory()
    before = current()
    changed(agreement)
    now = current()
    moved = max(number - before.shards[shard][0] for shard, (number, _) in now.shards.items())
    monkeypatch.setattr("agreements.counting.register_version.reading.KEPT", moved)
    # more of each shard than is kept
    for _time in range(40):
        changed(agreement)

    assert now.follows(before)
    assert touched_since(before, now) is None


@pytest.mark.postgresql
def test_two_transactions_that_change_the_register_do_not_wait_for_one_another():
    one, other = AgreementFactory(), AgreementFactory()
    before = current()
    saved, trouble = threading.Event(), []

    def save_beside():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            changed(other)
            saved.set()
        except Exception as error:  # noqa: BLE001 - reported by the assertion below
            trouble.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        changed(one)
        thread = threading.Thread(target=save_beside)
        thread.start()
        thread.join(10)
        assert saved.is_set(), trouble
        seen_between = current()

    assert touched_since(before, seen_between) == {one.pk, other.pk}
    assert touched_since(before, current()) == {one.pk, other.pk}


@pytest.mark.postgresql
def test_a_change_that_commits_late_is_not_missed():
    """The first transaction takes its number first and commits last; a reader in between must notice it later."""
    late, early = AgreementFactory(), AgreementFactory()
    between = []

    def read_and_save():
        try:
            changed(early)
            between.append(current())
        finally:
            connection.close()

    with transaction.atomic():
        changed(late)
        thread = threading.Thread(target=read_and_save)
        thread.start()
        thread.join(10)

    assert touched_since(between[0], current()) == {late.pk}


@pytest.mark.postgresql
def test_rows_of_a_register_that_was_small_a_moment_ago_do_not_each_read_all_of_it():
    """Triggers are planned once per session, which for a first import means when there are hardly any rows."""

    def reads() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'agreements_agreement'"
            )
            return cursor.fetchone()

    AgreementFactory.create_batch(4)
    agreement = AgreementFactory()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL ANALYZE agreements_agreement")

    with transaction.atomic():
        whole_before, rows_before = reads()
        Event.objects.bulk_create(EventFactory.build_batch(20, agreement=agreement))
        whole, rows = reads()

    assert (whole - whole_before, rows - rows_before) == (0, 20)


def test_after_a_migration_nothing_passes_for_what_was_before():
    AgreementFactory()
    before = current()

    install(connection)

    assert not current().follows(before)
    assert not before.follows(current())
    assert touched_since(before, current()) is None
