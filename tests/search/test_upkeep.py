"""Whatever changes, the index is correct when the transaction ends: it is compared with every row."""

import threading
import time
from collections.abc import Callable
from importlib import import_module
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import (
    Agreement,
    Area,
    Participation,
    Party,
    PartyName,
    Person,
    PersonName,
    SearchEntry,
    SearchWord,
    Signatory,
    search_refreshed_once,
)
from agreements.search import refreshing
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    EventFactory,
    IdentifierFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    PersonNameFactory,
    SignatoryFactory,
)
from tests.properties import tried
from tests.search.registers import assert_current, make_register
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db

Change = Callable[[Random], Any]


def any_of(random: Random, model: Any) -> Any:
    """A row of this model, or None if there is none any more."""
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    return model.objects.get(pk=random.choice(keys)) if keys else None


def save(row: Any, **values: Any) -> None:
    if row is not None:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()


def reparent(random: Random, model: Any) -> None:
    """Put a branch under another row, or at the top where that would close a loop."""
    row, above = any_of(random, model), any_of(random, model)
    save(row, parent=None if row in [above, *above.ancestors()] else above)


def remove_party(random: Random) -> None:
    free = Party.objects.filter(participations=None, children=None, signatories=None)
    free.filter(pk__in=list(free.values_list("pk", flat=True))[:1]).delete()


CHANGES: dict[str, Change] = {
    "agreement entered": lambda r: AgreementFactory(title="Entered", parties=[any_of(r, Party)]),
    "agreement retitled": lambda r: save(any_of(r, Agreement), title=f"Retitled {r.random()}"),
    "summary and place": lambda r: save(any_of(r, Agreement), summary="Şəki", place="Bakı"),
    "one column saved": lambda r: any_of(r, Agreement).save(update_fields=["publication"]),
    "agreement deleted": lambda r: any_of(r, Agreement).delete(),
    "agreements deleted": lambda r: Agreement.objects.filter(
        pk__in=[any_of(r, Agreement).pk, any_of(r, Agreement).pk]
    ).delete(),
    "participant added": lambda r: Participation.objects.get_or_create(
        agreement=any_of(r, Agreement), party=any_of(r, Party), role="witness"
    ),
    "participant exchanged": lambda r: save(any_of(r, Participation), party=any_of(r, Party), role=str(r.random())[:20]),
    "participant moved": lambda r: save(any_of(r, Participation), agreement=any_of(r, Agreement), role=str(r.random())[:20]),
    "participant removed": lambda r: (row := any_of(r, Participation)) and row.delete(),
    "participants removed": lambda r: Participation.objects.filter(party=any_of(r, Party)).delete(),
    "signatory added": lambda r: SignatoryFactory(agreement=any_of(r, Agreement), as_published="Olloyerov"),
    "signatory renamed": lambda r: save(any_of(r, Signatory), name=f"Renamed {r.random()}", as_published=""),
    "signatory moved": lambda r: save(any_of(r, Signatory), agreement=any_of(r, Agreement), name=f"Moved {r.random()}"),
    "signatory removed": lambda r: (row := any_of(r, Signatory)) and row.delete(),
    "signatory identified": lambda r: save(any_of(r, Signatory), person=PersonNameFactory(name=f"Шарль {r.random()}").person),
    "signatory unidentified": lambda r: save(any_of(r, Signatory), person=None),
    "person renamed": lambda r: save(any_of(r, Person), name=f"Renamed {r.random()}"),
    "person respelled": lambda r: save(any_of(r, PersonName), name=f"Respelled {r.random()}"),
    "person's spelling moved": lambda r: save(any_of(r, PersonName), person=any_of(r, Person), name=f"Moved {r.random()}"),
    "person's spelling removed": lambda r: (row := any_of(r, PersonName)) and row.delete(),
    "party renamed": lambda r: save(any_of(r, Party), name=f"Renamed {r.random()}", short_name="RN"),
    "party reparented": lambda r: reparent(r, Party),
    "party removed": remove_party,
    "spelling added": lambda r: PartyNameFactory(party=any_of(r, Party), name=f"Spelled {r.random()}"),
    "spelling changed": lambda r: save(any_of(r, PartyName), name=f"Respelled {r.random()}"),
    "spelling moved": lambda r: save(any_of(r, PartyName), party=any_of(r, Party), name=f"Moved {r.random()}"),
    "spelling removed": lambda r: (row := any_of(r, PartyName)) and row.delete(),
    "areas chosen": lambda r: any_of(r, Agreement).areas.set([any_of(r, Area)]),
    "area added": lambda r: any_of(r, Agreement).areas.add(any_of(r, Area)),
    "area taken off": lambda r: any_of(r, Agreement).areas.remove(any_of(r, Area)),
    "areas cleared": lambda r: any_of(r, Agreement).areas.clear(),
    "agreements of an area": lambda r: any_of(r, Area).agreements.set([any_of(r, Agreement)]),
    "agreements of an area cleared": lambda r: any_of(r, Area).agreements.clear(),
    "area renamed": lambda r: save(any_of(r, Area), name=f"Renamed {r.random()}"[:120]),
    "area reparented": lambda r: reparent(r, Area),
    "area removed": lambda r: (row := Area.objects.filter(children=None).first()) and row.delete(),
    "areas removed": lambda r: Area.objects.filter(children=None).delete(),
    "area entered": lambda r: AreaFactory(parent=any_of(r, Area)) if any_of(r, Area) else AreaFactory(),
}  # fmt: skip


@pytest.fixture
def register():
    put_back(twelve_agreements)


def twelve_agreements():
    make_register(Random(8), agreements=12)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.usefixtures("register")
def test_index_is_current_after(name):
    random = Random(name)
    assert_current()

    for _n in range(3):
        CHANGES[name](random)

    assert_current()


@pytest.mark.usefixtures("register")
def test_index_is_current_after_any_changes_at_once_or_one_by_one():
    @tried(15)
    @given(
        st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=6),
        st.integers(0, 10**6).map(Random),
        st.booleans(),
    )
    def change(names, random, at_once):
        with transaction.atomic():
            with search_refreshed_once() if at_once else transaction.atomic():
                for name in names:
                    if Agreement.objects.exists() and Area.objects.exists():
                        CHANGES[name](random)
            assert_current()
            transaction.set_rollback(True)

    change()
    assert_current()


# ------------------------------------------------------------------ no more than is needed


@pytest.fixture
def agreement():
    party = PartyFactory(name="Agency", parent=PartyFactory(state=True))
    made = AgreementFactory(title="Care", parties=[party], areas=[AreaFactory()])
    SignatoryFactory(agreement=made)
    return made


def queries_of(change: Callable[[], Any], *, table: str = "search") -> int:
    """How many queries of a change touch the index."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        change()
    return sum(f"agreements_{table}" in query["sql"] for query in captured)


def test_what_is_not_searched_leaves_the_index_alone(agreement):
    agreement.internal_notes = "x"
    agreement.publication = "withdrawn"
    party = Party.objects.get(name="Agency")
    party.website = "https://agency.example"

    assert queries_of(agreement.save) == 0
    assert queries_of(lambda: agreement.save(update_fields=["publication"])) == 0
    assert queries_of(party.save) == 0
    assert queries_of(lambda: EventFactory(agreement=agreement)) == 0


def test_saving_an_agreement_costs_the_same_however_large_it_is(
    agreement, django_assert_num_queries
):
    def retitle():
        agreement.title += "x"
        refreshed = Agreement.objects.filter(pk=agreement.pk)
        Agreement.objects.filter(pk=agreement.pk).update(title=agreement.title)
        refreshed.refresh_search()

    with CaptureQueriesContext(connection) as small:
        retitle()
    for _n in range(40):
        ParticipationFactory(agreement=agreement)
        SignatoryFactory(agreement=agreement)
    with django_assert_num_queries(len(small)):
        retitle()

    assert len(small) <= 14


def test_renaming_a_party_costs_the_same_for_few_agreements_and_for_many():
    party = PartyFactory(name="Before")
    AgreementFactory(parties=[party])

    def rename(name):
        party.name = name
        party.save()

    with CaptureQueriesContext(connection) as few:
        rename("Between")
    for _n in range(60):
        AgreementFactory(parties=[party])
    with CaptureQueriesContext(connection) as many:
        rename("After")

    assert len(many) == len(few)
    assert Agreement.objects.containing("after").count() == 61
    assert Agreement.objects.containing('"before"').count() == 0


def test_rows_that_go_with_their_agreement_are_not_indexed_first(agreement):
    for _n in range(10):
        SignatoryFactory(agreement=agreement)
        ParticipationFactory(agreement=agreement)

    assert queries_of(agreement.delete) == 1
    assert_current()


def test_many_agreements_are_refreshed_in_chunks(monkeypatch, register):
    monkeypatch.setattr(refreshing, "CHUNK", 5)
    SearchEntry.objects.all().delete()

    assert Agreement.objects.all().refresh_search() == 12
    assert_current()
    assert Agreement.objects.all().refresh_search() == 0


def test_bulk_writers_refresh_what_they_wrote():
    made = Agreement.objects.bulk_create(
        Agreement(ref=f"BLK-{n:04d}", title=f"Bulk {n}") for n in range(3)
    )
    assert Agreement.objects.containing("bulk").count() == 0

    assert Agreement.objects.filter(ref__gt="BLK-0000").refresh_search() == 2

    assert set(Agreement.objects.containing("bulk")) == set(made[1:])


# ------------------------------------------------------------------ in one transaction


def test_what_is_rolled_back_is_not_found(agreement):
    def fail():
        with transaction.atomic():
            agreement.title = "Never"
            agreement.save()
            assert Agreement.objects.containing("never").exists()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not Agreement.objects.containing("never").exists()
    assert Agreement.objects.containing("care").exists()


def test_many_rows_are_indexed_once(agreement):
    def enter():
        with search_refreshed_once():
            for _n in range(30):
                SignatoryFactory(agreement=agreement)
                ParticipationFactory(agreement=agreement)

    assert queries_of(enter, table="searchentry") <= 3
    assert_current()


def test_block_within_a_block_ends_with_the_outer_one(agreement):
    with search_refreshed_once():
        with search_refreshed_once():
            SignatoryFactory(agreement=agreement, name="Inner")
        assert not Agreement.objects.containing("inner").exists()

    assert Agreement.objects.containing("inner").exists()


def test_failed_block_leaves_nothing_behind(agreement):
    def fail():
        with search_refreshed_once():
            SignatoryFactory(agreement=agreement, name="Never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    SignatoryFactory(agreement=agreement, name="Afterwards")
    assert Agreement.objects.containing("afterwards").exists()
    assert_current()


def test_dry_run_takes_its_block_back(agreement):
    with search_refreshed_once():
        SignatoryFactory(agreement=agreement, name="Never")
        transaction.set_rollback(True)

    assert_current()
    assert not Signatory.objects.filter(name="Never").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_people_who_save_one_agreement_are_both_indexed():
    agreement = AgreementFactory(title="Care")

    def enter_second():
        SignatoryFactory(agreement=agreement, name="Second")
        connection.close()

    other = threading.Thread(target=enter_second)
    with transaction.atomic():
        SignatoryFactory(agreement=agreement, name="First")
        other.start()
        _wait_until_somebody_waits()
    other.join()

    assert_current()


def _wait_until_somebody_waits() -> None:
    for _n in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("The second writer never waited for the first.")


# ------------------------------------------------------------------ vocabulary


def test_words_of_what_is_saved_are_noted_once():
    AgreementFactory(title="Rehabilitation, rehabilitation of the 2nd kind", summary="on it 2023")
    AgreementFactory(title="REHABİLİTATION")

    words = sorted(SearchWord.objects.values_list("word", flat=True))

    assert words == ["kind", "rehabilitation"]


def test_identifiers_that_were_there_before_they_were_searched_are_found() -> None:
    identifier = IdentifierFactory(scheme="celex", value="22021A0430(01)")
    IdentifierFactory(agreement=identifier.agreement, scheme="imported-row", value="digest")
    SearchEntry.objects.update(body="")
    migration = import_module("agreements.migrations.0032_spellings")

    migration.compose_index(apps, SimpleNamespace(connection=connection))

    assert Agreement.objects.containing("22021A0430(01)").get() == identifier.agreement
    assert not Agreement.objects.containing("digest").exists()
