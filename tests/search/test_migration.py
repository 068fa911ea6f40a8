"""Registers that are older than the search keep their records and are searched at once."""

import pytest
from django.db import connection

from agreements.models import Agreement
from tests.factories import AgreementFactory, PartyFactory

BEFORE = "0001_initial"
SEARCH = "0002_search"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old_register(migrate):
    """Three agreements as they stood before there was a search."""
    party = PartyFactory(name="Azərbaycan")
    for n in range(3):
        AgreementFactory(ref=f"AGR-{n:04d}", title=f"Care {n}", parties=[party])
    return migrate(BEFORE)


@pytest.mark.usefixtures("old_register")
def test_existing_records_are_indexed_and_kept(migrate):
    new = migrate(SEARCH)

    entries = new.get_model("agreements", "SearchEntry").objects.order_by("pk")
    assert [(entry.title, entry.body) for entry in entries] == [
        (f"care {n} ¶ agr {n:04d}", "azerbaycan") for n in range(3)
    ]
    assert found("azerbaycan") == found("care") == 3
    assert new.get_model("agreements", "SearchWord").objects.count() == 2


def test_taking_the_search_away_keeps_the_records(migrate, old_register):
    with connection.cursor() as cursor:
        left = connection.introspection.get_table_list(cursor)
    assert not [table.name for table in left if "search" in table.name]
    assert old_register.get_model("agreements", "Agreement").objects.count() == 3

    migrate(SEARCH)

    assert found("care") == 3


def found(word: str) -> int:
    return Agreement.objects.containing(word).count()
