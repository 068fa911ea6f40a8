"""What a published record must keep, whatever writes to it."""

from collections.abc import Callable

import pytest

from agreements.curation.history.completeness import IncompleteError
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.choices import Publication, Role
from agreements.models import Agreement, Evidence, Participation
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db


def whole(**facts: object) -> Agreement:
    agreement: Agreement = AgreementFactory(parties=PartyFactory.create_batch(2), **facts)
    EvidenceFactory(agreement=agreement)
    return agreement


def last_source_deleted(agreement: Agreement) -> None:
    agreement.evidence.get().delete()


def last_source_moved(agreement: Agreement) -> None:
    evidence = agreement.evidence.get()
    evidence.agreement = AgreementFactory()
    evidence.save()


def party_deleted(agreement: Agreement) -> None:
    agreement.participations.first().delete()


def party_made_a_witness(agreement: Agreement) -> None:
    row = agreement.participations.first()
    row.role = Role.WITNESS
    row.save()


def title_emptied(agreement: Agreement) -> None:
    agreement.title = " "
    agreement.save()


@pytest.mark.parametrize(
    ("loss", "what"),
    [
        (last_source_deleted, "rests on a source"),
        (last_source_moved, "rests on a source"),
        (party_deleted, "names two parties, or says why it cannot"),
        (party_made_a_witness, "names two parties, or says why it cannot"),
        (title_emptied, "needs a title"),
    ],
)
def test_published_record_keeps_what_it_needs(loss: Callable[[Agreement], None], what: str) -> None:
    agreement = whole()
    rows = (list(Evidence.objects.values()), list(Participation.objects.values()))

    with (
        pytest.raises(IncompleteError, match=f"{agreement.ref}: a published record {what}") as told,
        recorded(),
    ):
        loss(agreement)

    assert "withdraw" in str(told.value)
    assert (list(Evidence.objects.values()), list(Participation.objects.values())) == rows
    assert len(entries_of(Agreement, agreement.pk)) == 0


@pytest.mark.parametrize("publication", sorted(set(Publication) - {Publication.PUBLISHED}))
def test_others_may_lose_it(publication: Publication) -> None:
    agreement = whole(publication=publication)

    with recorded():
        last_source_deleted(agreement)
        party_deleted(agreement)

    assert not agreement.evidence.exists()


def test_what_a_record_lacked_before_it_may_go_on_lacking() -> None:
    agreement = AgreementFactory()

    with recorded():
        agreement.place = "Baku"
        agreement.save()

    assert len(entries_of(Agreement, agreement.pk)) == 2


def test_another_source_in_its_place_is_enough() -> None:
    agreement = whole()

    with recorded():
        last_source_deleted(agreement)
        EvidenceFactory(agreement=agreement)

    assert agreement.evidence.count() == 1


def test_note_says_why_there_are_fewer_parties() -> None:
    agreement = whole(parties_note="The other one is secret.")

    with recorded():
        party_deleted(agreement)

    assert agreement.participations.count() == 1


def test_record_that_is_withdrawn_or_deleted_at_once_may_lose_it() -> None:
    withdrawn, deleted = whole(), whole()

    with recorded():
        last_source_deleted(withdrawn)
        withdrawn.publication = Publication.WITHDRAWN
        withdrawn.save()
        deleted.delete()

    assert not withdrawn.evidence.exists()


def test_many_records_are_named_together() -> None:
    several = [whole() for _each in range(3)]

    with pytest.raises(IncompleteError) as told, recorded():
        Evidence.objects.all().delete()

    assert str(told.value).startswith(", ".join(each.ref for each in several) + ": a published")
