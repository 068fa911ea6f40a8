"""Migrations: the day columns are named once, no changes are left to migrate, and historical models keep them right."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from pytest_django import DjangoDbBlocker

from tests.domain.partial_dates.letters import Letter, stored


def letters_state() -> ProjectState:
    state = ProjectState()
    state.add_model(ModelState.from_model(Letter))
    return state


def detected(before: ProjectState, after: ProjectState) -> list[Operation]:
    changes = MigrationAutodetector(before, after)._detect_changes()  # type: ignore[attr-defined]
    return [step for migration in changes.get("letters", []) for step in migration.operations]


def written(operations: list[Operation]) -> Migration:
    """The migration as read back from its file."""
    migration = Migration("0001_initial", "letters")
    migration.operations = operations  # type: ignore[misc]
    names: dict[str, Any] = {}
    exec(MigrationWriter(migration, include_header=False).as_string(), names)  # noqa: S102
    read_back: Migration = names["Migration"]("0001_initial", "letters")
    return read_back


def test_migrations_name_the_day_columns_once_and_are_stable() -> None:
    (create, *_constraints) = detected(ProjectState(), letters_state())
    names = [name for name, _field in create.fields]  # type: ignore[attr-defined]
    assert sorted(names) == [
        *("id", "received", "received_earliest", "received_latest"),
        *("signed", "signed_earliest", "signed_latest", "subject"),
    ]

    migrated = written(detected(ProjectState(), letters_state())).mutate_state(ProjectState())

    assert detected(migrated, letters_state()) == []
    old_letter = migrated.apps.get_model("letters", "Letter")
    assert sorted(field.name for field in old_letter._meta.fields) == sorted(names)


def test_renaming_the_field_renames_the_days() -> None:
    renamed = letters_state()
    for suffix in ("", "_earliest", "_latest"):
        renamed.rename_field("letters", "letter", f"received{suffix}", f"arrived{suffix}")
    old = letters_state().models["letters", "letter"].fields
    new = renamed.models["letters", "letter"].fields
    for suffix in ("", "_earliest", "_latest"):
        was, became = old[f"received{suffix}"], new[f"arrived{suffix}"]
        assert was.deconstruct()[1:] == became.deconstruct()[1:]


def letters_without_dates() -> ProjectState:
    state = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("subject", models.CharField(max_length=50, blank=True)),
    ]
    state.add_model(ModelState("letters", "Letter", fields))
    return state


@pytest.fixture
def migrated_letters(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[type[models.Model]]:
    """A migration's model, whose table got its dates when it already had rows."""
    create = written(detected(ProjectState(), letters_without_dates()))
    add_dates = written(detected(letters_without_dates(), letters_state()))
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            state = create.apply(ProjectState(), editor)
        state.apps.get_model("letters", "Letter").objects.create(subject="old")
        with connection.schema_editor() as editor:
            state = add_dates.apply(state, editor)
        letter = state.apps.get_model("letters", "Letter")
        try:
            yield letter
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(letter)


def test_a_migration_adds_dates_and_its_models_keep_the_days_right(
    migrated_letters: type[models.Model],
) -> None:
    rows = migrated_letters._default_manager
    letter: Any = rows.get(subject="old")
    assert stored(letter) == ("", None, None)
    letter.signed = "2023-08"
    letter.save(update_fields=["signed"])
    assert stored(letter) == ("2023-08", date(2023, 8, 1), date(2023, 8, 31))
