"""The table of letters, created and dropped for each test file that uses it."""

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
    """An empty table of letters."""
