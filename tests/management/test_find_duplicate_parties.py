"""manage.py find_duplicate_parties: country by country, and a second run changes nothing."""

import io

import pytest
from django.core.management import call_command

from agreements.models import LikelyDuplicate
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db


def find(**options: object) -> str:
    out = io.StringIO()
    call_command("find_duplicate_parties", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def namesakes() -> None:
    for country in ("AZ", "AZ", "UZ", "", ""):
        PartyFactory(name="Ministry of Labour", country=country)


def test_pairs_of_every_country_are_found() -> None:
    assert find() == "Pairs: 2 created, 0 changed, 0 removed, 0 unchanged.\n"
    assert {str(pair.first.country) for pair in LikelyDuplicate.objects.all()} == {"AZ", ""}


def test_second_run_changes_nothing() -> None:
    find()

    assert find() == "Pairs: 0 created, 0 changed, 0 removed, 2 unchanged.\n"


def test_dry_run_writes_nothing() -> None:
    said = find(dry_run=True)

    assert (
        said
        == "Pairs: 2 created, 0 changed, 0 removed, 0 unchanged (dry run: nothing was written).\n"
    )
    assert not LikelyDuplicate.objects.exists()
