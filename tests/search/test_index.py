"""What an entry holds, how long it may be, and that both databases take any of it."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Agreement, SearchEntry
from agreements.search.entries import BOUNDARY, LONGEST_TEXT, entries_of
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    PartyFactory,
    PartyNameFactory,
    PersonFactory,
    PersonNameFactory,
    SignatoryFactory,
)
from tests.properties import tried
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db


def entry_of(agreement: Agreement) -> SearchEntry:
    return SearchEntry.objects.get(agreement=agreement)


def test_entry_holds_each_name_once_in_an_order_of_its_own():
    state = PartyFactory(name="Şəki", short_name="ŞƏ")
    PartyNameFactory(party=state, name="ШЕКИ")
    bodies = [PartyFactory(name=name, parent=state) for name in ("Zeta", "Alpha")]
    agreement = AgreementFactory(
        title="On care", summary="Of all.", place="Bakı", parties=[*bodies, state],
        areas=[AreaFactory(name="Health")],
    )  # fmt: skip
    SignatoryFactory(agreement=agreement, name="N. Name")

    entry = entry_of(agreement)

    assert entry.title == "on care ¶ agr 0001"
    assert entry.body == (
        "alpha ¶ health ¶ n name ¶ se ¶ sha ¶ she ¶ seki ¶ shaki ¶ sheki ¶ sheki ¶ zeta ¶ baki ¶ baku ¶ of all"
    )


def test_bare_agreement_has_an_entry():
    agreement = AgreementFactory(title="…")

    assert entry_of(agreement).title == "agr 0001"
    assert entry_of(agreement).body == ""
    assert Agreement.objects.containing("agr-0001").get() == agreement


def test_boundary_cannot_be_searched_for():
    AgreementFactory(title="Care", summary="homes")

    assert not Agreement.objects.containing(BOUNDARY).exists()
    assert not Agreement.objects.containing(f'"care {BOUNDARY} agr"').exists()


@pytest.mark.parametrize(
    "letters",
    [
        pytest.param("a{n} ", id="ASCII"),
        pytest.param("ж{n} ", id="transliterated to two letters"),
        pytest.param("本{n}𠀀 ", id="four bytes a letter"),
    ],
)
def test_longest_text_is_stored_and_searched_to_its_limit(letters):
    long = "".join(letters.format(n=n) for n in range(50_000))[:100_000]

    agreement = AgreementFactory(title=long[:2000], summary=long)

    entry = entry_of(agreement)
    assert LONGEST_TEXT - 100 < len(entry.body) <= LONGEST_TEXT
    assert Agreement.objects.containing(f'"{letters.format(n=99)}"').exists()


def test_large_treaty_is_searched_by_each_of_its_parties():
    states = [PartyFactory(name=f"State number {n}") for n in range(290)]
    for state in states:
        PartyNameFactory(party=state, name=f"{state.name} spelled in another way")

    agreement = AgreementFactory(parties=states)

    assert len(entry_of(agreement).body) < LONGEST_TEXT
    for n in (0, 150, 289):
        assert Agreement.objects.containing(f'"state number {n} spelled"').get() == agreement


def test_loop_in_a_tree_ends():
    above = PartyFactory(name="Above")
    below = PartyFactory(name="Below", parent=above)
    type(above).objects.filter(pk=above.pk).update(parent=below)

    agreement = AgreementFactory(parties=[below])

    assert "above" in entry_of(agreement).body


def test_agreement_is_searched_by_every_name_of_who_signed_it():
    person = PersonFactory(name="Charles Michel")
    PersonNameFactory(person=person, name="Шарль Мишель")
    PersonNameFactory(name="Another Person")

    agreement = SignatoryFactory(name="C. Michel", person=person).agreement

    body = entry_of(agreement).body
    assert "charles" in body
    assert "sarl" in body or "sharl" in body
    assert "another" not in body


def test_entries_are_gathered_in_five_queries(django_assert_num_queries):
    agreements = [AgreementFactory(parties=[PartyFactory()]) for _n in range(20)]

    with django_assert_num_queries(5):
        gathered = entries_of(Agreement.objects.all(), [row.pk for row in agreements])

    assert {key: (entry.title, entry.body) for key, entry in gathered.items()} == {
        entry.pk: (entry.title, entry.body) for entry in SearchEntry.objects.all()
    }


def test_any_text_has_an_entry_that_both_databases_take():
    agreement = AgreementFactory()
    storable = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")

    @tried(50)
    @given(st.text(storable), st.text(storable))
    def save(title, summary):
        agreement.title, agreement.summary = title or "x", summary
        agreement.save()
        assert_current()

    save()


def test_shipped_records_are_indexed_when_they_are_loaded():
    call_command("seed", verbosity=0)

    assert_current()
    for query in ("Olloyerov", "Azerbaycan", "Ўзбекистон", "социальной защиты", "rehabilitation"):
        found = Agreement.objects.containing(query).values_list("ref", flat=True)
        assert "AGR-0001" in found, query


@pytest.mark.sqlite
def test_dump_and_restore_keep_the_full_text_table(tmp_path):
    AgreementFactory(title="Care")
    kept = tmp_path / "register.json"
    call_command("dumpdata", "agreements", output=str(kept), verbosity=0)
    Agreement.objects.all().delete()

    call_command("loaddata", str(kept), verbosity=0)

    assert Agreement.objects.containing("care").exists()
    assert_current()


def _delete_all_without_signals() -> None:
    Agreement.objects.all()._raw_delete(using="default")
    # PostgreSQL may have refused already, SQLite does so here
    connection.check_constraints()


def test_deleting_without_signals_is_refused_rather_than_left_over():
    AgreementFactory(title="Care")

    with pytest.raises(IntegrityError), transaction.atomic():
        _delete_all_without_signals()
