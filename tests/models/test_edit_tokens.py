"""A record's token is renewed at every write of the record or its rows, and stays the same otherwise."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.utils import timezone

from agreements.domain.choices import EventKind, RelationKind
from agreements.domain.facts import EvidenceCode
from agreements.exchange.seeding import state_of
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Participation,
    PartyName,
    Period,
    Relation,
    Signatory,
    tokens_renewed_once,
)
from tests.factories import AgreementFactory, AreaFactory, PartyFactory, SourceFactory

pytestmark = pytest.mark.django_db

FACTORIES = [AgreementFactory, PartyFactory, AreaFactory, SourceFactory]


def token(record: Any) -> str:
    return str(type(record).objects.values_list("edit_token", flat=True).get(pk=record.pk))


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_record_begins_with_a_token_of_its_own(factory: Any) -> None:
    first, second = factory(), factory()

    assert len({token(first), token(second), ""}) == 3


@pytest.mark.parametrize("factory", FACTORIES)
def test_saving_a_record_renews_its_token(factory: Any) -> None:
    record = factory()
    before = token(record)

    record.save()

    assert token(record) not in ("", before)
    assert record.edit_token == token(record)


@pytest.mark.parametrize("factory", FACTORIES)
def test_saving_one_field_renews_the_token_too(factory: Any) -> None:
    record = factory()
    before, field = token(record), "title" if hasattr(record, "title") else "name"

    record.save(update_fields=[field])

    assert token(record) != before


WRITES: dict[str, Callable[[Agreement], Any]] = {
    "party": lambda a: Participation.objects.create(agreement=a, party=PartyFactory()),
    "signatory": lambda a: Signatory.objects.create(agreement=a, name="A. Person"),
    "event": lambda a: Event.objects.create(agreement=a, kind=EventKind.MEETING),
    "document": lambda a: Document.objects.create(
        agreement=a, kind="other", title="Text", address="https://example.org/text"
    ),
    "relation": lambda a: Relation.objects.create(
        agreement=a, kind=RelationKind.AMENDS, target=AgreementFactory()
    ),
    "commitment": lambda a: Commitment.objects.create(agreement=a, text="Meet yearly"),
    "period": lambda a: Period.objects.create(agreement=a, kind="extension", last="2030"),
    "identifier": lambda a: ExternalIdentifier.objects.create(
        agreement=a, scheme="celex", value="22021A0430(01)"
    ),
    "language version": lambda a: LanguageVersion.objects.create(agreement=a, language="az"),
    "evidence": lambda a: Evidence.objects.create(
        agreement=a, fact=EvidenceCode.TITLE, source=SourceFactory()
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_renews_the_token_of_its_agreement_when_added_changed_and_removed(
    write: Callable[[Agreement], Any],
) -> None:
    agreement = AgreementFactory()
    seen = [token(agreement)]

    row = write(agreement)
    seen.append(token(agreement))
    row.save()
    seen.append(token(agreement))
    row.delete()
    seen.append(token(agreement))

    assert len(set(seen)) == 4


def test_a_row_that_moves_renews_both_agreements() -> None:
    old, other = AgreementFactory(), AgreementFactory()
    event = Event.objects.create(agreement=old, kind=EventKind.MEETING)
    before = token(old), token(other)

    event.agreement = other
    event.save()

    assert token(old) != before[0]
    assert token(other) != before[1]


def test_a_relation_belongs_to_the_agreement_that_says_it() -> None:
    agreement, target = AgreementFactory(), AgreementFactory()
    before = token(target)

    Relation.objects.create(agreement=agreement, kind=RelationKind.AMENDS, target=target)

    assert token(target) == before


def test_an_agreement_that_goes_renews_those_that_named_it() -> None:
    agreement, target = AgreementFactory(), AgreementFactory()
    Relation.objects.create(agreement=agreement, kind=RelationKind.AMENDS, target=target)
    before = token(agreement)

    target.delete()

    assert token(agreement) != before


def test_a_name_renews_the_token_of_its_party() -> None:
    party = PartyFactory()
    before = token(party)

    PartyName.objects.create(party=party, name="Another spelling")

    assert token(party) != before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda a, area: a.areas.add(area), id="added"),
        pytest.param(lambda a, area: a.areas.set([area]), id="set"),
        pytest.param(lambda a, area: area.agreements.add(a), id="added from its side"),
    ],
)
def test_an_area_renews_the_token_of_the_agreement(change: Callable[[Any, Any], None]) -> None:
    agreement, area = AgreementFactory(), AreaFactory()
    before = token(agreement)

    change(agreement, area)

    assert token(agreement) != before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda a, area: a.areas.clear(), id="cleared"),
        pytest.param(lambda a, area: area.agreements.clear(), id="cleared from its side"),
        pytest.param(lambda a, area: area.agreements.remove(a), id="removed from its side"),
        pytest.param(lambda a, area: area.delete(), id="deleted"),
    ],
)
def test_an_area_that_is_taken_away_renews_it_as_well(change: Callable[[Any, Any], Any]) -> None:
    agreement, area = AgreementFactory(), AreaFactory()
    agreement.areas.add(area)
    before = token(agreement)

    change(agreement, area)

    assert token(agreement) != before


def test_reading_and_deriving_leave_the_token_alone() -> None:
    agreement = AgreementFactory()
    before = token(agreement)

    Agreement.objects.filter(pk=agreement.pk).refresh_derived()
    Agreement.objects.filter(pk=agreement.pk).refresh_search()

    assert token(agreement) == before


def test_a_row_alone_moves_the_day_on_which_its_agreement_was_updated() -> None:
    agreement, long_ago = AgreementFactory(), timezone.now() - timedelta(days=400)
    Agreement.objects.update(updated_at=long_ago)

    Signatory.objects.create(agreement=agreement, name="A. Person")

    agreement.refresh_from_db()
    assert agreement.updated_at > timezone.now() - timedelta(minutes=1)


def test_many_rows_renew_once() -> None:
    agreement = AgreementFactory()
    rows = [Event(agreement=agreement, kind=EventKind.MEETING, note=str(n)) for n in range(20)]

    with tokens_renewed_once():
        before = token(agreement)
        for row in rows:
            row.save()
        assert token(agreement) == before

    assert token(agreement) != before


def test_what_is_taken_back_renews_nothing() -> None:
    agreement = AgreementFactory()
    before = token(agreement)

    with tokens_renewed_once():
        Signatory.objects.create(agreement=agreement, name="A. Person")
        transaction.set_rollback(True)

    assert token(agreement) == before


def test_bulk_writers_renew_many_in_one_query(django_assert_num_queries: Any) -> None:
    agreements = AgreementFactory.create_batch(3)
    before = {token(agreement) for agreement in agreements}

    with django_assert_num_queries(1):
        renewed = Agreement.objects.filter(pk__in=[a.pk for a in agreements]).renew_edit_tokens()

    assert renewed == 3
    assert not before & {token(agreement) for agreement in agreements}


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_token_is_no_part_of_what_a_fixture_is_compared_with(factory: Any) -> None:
    record = factory()
    before = state_of(record)

    type(record).objects.filter(pk=record.pk).renew_edit_tokens()
    record.refresh_from_db()

    assert state_of(record) == before


def test_loading_a_fixture_over_a_record_renews_its_token() -> None:
    agreement = AgreementFactory()
    before = token(agreement)
    [row] = serializers.serialize("python", [agreement])
    del row["fields"]["edit_token"]

    for loaded in serializers.deserialize("python", [row]):
        loaded.save()

    assert token(agreement) != before


def test_a_block_that_fails_within_another_renews_nothing() -> None:
    agreement, other = AgreementFactory(), AgreementFactory()
    before = token(agreement), token(other)

    with tokens_renewed_once():
        Signatory.objects.create(agreement=agreement, name="A. Person")
        with contextlib.suppress(RuntimeError), tokens_renewed_once():
            Signatory.objects.create(agreement=other, name="B. Person")
            raise RuntimeError

    assert token(agreement) != before[0]
    assert token(other) == before[1]
