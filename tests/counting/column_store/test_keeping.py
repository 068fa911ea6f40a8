"""Columns kept from one request to the next equal those that a new read would give, whatever has changed."""

import random
from datetime import date

import numpy as np
import pytest
from django.core.signals import request_finished
from django.db import connection, transaction
from django.http import QueryDict

from agreements.counting.column_store import Counts, current_columns
from agreements.counting.column_store.keeping import forget
from agreements.counting.column_store.loading import _upwards, load
from agreements.counting.column_store.segments import Columns
from agreements.domain.choices import Publication
from agreements.models import Agreement, Area, Party
from agreements.selection.selection import Selection
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    PartyFactory,
    RelationFactory,
)
from tests.registers import make_varied_register

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _nothing_kept():
    forget()
    yield
    forget()


def with_document(seen):
    return seen.segment.marked("document")


def everything(columns):
    """Return everything that can be counted over these columns, and every key in each order."""
    counts = Counts(columns, day=TODAY)
    return {
        "total": counts.total(),
        "status": counts.by_status(),
        "kind": counts.by_column("kind"),
        "document": counts.by_whether(with_document),
        "area": counts.by_area(),
        "party": counts.by_party(),
        "country": counts.by_country(),
        "year": counts.by_year(),
        "without_area": counts.without_area(),
        "days_to_sign": counts.days_to_sign(),
        "first": sorted(counts.soonest("signed_earliest", 1)),
    }


def listed(sort=""):
    selection = Selection(QueryDict(f"sort={sort}" if sort else ""), today=TODAY)
    return [agreement.pk for agreement in selection.listed]


def test_asking_again_costs_one_query(django_assert_num_queries):
    AgreementFactory()
    first = current_columns()

    with django_assert_num_queries(1):
        assert current_columns() is first


def test_a_change_of_one_is_read_for_one(django_assert_max_num_queries):
    agreements = [AgreementFactory(kind="mou") for _ in range(3)]
    before = current_columns()
    Agreement.objects.filter(pk=agreements[1].pk).update(kind="treaty")

    after = current_columns()

    assert len(after.segments[-1]) == 1
    assert after.segments[0].keys is before.segments[0].keys
    assert Counts(after).by_column("kind") == {"mou": 2, "treaty": 1}
    # a count that began earlier still sees the old state
    assert Counts(before).by_column("kind") == {"mou": 3}


@pytest.mark.parametrize(
    "leave",
    [
        lambda rows: rows.update(publication=Publication.WITHDRAWN),
        lambda rows: rows.update(publication=Publication.DRAFT),
        lambda rows: rows.delete(),
    ],
    ids=["withdrawn", "draft again", "deleted"],
)
def test_what_leaves_the_public_is_counted_no_more(leave):
    stays, goes = AgreementFactory(), AgreementFactory(parties=[PartyFactory(country="UZ")])
    current_columns()

    leave(Agreement.objects.filter(pk=goes.pk))

    counts = Counts(current_columns())
    assert counts.total() == 1
    assert counts.by_country() == {}
    assert listed() == [stays.pk]


def test_rows_around_an_agreement_are_read_with_it():
    agreement, party, area = AgreementFactory(), PartyFactory(country="JP"), AreaFactory()
    current_columns()

    agreement.participations.create(party=party)
    agreement.areas.add(area)
    DocumentFactory(agreement=agreement, is_public=True)

    counts = Counts(current_columns())
    assert (counts.by_country(), counts.by_area()) == ({"JP": 1}, {area.pk: 1})
    assert counts.by_whether(with_document) == {"true": 1, "false": 0}


def test_a_party_or_an_area_that_moves_is_counted_where_it_is_now():
    state, body, above, below = PartyFactory(), PartyFactory(), AreaFactory(), AreaFactory()
    AgreementFactory(parties=[body], areas=[below])
    current_columns()

    Party.objects.filter(pk=body.pk).update(parent=state)
    Area.objects.filter(pk=below.pk).update(parent=above)

    counts = Counts(current_columns())
    assert counts.by_party() == {state.pk: 1, body.pk: 1}
    assert counts.by_area() == {above.pk: 1, below.pk: 1}


def test_a_party_that_goes_is_not_a_reason_to_read_everything_again():
    AgreementFactory()
    party, area = PartyFactory(), AreaFactory()
    before = current_columns()

    party.delete()
    area.delete()

    assert current_columns().segments[0].keys is before.segments[0].keys


def test_links_to_rows_that_were_deleted_while_they_were_read_are_left_out():
    links = np.array([0, 5], np.int32), np.array([0, 1], np.uint32)

    nodes, places = _upwards(links, np.array([-1, 0], np.int32))

    assert (nodes.tolist(), places.tolist()) == ([0, 5], [0, 1])
    assert [part.tolist() for part in _upwards(links, np.zeros(0, np.int32))] == [[0, 5], [0, 1]]


def test_a_code_that_only_sql_can_write_is_counted_nowhere(client):
    AgreementFactory(kind="mou")
    AgreementFactory()
    Agreement.objects.filter(pk=Agreement.objects.latest("pk").pk).update(
        kind="unknown-one", legal_nature="unknown-one", verification="unknown-one"
    )

    assert Counts(current_columns()).by_column("kind") == {"mou": 1}
    for address in ("/agreements/", "/statistics/"):
        assert client.get(address).status_code == 200


def test_many_changes_at_once_do_not_make_a_page_ask_for_all_of_them():
    agreements = AgreementFactory.create_batch(40, signed="2020")
    current_columns()
    Agreement.objects.filter(pk__in=[one.pk for one in agreements[:30]]).update(kind="treaty")

    page = Counts(current_columns()).page(0, 5, "-signed")

    assert len(page.keys) == 10


def test_a_transaction_keeps_nothing():
    AgreementFactory()
    kept = current_columns()
    with transaction.atomic():
        AgreementFactory()
        assert Counts(current_columns()).total() == 2
        transaction.set_rollback(True)

    assert current_columns() is kept
    assert Counts(current_columns()).total() == 1


def publish_or_not(agreement, chance):
    agreement.publication = chance.choice(Publication.values)


def sign_at_another_time(agreement, chance):
    agreement.signed = chance.choice([None, "2015-06", "2018~", "2020/.."])


def terminate_or_not(agreement, chance):
    agreement.terminated = chance.choice([None, "2019-05-05"])


def change_areas(agreement, chance):
    agreement.areas.set(chance.sample(list(Area.objects.all()), 2))


def change_parties(agreement, chance):
    agreement.participations.all().delete()
    agreement.participations.create(party=chance.choice(list(Party.objects.all())))


def add_another(agreement, chance):
    AgreementFactory(signed="2021", parties=list(Party.objects.all())[:1])


def add_document(agreement, chance):
    DocumentFactory(agreement=agreement, is_public=chance.random() < 0.5)


CHANGES = [
    publish_or_not,
    sign_at_another_time,
    terminate_or_not,
    change_areas,
    change_parties,
    add_another,
    add_document,
]


def test_kept_columns_are_those_that_would_be_read_anew_after_any_changes():
    """A hundred and fifty changes of all kinds, so that segments are added, removed and joined."""
    make_varied_register()
    chance = random.Random(5)
    for step in range(150):
        agreement = chance.choice(list(Agreement.objects.all()))
        if step % 9 == 0:
            agreement.delete()
        else:
            chance.choice(CHANGES)(agreement, chance)
            agreement.save()
        if step % 3 == 0:
            assert everything(current_columns()) == everything(Columns((load(),))), step

    for sort in ("-signed", "signed"):
        in_sql = Selection(QueryDict(f"sort={sort}"), today=TODAY).agreements
        assert listed(sort) == [agreement.pk for agreement in in_sql]


def test_many_changes_at_once_are_read_as_a_whole():
    make_varied_register()
    current_columns()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE agreements_agreement SET kind = 'treaty'")

    columns = current_columns()

    assert set(Counts(columns).by_column("kind")) == {"treaty"}
    assert everything(columns) == everything(Columns((load(),)))


def test_memory_is_given_back_at_the_end_of_a_request_that_counted(client, monkeypatch):
    given_back = []
    monkeypatch.setattr(
        "agreements.counting.column_store.keeping.give_back", lambda: given_back.append(True)
    )
    AgreementFactory()
    request_finished.send(None)
    given_back.clear()

    client.get("/about/")
    request_finished.send(None)
    assert given_back == []

    client.get("/agreements/")
    request_finished.send(None)
    assert given_back != []


def test_relation_is_seen_from_the_day_on_which_the_other_agreement_is_published():
    relation = RelationFactory(
        agreement=AgreementFactory(), target=AgreementFactory(publication=Publication.DRAFT)
    )
    related = Selection(QueryDict("has_relation=true"), today=TODAY)
    assert related.count == 0

    for publication, found in ((Publication.PUBLISHED, 2), (Publication.WITHDRAWN, 0)):
        relation.target.publication = publication
        relation.target.save()

        assert Selection(QueryDict("has_relation=true"), today=TODAY).count == found
