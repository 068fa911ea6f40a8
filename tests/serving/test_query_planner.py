"""SQLite gets statistics on its indexes after migrations and imports, but not while somebody else is writing."""

import sqlite3
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from agreements.serving.query_planner import gather_statistics
from tests.exchange.importing.files import imported
from tests.exchange.importing.test_applying import treaties
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def without_statistics(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1")


def known_indexes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'agreements_agreement'")
        return int(cursor.fetchone()[0])


def test_after_a_migration() -> None:
    AgreementFactory()

    call_command("migrate", verbosity=0)

    assert known_indexes() > 5


def test_after_an_import(tmp_path: Path) -> None:
    imported(uk_file(tmp_path, *treaties(2)), creates_parties=True)

    assert known_indexes() > 5


def test_somebody_who_is_writing_is_not_disturbed() -> None:
    AgreementFactory()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    gather_statistics()

    assert known_indexes() == 0
    other.execute("ROLLBACK")
    other.close()
    connection.close()
