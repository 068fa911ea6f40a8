"""The table of letters, made and dropped around each file of tests that asks for it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.domain.partial_dates.letters import Letter


@pytest.fixture(scope="module")
def letters_table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Letter)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Letter)


@pytest.fixture
def letters(letters_table: None, db: None) -> None:
    """The empty table of letters."""
