"""Which records leave a tombstone, what it tells, and when it goes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from agreements.counting.register_version import current
from agreements.curation import workflow
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.history.restoring import restore
from agreements.curation.tombstones import Farewell
from agreements.curation.workflow import StepError
from agreements.domain.choices import Publication, PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Tombstone
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def publisher() -> Any:
    return colleague(StaffRole.PUBLISHER)


def published(**more: Any) -> Agreement:
    with recorded():
        agreement = AgreementFactory(parties=[PartyFactory(), PartyFactory()], **more)
        EvidenceFactory(agreement=agreement)
    return agreement


def withdraw(agreement: Agreement, by: Any, at: datetime = NOON, **told: Any) -> None:
    farewell = Farewell(**{"reason": "Entered twice", **told})
    workflow.take(
        PublicationVerb.WITHDRAW, agreement, by=by, at=at, reason="For staff", told=farewell
    )


@pytest.mark.parametrize(("shows_title", "title"), [(True, "On labour"), (False, "")])
def test_withdrawn_record_leaves_what_the_publisher_chose(
    publisher: Any, shows_title: bool, title: str
) -> None:
    agreement = published(title="On labour", ref="AGR-0005")

    withdraw(agreement, publisher, shows_title=shows_title)

    left = Tombstone.objects.get()
    assert (left.ref, left.title, left.reason) == ("AGR-0005", title, "Entered twice")
    assert left.withdrawn_at == NOON


def test_withdrawal_needs_a_reason_for_the_public(publisher: Any) -> None:
    agreement = published()

    with pytest.raises(StepError, match="Reason for the public"):
        withdraw(agreement, publisher, reason=" ")

    assert Agreement.objects.get().is_public
    assert not Tombstone.objects.exists()


def test_publishing_again_removes_it(publisher: Any) -> None:
    agreement = published()
    withdraw(agreement, publisher)

    workflow.take(PublicationVerb.PUBLISH, agreement, by=publisher, at=LATER)
    once_more = Tombstone.objects.exists()
    withdraw(agreement, publisher, at=LATER)

    assert not once_more
    assert Tombstone.objects.get().withdrawn_at == LATER


def test_record_that_stays_unpublished_leaves_none(publisher: Any) -> None:
    agreement = published(draft=True)

    workflow.take(PublicationVerb.SUBMIT, agreement, by=publisher, at=NOON)
    workflow.take(PublicationVerb.RETURN, agreement, by=publisher, at=NOON, reason="No")
    with recorded():
        agreement.delete()

    assert not Tombstone.objects.exists()


def test_deleted_record_leaves_one_without_title_and_a_restored_one_none(publisher: Any) -> None:
    agreement = published(ref="AGR-0006")
    key = agreement.pk
    with recorded(by=publisher, why="Never signed"):
        agreement.delete()
    left = Tombstone.objects.get()

    [entry] = entries_of(Agreement, key)
    restore(Agreement, key, entry, by=publisher, at=timezone.now(), why="It was")

    assert (left.ref, left.title, left.reason) == ("AGR-0006", "", "")
    assert Agreement.objects.get(pk=key).is_public
    assert not Tombstone.objects.exists()


def test_withdrawn_record_that_is_deleted_keeps_its_tombstone(publisher: Any) -> None:
    agreement = published()
    withdraw(agreement, publisher)

    with recorded(by=publisher):
        Agreement.objects.get().delete()

    assert Tombstone.objects.get().reason == "Entered twice"


def test_record_made_unpublic_in_another_way_leaves_one() -> None:
    agreement = published(title="On labour")

    with recorded():
        agreement.publication = Publication.DRAFT
        agreement.save()

    assert Tombstone.objects.get().title == ""


def test_block_that_fails_leaves_none(publisher: Any) -> None:
    agreement = published()

    def fail() -> None:
        with recorded():
            withdraw(agreement, publisher)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert not Tombstone.objects.exists()


# on PostgreSQL a transaction moves the version once
@pytest.mark.django_db(transaction=True)
def test_every_change_to_a_tombstone_moves_the_register_version() -> None:
    versions = [current()]
    left = Tombstone.objects.create(ref="AGR-0001", withdrawn_at=NOON)
    versions.append(current())
    Tombstone.objects.update(reason="Entered twice")
    versions.append(current())
    left.delete()
    versions.append(current())

    assert len({version.key for version in versions}) == 4
